"""Everything the pool can do.

Rule: values only; `server/perform.py` turns each into one call. They are to be performed in order, and all.
"""

from collections.abc import Collection
from dataclasses import dataclass

from msgspec import Struct

from sluice.pool.events import Happening
from sluice.pool.inputs import PeerId
from sluice.pool.ports import FoundBlock
from sluice.sv2 import message as sv2

#: What can be sent, on whichever wire.
Message = sv2.Message


class Send(Struct, frozen=True, gc=False):
    """Send `message` to one peer."""

    peer: PeerId
    message: Message


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Send the same `message` to many peers of Stratum V2: packed once, sealed for each.

    An urgent one leaves for all of them before the next effect is looked at.
    """

    peers: Collection[PeerId]
    message: sv2.Message
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """End a peer's connection once what was sent to it has left."""

    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class Submit:
    """Give a block to every node, by every route."""

    found: FoundBlock


@dataclass(frozen=True, slots=True)
class Tell:
    """Let people know."""

    event: Happening


Effect = Send | Broadcast | Close | Submit | Tell
