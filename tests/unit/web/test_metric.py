"""A row of the table, and where its numbers come from."""

from sluice.control.counters import Buckets, Counters, Sample
from sluice.control.words import PoolPicture
from sluice.web.metric import Kind, Metric, WebFacts

CARRIED = Sample(("tlv",), 3)
PICTURE = PoolPicture(
    at=1.0,
    started_at=0.0,
    max_connections=7,
    counters=Counters({"x_total": (CARRIED,)}, {"x_seconds": (Buckets((), (1, 2), 0.5),)}),
)
NOTHING = WebFacts()


def test_a_row_without_more_is_carried_by_the_picture() -> None:
    row = Metric("x_total", Kind.COUNTER, "x", ("dialect",))
    assert row.samples(PICTURE, NOTHING) == [CARRIED]
    assert row.samples(None, NOTHING) == []


def test_a_row_may_read_the_picture_and_add_what_the_web_knows() -> None:
    row = Metric(
        "limit",
        Kind.GAUGE,
        "x",
        ("of",),
        pool=lambda picture: [Sample(("pool",), picture.max_connections)],
        web=lambda facts: [Sample(("web",), facts.streams)],
    )
    assert row.samples(PICTURE, WebFacts(streams=2)) == [Sample(("pool",), 7), Sample(("web",), 2)]
    assert row.samples(None, NOTHING) == [Sample(("web",), 0)]


def test_what_is_measured_is_carried_too() -> None:
    row = Metric("x_seconds", Kind.HISTOGRAM, "x")
    assert row.buckets(PICTURE) == (Buckets((), (1, 2), 0.5),)
    assert row.buckets(None) == ()
