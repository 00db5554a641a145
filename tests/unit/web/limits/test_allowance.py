import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.web.limits.allowance import Allowances


def test_a_burst_and_then_one_after_the_other() -> None:
    allowances = Allowances(per_second=2.0, burst=3)
    assert [allowances.take("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert allowances.take("a", 0.25) == 0.25
    assert allowances.take("a", 0.5) == 0.0
    assert allowances.take("a", 0.5) == 0.5


def test_everybody_has_their_own() -> None:
    allowances = Allowances(per_second=1.0, burst=1)
    assert allowances.take("a", 0.0) == 0.0
    assert allowances.take("a", 0.0) == 1.0
    assert allowances.take("b", 0.0) == 0.0


def test_no_more_than_a_burst_is_saved_up() -> None:
    allowances = Allowances(per_second=10.0, burst=2)
    allowances.take("a", 0.0)
    assert [allowances.take("a", 1e6) for _ in range(3)] == [0.0, 0.0, pytest.approx(0.1)]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    allowances = Allowances(per_second=1.0, burst=1)
    allowances.take("a", 10.0)
    assert allowances.take("a", 5.0) == 1.0
    assert allowances.take("a", 6.0) == 0.0


def test_the_one_that_was_away_longest_is_forgotten() -> None:
    allowances = Allowances(per_second=1.0, burst=1, most=2)
    allowances.take("a", 0.0)
    allowances.take("b", 0.0)
    assert allowances.take("a", 0.0) > 0
    allowances.take("c", 0.0)
    assert len(allowances) == 2
    assert allowances.take("a", 0.0) > 0
    assert allowances.take("b", 0.0) == 0.0


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20), pauses=st.lists(st.floats(0, 2), max_size=100))
def test_over_any_time_no_more_than_the_burst_and_the_rate(
    rate: float, burst: int, pauses: list[float]
) -> None:
    allowances, now, taken = Allowances(rate, burst), 0.0, 0
    for pause in pauses:
        now += pause
        taken += not allowances.take("a", now)
        assert taken <= burst + rate * now + 1e-6


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20))
def test_who_waits_as_told_is_served(rate: float, burst: int) -> None:
    allowances, now = Allowances(rate, burst), 0.0
    for _ in range(3 * burst):
        wait = allowances.take("a", now)
        if wait:
            now += wait + 1e-9
            assert allowances.take("a", now) == 0.0
