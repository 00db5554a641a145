"""What is to be recorded: a class for each kind of entry, and the journal in which entries wait to be taken.

Rule: entries are values, in the order in which things happened; `at` is in unix seconds, hashes are in wire order. A
credited share is in the journal before its acknowledgement is so much as made. Refusals are counts, never shares.
"""

from collections.abc import Callable, Sequence
from itertools import count

from msgspec import Struct

#: A channel's number in the record is the run's number, and in so many bits below it the number that it has here.
CHANNEL_BITS = 32
#: What stands for "none of the channels".
NO_CHANNEL = 0


class Credited(Struct, frozen=True, gc=False):
    """A share that was credited with `work` hashes; `worker` is the one named with it, empty if none was."""

    channel: int
    user: str
    worker: str
    job_id: int
    template_id: int
    share_hash: bytes
    work: int
    late: bool
    at: int


class TipSeen(Struct, frozen=True, gc=False):
    """There is another block to build on; `height` is that of the block to be found."""

    at: int
    height: int
    prev_hash: bytes
    nbits: int


class TemplateSeen(Struct, frozen=True, gc=False):
    """A node offered a template; `path_hash` tells templates of one tip apart: SHA-256 of the merkle path."""

    at: int
    template_id: int
    height: int
    prev_hash: bytes
    path_hash: bytes
    reward: int
    fees: int
    transactions: int


class ChannelBegan(Struct, frozen=True, gc=False):
    """A channel was opened under a name. It may be told again, after a hole in the record."""

    at: int
    channel: int
    user: str
    kind: str
    address: str
    vendor: str


class TargetSet(Struct, frozen=True, gc=False):
    """A channel's target for jobs to come, and the work of a share that meets it."""

    at: int
    channel: int
    target: int
    work: int


class Refusals(Struct, frozen=True, gc=False):
    """So many shares of a channel were refused for one reason since this was last told."""

    at: int
    channel: int
    reason: str
    count: int


class ChannelEnded(Struct, frozen=True, gc=False):
    """A channel was closed, or its connection ended."""

    at: int
    channel: int
    reason: str


class CandidateFound(Struct, frozen=True, gc=False):
    """A header met the network's target. It is told again when a later run takes the block up."""

    at: int
    block_hash: bytes
    height: int
    template_id: int
    user: str


class CandidateMoved(Struct, frozen=True, gc=False):
    """A found block stands at another stage of its life, because of `turn`."""

    at: int
    block_hash: bytes
    stage: str
    turn: str


class CandidateAnswered(Struct, frozen=True, gc=False):
    """What came of one attempt to give a found block to a node."""

    at: int
    block_hash: bytes
    node: str
    route: str
    answer: str
    reason: str
    milliseconds: int


class Configured(Struct, frozen=True, gc=False):
    """A setting has this value from now on."""

    at: int
    name: str
    value: str


class Lost(Struct, frozen=True, gc=False):
    """So many entries are missing here: they could not be recorded, and there was no more room to keep them."""

    at: int
    entries: int


Entry = (
    Credited
    | TipSeen
    | TemplateSeen
    | ChannelBegan
    | TargetSet
    | Refusals
    | ChannelEnded
    | CandidateFound
    | CandidateMoved
    | CandidateAnswered
    | Configured
    | Lost
)


#: Who is handed entries, and may keep them, but not change them. Must neither wait nor raise.
Reader = Callable[[Sequence[Entry]], None]


class Journal:
    """Entries that wait to be handed out. Mutable; one owner, who does that many times a second."""

    __slots__ = ("entries", "number", "readers")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.readers: list[Reader] = []
        #: A number for one more channel of this run.
        self.number = count(NO_CHANNEL + 1).__next__

    def hand_out(self) -> None:
        """All entries since the last time go to every reader."""
        if not self.entries:
            return
        entries, self.entries = self.entries, []
        for reader in self.readers:
            reader(entries)
