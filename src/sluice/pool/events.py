"""What people and the record are told: one class for each thing worth a line.

Rule: there is none for a share. A class name is the line's name, its fields are the line's fields; hashes are
in display order, difficulties are numbers for people.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened; `level` is the log's."""

    level: ClassVar[str] = "info"


@dataclass(frozen=True, slots=True)
class TurnedAway(Happening):
    """A connection ended before it had finished its handshake."""

    level: ClassVar[str] = "debug"
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class FirstTurnedAway(TurnedAway):
    """The first for a reason of its kind: worth a line, where a line for each would be the sender's to write."""

    level: ClassVar[str] = "info"


@dataclass(frozen=True, slots=True)
class PeerConnected(Happening):
    """A connection has finished its handshake."""

    level: ClassVar[str] = "debug"
    peer: int
    address: str


@dataclass(frozen=True, slots=True)
class MinerArrived(Happening):
    """A SetupConnection was accepted."""

    peer: int
    address: str
    vendor: str
    hardware_version: str
    firmware: str
    flags: str


@dataclass(frozen=True, slots=True)
class SetupRefused(Happening):
    """A SetupConnection was refused, with this word."""

    level: ClassVar[str] = "warning"
    peer: int
    address: str
    error_code: str


@dataclass(frozen=True, slots=True)
class ChannelOpened(Happening):
    """A channel was opened; `hashrate` is what the miner claims."""

    peer: int
    channel_id: int
    kind: str
    user: str
    hashrate: float
    difficulty: float


@dataclass(frozen=True, slots=True)
class ChannelRefused(Happening):
    """A channel was not opened, with this word."""

    level: ClassVar[str] = "warning"
    peer: int
    user: str
    error_code: str


@dataclass(frozen=True, slots=True)
class NameRefused(ChannelRefused):
    """A channel was not opened because of its name; the reason names the way out."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChannelClosed(Happening):
    """A channel ended, and its connection goes on; `work` is what it was credited with, in hashes."""

    peer: int
    channel_id: int
    user: str
    reason: str
    accepted: int
    refused: int
    work: int = 0


@dataclass(frozen=True, slots=True)
class TargetChanged(Happening):
    """A channel has another target."""

    level: ClassVar[str] = "debug"
    peer: int
    channel_id: int
    difficulty: float


@dataclass(frozen=True, slots=True)
class PeerLeft(Happening):
    """A connection ended, by either side, for the given reason; the sums are over all channels it ever had."""

    peer: int
    address: str
    reason: str
    accepted: int
    refused: int
    work: int = 0


@dataclass(frozen=True, slots=True)
class TipChanged(Happening):
    """There is another block to build on; `next_height` is that of the block to be found."""

    next_height: int
    prev_hash: str
    difficulty: float
    transactions: int
    reward: int


@dataclass(frozen=True, slots=True)
class TemplateRefreshed(Happening):
    """A node has better work on the same tip."""

    level: ClassVar[str] = "debug"
    next_height: int
    transactions: int
    reward: int


@dataclass(frozen=True, slots=True)
class NodeTroubled(Happening):
    """No template comes from a node; the reason names the way out."""

    level: ClassVar[str] = "warning"
    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class NodeRecovered(Happening):
    """Templates come again."""

    next_height: int


@dataclass(frozen=True, slots=True)
class BlockFound(Happening):
    """A header met the network's target; `share` is what it came to as a share, the node has the last word."""

    height: int
    block_hash: str
    user: str
    peer: int
    share: str


@dataclass(frozen=True, slots=True)
class BlockEvent(Happening):
    """Something that happened to a block that was found."""

    height: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class BlockResumed(BlockEvent):
    """A block of an earlier run is taken up again, where it stood."""

    level: ClassVar[str] = "warning"
    user: str
    stage: str


@dataclass(frozen=True, slots=True)
class BlockUnrecorded(BlockEvent):
    """A block could not be written down; it goes to the nodes all the same, and writing is tried again."""

    level: ClassVar[str] = "error"
    reason: str


@dataclass(frozen=True, slots=True)
class BlockRecorded(BlockEvent):
    """A block that could not be written down is on the disk now."""


