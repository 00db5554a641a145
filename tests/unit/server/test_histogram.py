"""Every observation lies in the one bucket that it belongs to, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from sluice.server.histogram import Histogram


def test_a_bound_belongs_to_its_bucket() -> None:
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.100001, 1.0, 1.5, 1e9):
        histogram.observe(seconds)
    assert histogram.counts == [2, 2, 2]
    assert histogram.seconds == 0.0 + 0.1 + 0.100001 + 1.0 + 1.5 + 1e9


@given(st.lists(st.floats(0, 10)))
def test_buckets_are_what_they_say(observed: list[float]) -> None:
    bounds = (0.001, 0.5, 2.0)
    histogram = Histogram(bounds)
    for seconds in observed:
        histogram.observe(seconds)
    for at, bound in enumerate(bounds):
        assert sum(histogram.counts[: at + 1]) == sum(seconds <= bound for seconds in observed)
    assert sum(histogram.counts) == len(observed)
