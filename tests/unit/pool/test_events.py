"""What people are told: one class a line, plain fields, display order."""

import logging
from dataclasses import fields

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.pool import events
from sluice.pool.events import BlockFound, Happening, NewBest, PeerConnected, TipChanged
from support.pool import PoolTalk, mining
from support.work import EASY_NBITS, HEIGHT

KINDS = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, Happening) and kind is not Happening
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_has_a_level_a_sentence_and_plain_fields(kind: type[Happening]) -> None:
    assert kind.level.upper() in logging.getLevelNamesMapping()
    assert kind.__doc__
    assert "(" not in kind.__doc__.partition(".")[0]  # not the signature that dataclass puts in its place
    assert {field.type for field in fields(kind)} <= {int, str, float}


def test_a_share_is_not_worth_a_line() -> None:
    device = mining()
    device.find(9)
    device.talk.happened(NewBest)  # is worth one for some, ever fewer
    assert device.talk.events == []


def test_hashes_are_shown_as_people_write_them() -> None:
    device = mining(nbits=EASY_NBITS)
    offered = device.talk.offer(HEIGHT + 1, nbits=EASY_NBITS)
    device.find()
    (tip,) = device.talk.happened(TipChanged)
    (found,) = device.talk.happened(BlockFound)
    assert tip.prev_hash == to_display(offered.prev_hash)
    assert found.block_hash == to_display(device.talk.blocks[0].block_hash)


def test_a_connection_alone_is_a_matter_for_debugging() -> None:
    talk = PoolTalk()
    talk.connect()
    assert [event.level for event in talk.happened(PeerConnected)] == ["debug"]
