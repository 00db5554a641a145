"""Effects are values, and a performer exists for each."""

from typing import get_args

import pytest

from sluice.pool.effects import Broadcast, Close, Effect, Send, Submit, Tell
from sluice.pool.events import Draining
from sluice.sv2.messages.common import Reconnect
from support.found import a_block

EXAMPLES: tuple[Effect, ...] = (
    Send(1, Reconnect("", 0)),
    Broadcast((1,), Reconnect("", 0)),
    Close(1, "idle"),
    Submit(a_block(1)),
    Tell(Draining(0)),
)


@pytest.mark.parametrize("effect", EXAMPLES, ids=lambda effect: type(effect).__name__)
def test_effects_never_change(effect: Effect) -> None:
    for name in type(effect).__match_args__:
        with pytest.raises(AttributeError):
            setattr(effect, name, None)
    assert not hasattr(effect, "__dict__")


def test_there_are_five() -> None:
    assert get_args(Effect) == (Send, Broadcast, Close, Submit, Tell) == tuple(map(type, EXAMPLES))


def test_a_broadcast_may_wait_unless_it_is_said_to_be_urgent() -> None:
    calm = Broadcast((1, 2), Reconnect("", 0))
    assert not calm.urgent
    assert calm != Broadcast((1, 2), Reconnect("", 0), urgent=True)
