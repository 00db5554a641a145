"""Everything that can happen to the pool.

Rule: values only. Together with the times at which they came, they replay a pool's whole life.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from msgspec import Struct

from sluice.pool.errand import RouteKey
from sluice.pool.history import Noted
from sluice.pool.ports import FoundBlock, Outcome, Sight, Trouble
from sluice.sv2 import connection as sv2
from sluice.tlv import message as tlv
from sluice.work.job import Payout
from sluice.work.template import Template

#: Names a connection for the life of the process.
PeerId = int
#: What a peer can say, on whichever wire.
Event = sv2.Event | tlv.Message


class Wire(Enum):
    """The languages that the pool speaks with miners."""

    SV2 = "Stratum V2"
    TLV = "TLV"


@dataclass(frozen=True, slots=True)
class Connected:
    """A peer has finished its handshake, or has shown that its wire has none."""

    peer: PeerId
    address: str
    wire: Wire = Wire.SV2


class Said(Struct, frozen=True, gc=False):
    """A peer sent something that its connection allows."""

    peer: PeerId
    event: Event


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """All that a peer's last bytes said has been heard."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A peer's connection has ended, for the given reason."""

    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A node offers a template."""

    template: Template


@dataclass(frozen=True, slots=True)
class Troubled:
    """A node has no template for us, and says why."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Routed:
    """These are the ways to the nodes from now on: names of nodes, and of their routes."""

    routes: tuple[RouteKey, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A block is on the disk."""

    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A block could not be written down, for the given reason."""

    block_hash: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one attempt to give the block with this hash (wire order) to a node."""

    block_hash: bytes
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Sighted:
    """What best chains show at a height, of each node that can tell."""

    height: int
    sights: tuple[Sight, ...]


@dataclass(frozen=True, slots=True)
class Resumed:
    """A block that was written down earlier, and its history so far."""

    found: FoundBlock
    history: tuple[Noted, ...]


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed; `unix_time` is the wall clock's, in seconds."""

    unix_time: int


@dataclass(frozen=True, slots=True)
class Drain:
    """The process is going to end: send every miner away, take no new ones (spec 3.6.5)."""


@dataclass(frozen=True, slots=True)
class MovePrefix:
    """An operator gives a channel another extranonce prefix (spec 5.3.10)."""

    peer: PeerId
    channel_id: int


@dataclass(frozen=True, slots=True)
class Regroup:
    """An operator puts channels of a connection into a group of their own (spec 5.3.22)."""

    peer: PeerId
    channel_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EndChannel:
    """An operator ends a channel, or all channels of a group (spec 5.3.9); the miner is told why."""

    peer: PeerId
    channel_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetDifficulty:
    """An operator says at which difficulty channels open from now on; vardiff moves them from there."""

    difficulty: int


@dataclass(frozen=True, slots=True)
class FixDifficulty:
    """An operator says at which difficulty channels of a name mine; None leaves them to vardiff again."""

    name: str
    difficulty: float | None


@dataclass(frozen=True, slots=True)
class CloseNamed:
    """An operator closes the channels of a name, and connections that have no others."""

    name: str


@dataclass(frozen=True, slots=True)
class Ban:
    """An operator bans a name, an address or a network: until then, in unix seconds, or for good."""

    what: str
    until: int | None


@dataclass(frozen=True, slots=True)
class Unban:
    """An operator takes a ban back."""

    what: str


@dataclass(frozen=True, slots=True)
class TakeAgain:
    """The process goes on after all: miners are taken again."""


@dataclass(frozen=True, slots=True)
class SetPayout:
    """Whom the jobs from now on are to pay."""

    payout: Payout


@dataclass(frozen=True, slots=True)
class RecordKnows:
    """What the record knows of earlier runs: the smallest hash of each account, as an integer."""

    bests: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """Nothing can be recorded, for the given reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class RecordWorks:
    """It is recorded again; so many entries could not be kept until then."""

    lost: int


#: Those that are about found blocks.
BlockInput = Routed | Recorded | Unrecorded | Answered | Sighted | Resumed
Input = (
    Connected
    | Said
    | CaughtUp
    | Gone
    | Offered
    | Troubled
    | BlockInput
    | Ticked
    | Drain
    | MovePrefix
    | Regroup
    | EndChannel
    | SetDifficulty
    | FixDifficulty
    | CloseNamed
    | Ban
    | Unban
    | TakeAgain
    | SetPayout
    | RecordKnows
    | RecordFailed
    | RecordWorks
)
