"""What happened, and the word for it: two numberings of the same names."""

import pytest

from sluice.blvm.events.chain import MiningJobCreated, ShareSubmitted
from sluice.blvm.events.modules import StratumV2MessageReceived
from sluice.blvm.events.payload import EventPayload, event_type_of
from sluice.blvm.events.relay import StratumClientConnected
from sluice.blvm.events.table import EVENTS
from sluice.blvm.events.types import EventType


@pytest.mark.parametrize(
    ("payload", "word", "index"),
    [
        (ShareSubmitted("1", bytes(32), None), 18, 16),
        (StratumV2MessageReceived(b"", ""), 17, 76),
        (StratumClientConnected("", 2), 110, 110),
        (MiningJobCreated("1", bytes(32), 1), 15, 15),
    ],
)
def test_the_two_numberings(payload: EventPayload, word: int, index: int) -> None:
    assert (event_type_of(payload), payload.index) == (word, index)


def test_each_event_has_its_word() -> None:
    assert {cls.wire_name for cls in EVENTS} == {word.name for word in EventType}
