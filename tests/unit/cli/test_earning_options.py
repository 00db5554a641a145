"""What is typed is an exact number, or refused with the option's name."""

from fractions import Fraction

import pytest
import typer

from sluice.cli.earning_options import MOST_TIMES, ppm_of_fee, times_of


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("0", 0), ("1", 10_000), ("0.1", 1_000), ("2.5", 25_000), (".0001", 1), ("100", 1_000_000)],
)
def test_a_fee_is_whole_parts_of_a_million(text: str, ppm: int) -> None:
    assert ppm_of_fee(text) == ppm


@pytest.mark.parametrize("text", ["", ".", "100.0001", "0.00001", "1e2", "-1", "\u0661", "1" * 21, "1.2.3"])
def test_other_fees_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        ppm_of_fee(text)


def test_a_window_goes_with_pplns_and_is_exact() -> None:
    assert times_of("proportional", "") is None
    assert times_of("pplns", "") == 2
    assert times_of("pplns", "0.1") == Fraction(1, 10)
    assert times_of("pplns", str(MOST_TIMES)) == MOST_TIMES


@pytest.mark.parametrize(
    ("scheme", "window"), [("proportional", "2"), ("pplns", "0"), ("pplns", "1000000.1"), ("pps", "")]
)
def test_other_windows_are_refused(scheme: str, window: str) -> None:
    with pytest.raises(typer.BadParameter):
        times_of(scheme, window)
