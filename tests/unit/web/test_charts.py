"""Hash rates over time."""

import pytest

from sluice.web.charts import DAY, ENOUGH_SECONDS, HEIGHT, RANGES, USUAL, chart_of, day_rate, still_of, window


def test_a_window_is_of_whole_steps_and_has_the_running_one_once_it_says_enough() -> None:
    begins = 1_000_000_200
    assert window(USUAL, begins + ENOUGH_SECONDS - 1) == (begins - 86_400, begins, 600)
    assert window(USUAL, begins + ENOUGH_SECONDS) == (begins - 85_800, begins + 600, 600)


def test_the_running_step_is_as_long_as_it_has_lasted() -> None:
    chart = chart_of([(0, 6_000), (600, 1_000)], 0, 1_200, 600, (0, 700.0))
    assert chart.rate == [10.0, 10.0]


def test_the_step_in_which_the_pool_began_is_as_long_as_it_was_there() -> None:
    points = [(600, 3_000), (1_200, 6_000)]
    assert chart_of(points, 0, 1_800, 600, (900, 1_800)).rate == [None, 10.0, 10.0]
    # A restart is no beginning: somebody mined before it.
    assert chart_of(points, 0, 1_800, 600, (1_500, 1_800)).rate == [None, 5.0, 10.0]
    # Of some seconds nothing is known.
    assert chart_of(points, 0, 1_800, 600, (1_199, 1_800)).rate == [None, None, 10.0]
    assert chart_of([(600, 3_000)], 0, 1_200, 600, (800, 1_100)).rate == [None, 10.0]


def test_no_chart_has_too_many_points() -> None:
    for length, step in RANGES.values():
        assert length % step == 0
        assert length // step <= 200


def test_steps_without_shares_are_zero_and_those_before_the_first_are_unknown() -> None:
    chart = chart_of([(1_200, 6_000), (1_201, 6_000), (2_400, 600)], 0, 3_600, 600)
    assert chart.at == [0, 600, 1_200, 1_800, 2_400, 3_000]
    assert chart.rate == [None, None, 20.0, 0.0, 1.0, 0.0]
    assert chart.most == 20.0
    assert chart.mean == pytest.approx(5.25)


def test_nothing_is_known_of_nothing() -> None:
    chart = chart_of([], 0, 1_200, 600)
    assert chart.rate == [None, None]
    assert (chart.most, chart.mean) == (0.0, None)
    assert still_of(chart).edge == still_of(chart).under == ""


def test_one_point_is_a_dot() -> None:
    assert still_of(chart_of([(600, 6_000)], 0, 1_200, 600)).edge.endswith(" h0")


def test_the_still_picture_stays_within_itself() -> None:
    still = still_of(chart_of([(0, 10**30), (600, 3), (1_200, 10**29)], 0, 1_800, 600))
    assert still.edge.startswith("M0 ")
    numbers = [float(word.strip("MLZ")) for word in still.under.split() if word.strip("MLZ")]
    assert all(0 <= number <= 1_000 for number in numbers)
    assert max(numbers[1::2]) == HEIGHT


def test_a_day_is_as_long_as_somebody_has_been_here() -> None:
    now = 1_000_000.0
    assert day_rate(86_400_000, now - 10 * DAY, now) == 1_000.0
    assert day_rate(3_600_000, now - 3_600, now) == 1_000.0
    assert day_rate(60_000, now, now) == 60_000 / ENOUGH_SECONDS
