"""What the pool needs of the world: exactly this, nothing more (design 2).

Adapters in `node/` implement `Node`, one in `ledger/` a `Ledger`; the pool itself never calls them, `server/` does.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sluice.bitcoin.block import assemble_block
from sluice.bitcoin.network import Network
from sluice.pool.journal import Entry
from sluice.work.template import Template


class NodeError(Exception):
    """A node cannot be used and waiting will not mend it; the text names the way out."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no template comes from `node` right now, in one sentence that names the way out."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class FoundBlock:
    """A block exactly as it was found: nothing of it is ever made again.

    `block_hash` is in wire order; `coinbase` has its witness if the template has a commitment; `template_id` is
    our own (`Template.template_id`), `found_at` in unix seconds.
    """

    block_hash: bytes
    height: int
    header: bytes
    coinbase: bytes
    transactions: tuple[bytes, ...]
    template_id: int
    user: str
    found_at: int

    @property
    def raw(self) -> bytes:
        """The whole block, as nodes take it."""
        return assemble_block(self.header, self.coinbase, self.transactions)


class Answer(Enum):
    """What a node makes of a block that it was given (BIP22)."""

    ACCEPTED = "accepted"
    #: It has the block already.
    DUPLICATE = "duplicate"
    #: It may have the block, or not; its chain does not end with it. The chain has the last word.
    INCONCLUSIVE = "inconclusive"
    REFUSED = "refused"
    #: No verdict: not reached, no answer in time, or none that a node would give.
    SILENT = "silent"
    #: This block cannot go this way: it was not built on a template of this provider's.
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt to give a block to a node; `reason` in the node's own words, empty when accepted."""

    node: str
    route: str
    answer: Answer
    reason: str = ""
    milliseconds: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the node took the block now."""
        return self.answer is Answer.ACCEPTED


@dataclass(frozen=True, slots=True)
class Route:
    """One way in which a node takes blocks. `submit` never raises for a node that refuses or is not there."""

    node: str
    name: str
    submit: Callable[[FoundBlock], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a node's best chain shows at a height; no hash (wire order) if it is not that high."""

    node: str
    block_hash: bytes | None
    tip_height: int


class Node(Protocol):
    """A Bitcoin node: templates come from it, blocks go to it."""

    name: str

    @property
    def routes(self) -> Sequence[Route]:
        """Every way in which it takes blocks."""

    async def start(self) -> Network:
        """Connect and check; waits out what passes. Raises NodeError for what does not."""

    def watch(self) -> AsyncIterator[Template | Trouble]:
        """Templates for ever: one at once, one for each new tip, fresher ones in between."""

    async def look(self, height: int) -> Sight | None:
        """What its best chain shows at `height`; None if it cannot tell, now or ever."""

    async def close(self) -> None:
        """Let go of every connection to the node."""


class LedgerError(Exception):
    """The record cannot be read or written now; the text says why."""


class LedgerUnusable(Exception):
    """The record cannot be used, and waiting will not mend it; the text names the way out."""


class Unrecordable(Exception):
    """Something in a batch is such that it can never be recorded; the text says what."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is recorded of a start of the pool: when (unix seconds), of what, and how it is set up."""

    at: int
    version: str
    network: str
    shard: int
    settings: Mapping[str, str]


class Ledger(Protocol):
    """The record. Every call waits for the disk or the database, and raises LedgerError; one thread makes them."""

    def open(self) -> None:
        """Open it, as is done by every other call too, and bring it up to date. Raises LedgerUnusable besides."""

    def begin(self, start: Start) -> int:
        """A run begins; its number, which no other has."""

    def append(self, run: int, batch: int, entries: Sequence[Entry]) -> None:
        """Record the entries of a run's batch, whole or not at all; one that is there already is left alone.

        Raises Unrecordable. Channels in entries have their numbers within the run. What is said of a found block outlives the machine.
        """

    def bests(self, limit: int) -> Mapping[str, int]:
        """The smallest hash, as an integer, of each of the accounts that mined last."""

    def catch_up(self) -> bool:
        """Bring the views up to what is recorded, a bounded step; whether there is more."""

    def compact(self, now: int) -> bool:
        """Fold some of what is beyond retention (`now` in unix seconds); whether there is more."""

    def close(self) -> None:
        """Let go of it."""
