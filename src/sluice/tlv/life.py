"""The life of a connection: what changes it, and what flows in each state.

Rule: the table is whole. A client may ask anything at any time; before it has set up the connection it is refused,
in words, and that changes nothing: that is the origin's way. It may set up again, which forgets its channels.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from sluice.tlv.message import REGISTRY, Message
from sluice.tlv.messages import (
    OpenMiningChannelError,
    SetupConnectionError,
    SetupConnectionSuccess,
    SubmitSharesError,
)
from sluice.wire.side import Side


class State(Enum):
    """Where a connection is in its life; the value is what people read."""

    SETUP = "the client is to set up the connection"
    OPEN = "everything flows"


CHANGES: Mapping[State, Mapping[type[Message], State]] = MappingProxyType(
    {
        State.SETUP: {SetupConnectionSuccess: State.OPEN},
        State.OPEN: {SetupConnectionSuccess: State.OPEN},  # set up again
    }
)

Flow = Mapping[int, type[Message]]


def _flow(*classes: type[Message]) -> Flow:
    return MappingProxyType({cls.tag: cls for cls in classes})


_ASKED = _flow(*(cls for cls in REGISTRY.values() if cls.sent_by is Side.CLIENT))
_TOLD = _flow(*(cls for cls in REGISTRY.values() if cls.sent_by is Side.SERVER))
_REFUSALS = _flow(SetupConnectionSuccess, SetupConnectionError, OpenMiningChannelError, SubmitSharesError)

FLOWS: Mapping[State, Mapping[Side, Flow]] = MappingProxyType(
    {
        State.SETUP: {Side.CLIENT: _ASKED, Side.SERVER: _REFUSALS},
        State.OPEN: {Side.CLIENT: _ASKED, Side.SERVER: _TOLD},
    }
)
"""Who may send what, by tag."""