@dataclass(frozen=True, slots=True)
class BlockAnswered(BlockEvent):
    """What came of one attempt to give a block to a node, in its own words."""

    level: ClassVar[str] = "debug"
    node: str
    route: str
    answer: str
    reason: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class BlockAccepted(BlockEvent):
    """A node has taken a block: told once for each block."""

    node: str
    user: str


@dataclass(frozen=True, slots=True)
class BlockRefused(BlockEvent):
    """Every node that answers refuses a block, in their own words; it goes there again, ever more slowly."""

    level: ClassVar[str] = "error"
    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockUndelivered(BlockEvent):
    """No node can be reached. The block goes there again and again, and lies on the disk: `sluice blocks`."""

    level: ClassVar[str] = "error"
    reason: str


@dataclass(frozen=True, slots=True)
class BlockForgotten(BlockEvent):
    """A node that had a block shows it no more; it gets it again."""

    level: ClassVar[str] = "warning"
    node: str


@dataclass(frozen=True, slots=True)
class BlockInChain(BlockEvent):
    """A node's best chain shows a block."""

    node: str


@dataclass(frozen=True, slots=True)
class BlockOvertaken(BlockEvent):
    """Best chains show another block in its place; that may yet change."""

    node: str
    rival: str


@dataclass(frozen=True, slots=True)
class BlockBuried(BlockEvent):
    """A block is in the chain for good."""

    node: str


@dataclass(frozen=True, slots=True)
class BlockOrphaned(BlockEvent):
    """Another block is in its place for good: a race was lost."""

    node: str
    rival: str


@dataclass(frozen=True, slots=True)
class BlockRejected(BlockEvent):
    """Nodes refused a block by a rule, and another one is in its place for good."""

    level: ClassVar[str] = "error"
    node: str
    rival: str


@dataclass(frozen=True, slots=True)
class BlockDropped(BlockEvent):
    """There are too many blocks that could not be written down; this one is lost to this process."""

    level: ClassVar[str] = "error"


@dataclass(frozen=True, slots=True)
class NewBest(Happening):
    """An account has a better share than ever, over all starts; `before` is 0 for its first.

    Of n shares there are ln(n) such: a line for each would be many lines where all miners are new.
    """

    level: ClassVar[str] = "debug"
    account: str
    worker: str
    difficulty: float
    before: float


@dataclass(frozen=True, slots=True)
class RecordFailing(Happening):
    """Nothing can be recorded: the disk is full, or the database away. Mining goes on, and it is tried again."""

    level: ClassVar[str] = "error"
    reason: str


@dataclass(frozen=True, slots=True)
class RecordRecovered(Happening):
    """It is recorded again; so many entries are missing, as there was no more room to keep them."""

    level: ClassVar[str] = "warning"
    lost: int


@dataclass(frozen=True, slots=True)
class Ordered(Happening):
    """An operator gave an order."""


@dataclass(frozen=True, slots=True)
class NotOrdered(Ordered):
    """It cannot be, for this reason; nothing was changed."""

    level: ClassVar[str] = "warning"
    reason: str


@dataclass(frozen=True, slots=True)
class DifficultyFixed(Ordered):
    """So many open channels of a name, and those to come, mine at this difficulty; 0.0: at what vardiff finds."""

    name: str
    difficulty: float
    channels: int


@dataclass(frozen=True, slots=True)
class ChannelsClosed(Ordered):
    """So many channels of a name were closed."""

    name: str
    channels: int


@dataclass(frozen=True, slots=True)
class Banned(Ordered):
    """A name, an address or a network is not taken any more; `until` in unix seconds, 0: for good. So many ended."""

    what: str
    until: int
    ended: int


@dataclass(frozen=True, slots=True)
class Unbanned(Ordered):
    """It is taken again."""

    what: str


@dataclass(frozen=True, slots=True)
class TakingAgain(Ordered):
    """Miners are taken again: the process does not end, after all."""


@dataclass(frozen=True, slots=True)
class Draining(Happening):
    """The process is going to end; so many connections are asked to go elsewhere."""

    miners: int
