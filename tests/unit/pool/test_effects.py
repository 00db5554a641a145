"""Effects are values, and a performer exists for each."""

from typing import get_args

import pytest

from sluice.pool.effects import (
    BlockEffect,
    Broadcast,
    Close,
    Effect,
    Look,
    Note,
    Park,
    Record,
    Send,
    Settle,
    Submit,
    Tell,
)
from sluice.pool.events import Draining
from sluice.pool.history import Noted
from sluice.sv2.messages.common import Reconnect
from support.found import a_block, verdict

EXAMPLES: tuple[Effect, ...] = (
    Send(1, Reconnect("", 0)),
    Broadcast((1,), Reconnect("", 0)),
    Close(1, "idle"),
    Record(a_block(1)),
    Submit(a_block(1), "core", "submitblock"),
    Look(7),
    Note(a_block(1), Noted(1, verdict("core"))),
    Settle(a_block(1)),
    Park(a_block(1)),
    Tell(Draining(0)),
)


@pytest.mark.parametrize("effect", EXAMPLES, ids=lambda effect: type(effect).__name__)
def test_effects_never_change(effect: Effect) -> None:
    for name in type(effect).__match_args__:
        with pytest.raises(AttributeError):
            setattr(effect, name, None)
    assert not hasattr(effect, "__dict__")


def test_there_are_ten_and_six_of_them_are_about_blocks() -> None:
    assert set(get_args(Effect)) == set(map(type, EXAMPLES))
    assert set(get_args(BlockEffect)) == {Record, Submit, Look, Note, Settle, Park}


def test_a_broadcast_may_wait_unless_it_is_said_to_be_urgent() -> None:
    calm = Broadcast((1, 2), Reconnect("", 0))
    assert not calm.urgent
    assert calm != Broadcast((1, 2), Reconnect("", 0), urgent=True)
