"""Effects are values, and a performer exists for each."""

from dataclasses import fields, is_dataclass
from typing import get_args

import pytest

from sluice.pool.effects import Broadcast, Close, Effect, Send, Submit, Tell
from sluice.sv2.messages.common import Reconnect


@pytest.mark.parametrize("kind", get_args(Effect))
def test_effects_never_change(kind: type) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert set(kind.__slots__) == {field.name for field in fields(kind)}  # type: ignore[attr-defined]


def test_there_are_five() -> None:
    assert get_args(Effect) == (Send, Broadcast, Close, Submit, Tell)


def test_a_broadcast_may_wait_unless_it_is_said_to_be_urgent() -> None:
    calm = Broadcast((1, 2), Reconnect("", 0))
    assert not calm.urgent
    assert calm != Broadcast((1, 2), Reconnect("", 0), urgent=True)
