"""One connected miner, as the pool knows it: what it said of itself, its channels, its standing.

Rule: state only; the reactions are elsewhere. A miner is a connection; it may hold many channels.
"""

from typing import NamedTuple

from sluice.pool.inputs import PeerId
from sluice.pool.phrasebook import Phrasebook
from sluice.sv2.flags import MiningFlags
from sluice.sv2.messages.mining import OpenExtendedMiningChannel, OpenStandardMiningChannel
from sluice.tlv.messages import OpenMiningChannel
from sluice.work.channel import Channel
from sluice.work.group import FIRST_GROUP_ID, Groups
from sluice.work.tally import Tally

OpenRequest = OpenStandardMiningChannel | OpenExtendedMiningChannel


class Device(NamedTuple):
    """What a miner says of itself."""

    vendor: str
    hardware_version: str
    firmware: str


_NOBODY = Device("", "", "")


class Miner:
    """A connection that mines. Mutable; one owner."""

    __slots__ = (
        "_next_id",
        "address",
        "channels",
        "closed",
        "connected_at",
        "device",
        "ended",
        "extensions",
        "flags",
        "groups",
        "last_closed",
        "last_heard",
        "minute",
        "most_channels",
        "peer",
        "refusals",
        "requests",
        "setup_at",
        "strays_told",
        "waiting",
        "words",
    )

    def __init__(self, peer: PeerId, address: str, words: Phrasebook, now: float) -> None:
        self.peer = peer
        #: How it is told things: its wire's.
        self.words = words
        self.address = address
        self.connected_at = now
        self.last_heard = now
        #: When SetupConnection was accepted; None before.
        self.setup_at: float | None = None
        #: When its last open channel was closed.
        self.last_closed = now
        self.flags = MiningFlags(0)
        self.device = _NOBODY
        #: Extensions that were agreed, by number.
        self.extensions: tuple[int, ...] = ()
        self.channels: dict[int, Channel] = {}
        #: Channels that an operator closed: there is not a word about them any more (spec 5.3.9). For a moment they are
        #: kept, as a block may be on its way; then None.
        self.ended: dict[int, Channel | None] = {}
        self.groups = Groups()
        #: Requests to open a channel that wait for the first template.
        self.waiting: list[OpenRequest | OpenMiningChannel] = []
        #: The most channels it ever had, those that wait included: who has many may ask for much.
        self.most_channels = 0
        #: Requests and refusals in the current minute, and when that minute began.
        self.requests = 0
        self.refusals = 0
        self.minute = now
        #: What was done by channels that are closed by now, or never were.
        self.closed = Tally(now)
        #: Shares for no channel that the record knows of.
        self.strays_told = 0
        self._next_id = FIRST_GROUP_ID + 1

    def new_id(self) -> int:
        """An id for a channel or a group; both come from one space (spec 5.2.3)."""
        self._next_id += 1
        return self._next_id - 1

    def addressed(self, any_id: int) -> list[Channel]:
        """The open channels that an id stands for: one, or all of a group (spec 5.3.9)."""
        ids = self.groups.members.get(any_id, (any_id,))
        return [self.channels[number] for number in sorted(ids) if number in self.channels]

    @property
    def wants_standard_jobs(self) -> bool:
        """REQUIRES_STANDARD_JOBS: header-only work, each channel by itself."""
        return MiningFlags.REQUIRES_STANDARD_JOBS in self.flags

    @property
    def selects_work(self) -> bool:
        """REQUIRES_WORK_SELECTION: it brings its own jobs, and gets none from us."""
        return MiningFlags.REQUIRES_WORK_SELECTION in self.flags

    @property
    def accepted(self) -> int:
        """Shares credited over all channels, closed ones included."""
        return sum(tally.accepted for tally in self.tallies)

    @property
    def refused(self) -> int:
        """Shares refused over all channels, closed ones included."""
        return sum(sum(tally.refused.values()) for tally in self.tallies)

    @property
    def work(self) -> int:
        """What it was credited with over all channels, closed ones included, in hashes."""
        return sum(tally.work for tally in self.tallies)

    @property
    def tallies(self) -> list[Tally]:
        """All that was counted for it: closed channels together, open ones each."""
        return [self.closed, *(channel.tally for channel in self.channels.values())]
