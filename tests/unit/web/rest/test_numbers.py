import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.bitcoin.target import DIFFICULTY_1
from sluice.web.rest.numbers import (
    EXACT,
    difficulty_of_hash,
    difficulty_of_work,
    iso_time,
    js_number,
    sql_time,
    suffixed,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.4, "0"),
        (999.9, "999"),
        (1000, "1K"),
        (1234, "1.23K"),
        (84_563.1, "84.6K"),
        (999_900, "1e+03K"),  # as C's %.3g has it; ckstats reads it
        (1_480_000_000_000, "1.48T"),
        (142e12, "142T"),
        (17.44e15, "17.4P"),
        (1.5e18, "1.5E"),
        (1.5e21, "1.5e+03E"),
        (float("inf"), "0"),
        (float("nan"), "0"),
        (-5.0, "0"),
    ],
)
def test_ckpools_form(number: float, text: str) -> None:
    assert suffixed(number) == text


@given(st.floats(0, 1e24))
def test_ckpools_readers_read_it(number: float) -> None:
    text = suffixed(number)
    match = re.fullmatch(r"(\d+(?:\.\d+)?(?:e[+-]\d+)?)([KMGTPE])", text)
    if match is None:
        assert text.isdecimal()
        assert number < 1000
        assert int(text) == int(number)
    else:
        read = float(match[1]) * 1000.0 ** (1 + "KMGTPE".index(match[2]))
        assert read == pytest.approx(number, rel=0.006)


def test_difficulties() -> None:
    assert difficulty_of_hash(None) == 0.0
    assert difficulty_of_hash(DIFFICULTY_1) == 1.0
    assert difficulty_of_hash(DIFFICULTY_1 // 1000) == pytest.approx(1000)
    assert difficulty_of_hash(0) > 1e60
    assert difficulty_of_work(2**32 * 512) == 512.0
    assert difficulty_of_work(10**40) == pytest.approx(10**40 / 2**32)


@pytest.mark.parametrize(
    ("number", "written"),
    [(785180231734.0, "785180231734"), (0.27, "0.27"), (0.0, "0"), (float("nan"), "0"), (1e300, "1e+300")],
)
def test_javascripts_numbers(number: float, written: str) -> None:
    assert repr(js_number(number)) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_changes(number: float) -> None:
    said = js_number(number)
    assert said == number
    assert isinstance(said, float) or abs(said) < EXACT


def test_times() -> None:
    assert iso_time(1_781_444_599.504) == "2026-06-14T13:43:19.504Z"
    assert iso_time(1_781_444_599) == "2026-06-14T13:43:19.000Z"
    assert sql_time(1_781_444_599.9) == "2026-06-14 13:43:19"


@given(st.floats())
def test_any_time_is_one_of_the_calendar(seconds: float) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", iso_time(seconds))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", sql_time(seconds))
