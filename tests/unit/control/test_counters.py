"""Numbers as they travel: small, and the same at the other end."""

from itertools import pairwise

from msgspec import json

from sluice.control.counters import BOUNDS, Buckets, Counters, Sample


def test_there_and_back() -> None:
    said = Counters(
        {"shares_total": (Sample(("tlv", "accepted"), 3.0), Sample(("tlv", "stale"), 2**70))},
        {"share_answer_seconds": (Buckets((), (1, 0, 2), 0.5),)},
    )
    line = json.encode(said)
    assert json.decode(line, type=Counters) == said
    assert b'[["tlv","accepted"],3.0]' in line


def test_nothing_is_said_of_nothing() -> None:
    assert json.decode(b"{}", type=Counters) == Counters()


def test_bounds_rise_and_tell_what_we_promise() -> None:
    assert all(one < other for bounds in BOUNDS.values() for one, other in pairwise(bounds))
    assert 0.05 in BOUNDS["share_answer_seconds"]
