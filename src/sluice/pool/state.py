"""Everything the pool remembers, in one place.

Rule: one owner feeds it inputs in order, hence no locks; nothing here is global.
"""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from sluice.accounting.scheme import HOUSE
from sluice.bitcoin.network import Network, subsidy
from sluice.bitcoin.target import Target
from sluice.pool.bests import Bests
from sluice.pool.candidates import Candidates
from sluice.pool.chores import Chores
from sluice.pool.counts import Counts
from sluice.pool.inputs import PeerId
from sluice.pool.journal import Journal, Reader
from sluice.pool.miner import Miner
from sluice.pool.orders import Orders
from sluice.pool.payees import Payees
from sluice.pool.policy import Policy
from sluice.work.book import JobBook
from sluice.work.channel import Channel
from sluice.work.extranonce import ExtranonceSpace
from sluice.work.job import Payout

#: Job ids on the wire have 32 bits, and 0 is none.
MOST_JOB_IDS = (1 << 32) - 1
#: How far ahead of our clock a header's time may be, in seconds: the network allows 7,200.
MAX_NTIME_AHEAD = 7_000


class Unacknowledged(Struct, frozen=True, gc=False):
    """A channel with shares that no SubmitShares.Success has told of yet."""

    peer: PeerId
    channel: Channel
    due: float


def job_ids() -> Iterator[int]:
    """1, 2, 3, and round again at the end, when a job of the same id is long forgotten."""
    while True:
        yield from range(1, MOST_JOB_IDS + 1)


class PoolState:
    """The miners, the work, the blocks. Mutable; one owner."""

    def __init__(self, policy: Policy, payout: Payout, network: Network, unix_time: int) -> None:
        self.policy = policy
        self.network = network
        self.miners: dict[PeerId, Miner] = {}
        book = JobBook(payout, job_ids().__next__, lambda height: subsidy(height, network))
        #: The jobs, by whom they pay.
        self.payees = Payees(book)
        self.space = ExtranonceSpace(policy.shard)
        self.candidates = Candidates(unix_time)
        #: Peers whose channels each get jobs of their own.
        self.ungrouped: dict[PeerId, None] = {}
        #: Channels to be acknowledged, oldest first.
        self.unacknowledged: dict[tuple[PeerId, int], Unacknowledged] = {}
        #: Whom to look at when: a heap.
        self.rota: list[tuple[float, PeerId]] = []
        #: Where every channel opens, if an operator has said so since the start; None: where it belongs.
        self.opening_target: Target | None = None
        self.unix_time = unix_time
        self.max_ntime = unix_time + MAX_NTIME_AHEAD
        #: Connections that ended, by reason.
        self.closings: Counter[str] = Counter()
        self.counts = Counts()
        self.trouble: str | None = None
        #: When the template of now came, in steady seconds; None before the first.
        self.offered_at: float | None = None
        #: What is to be recorded; None if nobody wants to hear of it.
        self.journal: Journal | None = None
        #: Why nothing can be recorded; empty if it can, or need not.
        self.record_trouble = ""
        self.bests = Bests()
        #: What an operator said of names and addresses, and what of that is still to be done.
        self.orders = Orders()
        self.chores = Chores()
        #: The process is going to end.
        self.draining = False

    @property
    def book(self) -> JobBook:
        """The house's jobs, whose tip and templates are everybody's."""
        return self.payees.house.book

    def set_time(self, unix_time: int) -> None:
        """The wall clock moved."""
        self.unix_time = self.candidates.unix_time = unix_time
        self.max_ntime = unix_time + MAX_NTIME_AHEAD

    def listen(self, reader: Reader) -> None:
        """`reader` is handed all that is to be recorded from now on."""
        if self.journal is None:
            self.journal = Journal()
        self.journal.readers.append(reader)

    def ignore(self, reader: Reader) -> None:
        """It is not handed anything any more."""
        if self.journal is not None:
            self.journal.readers.remove(reader)
            if not self.journal.readers:
                self.journal = None

    def enroll(self, miner: Miner, group_id: int | None, payee: bytes = HOUSE) -> None:
        """`miner` gets jobs from now on: for `group_id`, whose jobs pay `payee`, or each channel its own."""
        if group_id is None:
            self.ungrouped[miner.peer] = None
        else:
            self.payees.of(payee).grouped.setdefault(group_id, {})[miner.peer] = None

    def strike(self, miner: Miner, payee: bytes = HOUSE) -> None:
        """`miner` gets jobs only for the groups that still have members, of this payee, and for channels it still has."""
        if not miner.channels:
            self.ungrouped.pop(miner.peer, None)
        grouped = self.payees.of(payee).grouped
        for group_id, peers in list(grouped.items()):
            if miner.peer in peers and miner.groups.payees.get(group_id) != payee:
                del peers[miner.peer]
                if not peers:
                    del grouped[group_id]
