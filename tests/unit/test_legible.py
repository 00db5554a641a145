"""One form for each kind of thing, and strangers' texts that cannot do anything."""

from math import inf, nan

import pytest

from sluice.legible import (
    MOST_MARKS,
    ago_text,
    bytes_text,
    coins_text,
    count_text,
    difficulty_text,
    duration_text,
    hashrate_text,
    odds_text,
    percent_text,
    printable,
    seconds_to_block,
    several,
    when_text,
    with_unit,
    words_of,
    writable,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 H/s"),
        (12.34, "12.3 H/s"),
        (999.4, "999 H/s"),
        (999.6, "1 kH/s"),
        (1_851_234, "1.85 MH/s"),
        (72e15, "72 PH/s"),
        (1.5e18, "1.5 EH/s"),
        (1.21e21, "1.21 ZH/s"),
        (5e22, "50 ZH/s"),
        (3e24, "3 YH/s"),
        (2e27, "2 RH/s"),
        (7e30, "7 QH/s"),
        (7e34, "7e+04 QH/s"),
        (inf, "? H/s"),
        (nan, "? H/s"),
    ],
)
def test_hash_rates_have_three_digits_and_a_unit(number: float, text: str) -> None:
    assert hashrate_text(number) == text
    assert with_unit(number, "H/s") == text


@pytest.mark.parametrize(
    ("difficulty", "text"),
    [
        (0, "0"),
        (1e-12, "1e-12"),
        (1e-9, "0.000000001"),
        (2.52512e-05, "0.00002525"),
        (9.99999e-05, "0.0001"),
        (0.000123456, "0.0001235"),
        (1, "1"),
        (4096, "4096"),
        (1_270_000, "1.27 M"),
        (8.41e13, "84.1 T"),
    ],
)
def test_difficulties_are_short(difficulty: float, text: str) -> None:
    assert difficulty_text(difficulty) == text


def test_counts_bytes_coins_and_parts() -> None:
    assert [several(number, "block") for number in (0, 1, 2_000)] == ["0 blocks", "1 block", "2,000 blocks"]
    assert several(2, "share of it", "shares of it") == "2 shares of it"
    assert count_text(1_234_567) == "1,234,567"
    assert bytes_text(1_850_000_000) == "1.85 GB"
    assert coins_text(312_500_000) == "3.12500000 BTC"
    assert coins_text(-1) == "-0.00000001 BTC"
    assert percent_text(1, 400) == "0.25 %"
    assert percent_text(0, 0) == "-"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (0.4, "under 1 s"),
        (8.2, "8 s"),
        (60, "1 min"),
        (320, "5 min 20 s"),
        (3_600 * 3 + 20 * 60 + 5, "3 h 20 min"),
        (86_400 + 3_600 * 4, "1 day 4 h"),
        (86_400 * 40 + 3_600 * 4, "40 days"),
        (86_400 * 365.25 * 3 + 86_400 * 2, "3 years 2 days"),
        (86_400 * 365.25 * 12, "12 years"),
        (86_400 * 365.25 * 1_500_000, "1.5 M years"),
        (None, "?"),
        (inf, "?"),
        (nan, "?"),
    ],
)
def test_durations_have_their_two_largest_parts(seconds: float | None, text: str) -> None:
    assert duration_text(seconds) == text


def test_how_long_ago_and_when() -> None:
    assert ago_text(None) == "-"
    assert ago_text(61) == "1 min 1 s ago"
    assert when_text(1_764_056_700) == "2025-11-25 07:45:00"
    assert [when_text(never) for never in (None, 0, 1e30, inf, nan)] == ["?"] * 5


def test_the_time_to_a_block_and_the_odds() -> None:
    assert seconds_to_block(1, 2**32) == 1.0
    assert seconds_to_block(1, 0) is None
    assert seconds_to_block(0, 1) is None
    assert odds_text(1, 0, 86_400) == "none"
    assert odds_text(3_412, 2**32, 1) == "1 in 3,412"
    assert odds_text(3.4e9, 2**32, 1) == "1 in 3.4 G"
    assert odds_text(4, 2**32, 1) == "25 %"
    assert odds_text(1, 2**32, 60) == "60 expected"
    assert odds_text(1, 2**32, 1_900) == "1,900 expected"


def test_a_class_name_in_words() -> None:
    assert words_of("BlockFound") == "block found"


def test_half_letters_are_spelt_out() -> None:
    assert writable("ß 中 \x1b") == "ß 中 \x1b"
    assert writable("a\udcffb") == "a\\xffb"
    assert writable("\ud800") == "\\ud800"


def test_strangers_cannot_draw() -> None:
    assert printable("plain ß 中") == "plain ß 中"
    assert printable("e\u0301 \u0e1b\u0e39\u0e48") == "e\u0301 \u0e1b\u0e39\u0e48"
    heap = printable("e" + "\u0301" * (MOST_MARKS + 2))
    assert heap == "e" + "\u0301" * MOST_MARKS + "\\x301" * 2
    assert (
        printable("\x1b[31mred\x9b\r\n\t\u202e\udcff ß 中")
        == "\\x1b[31mred\\x9b\\x0d\\x0a\\x09\\x202e\\xdcff ß 中"
    )
