"""Everything the pool can do.

Rule: values only; `server/perform.py` turns each into one call. They are to be performed in order, and all.
"""

from collections.abc import Collection
from dataclasses import dataclass

from msgspec import Struct

from sluice.pool.events import Happening
from sluice.pool.history import Noted
from sluice.pool.inputs import PeerId
from sluice.pool.ports import FoundBlock
from sluice.sv2 import message as sv2
from sluice.tlv import message as tlv

#: What can be sent, on whichever wire.
Message = sv2.Message | tlv.Message


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
class Record:
    """Write a block down before it goes anywhere; `Recorded` or `Unrecorded` comes of it."""

    found: FoundBlock


@dataclass(frozen=True, slots=True)
class Submit:
    """Give a block to a node by one of its routes, once; `Answered` comes of it."""

    found: FoundBlock
    node: str
    route: str


@dataclass(frozen=True, slots=True)
class Look:
    """See what the best chains show at a height; `Sighted` comes of it."""

    height: int


@dataclass(frozen=True, slots=True)
class Note:
    """Add a line to a block's history."""

    found: FoundBlock
    noted: Noted


@dataclass(frozen=True, slots=True)
class Settle:
    """A block's life is over: put what was written down aside."""

    found: FoundBlock


@dataclass(frozen=True, slots=True)
class Park:
    """Forget a block for now; what was written down of it is to come back as `Resumed` later."""

    found: FoundBlock


@dataclass(frozen=True, slots=True)
class Tell:
    """Let people know."""

    event: Happening


Effect = Send | Broadcast | Close | Record | Submit | Look | Note | Settle | Park | Tell
#: Those that are about found blocks.
BlockEffect = Record | Submit | Look | Note | Settle | Park
