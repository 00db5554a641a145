"""The node of a simulated world: the embedded chain, some way off, on which others mine, too.

Rule: it decides nothing; the chain does, with BIP22's words. Blocks of others are really mined.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from sluice.bitcoin.block import assemble_block
from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.hashes import BlockHash, MerkleRoot
from sluice.bitcoin.target import target_from_nbits
from sluice.node.bitcoind.submission import SUBMIT_BLOCK_ROUTE, outcome_of
from sluice.node.embedded.chain import Chain, ChainPlan
from sluice.pool.effects import Look, Submit
from sluice.pool.inputs import Answered, Input, Offered, Routed, Sighted
from sluice.pool.ports import Answer, Outcome, Sight
from sluice.sim.miner.hasher import grind
from sluice.sim.miner.work_unit import Share, StandardJob, Tip, WorkUnit
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.job import Payout, cut

NAME = "world"
#: Unix seconds when a world begins: later than regtest's genesis.
EPOCH = 1_700_000_000
#: Seconds to the node and back.
WAY = 0.05
#: What others put into their coinbases.
OTHERS = Payout(b"\x51", b"others")
_BATCH = 4_096


@dataclass(frozen=True, slots=True)
class Found:
    """A block that the chain has taken, wherever it came from."""

    height: int
    block_hash: bytes


class WorldNode:
    """Mutable; one owner. What it has to say goes to `feed`, as inputs of the pool."""

    __slots__ = ("_clock", "_feed", "_ids", "away", "blocks", "chain")

    def __init__(
        self, clock: JumpingClock, plan: ChainPlan, refresh_seconds: float, feed: Callable[[Input], None]
    ) -> None:
        self.chain = Chain(plan, EPOCH + clock.now)
        #: All blocks, in order.
        self.blocks: list[Found] = []
        #: Nobody hears of it.
        self.away = False
        self._clock = clock
        self._feed = feed
        self._ids = count(1)
        clock.after(0, partial(feed, Routed(((NAME, SUBMIT_BLOCK_ROUTE),))))
        clock.after(WAY, self.offer)
        clock.every(refresh_seconds, self.offer)

    @property
    def unix_time(self) -> float:
        """The node's clock, which is everybody's here."""
        return EPOCH + self._clock.now

    def offer(self) -> None:
        """Offer what can be mined now."""
        if not self.away:
            self._feed(Offered(self.chain.template(next(self._ids), self.unix_time)))

    def submit(self, effect: Submit) -> None:
        """Take a block on its way; the answer, and what follows from it, come later."""
        self._clock.after(WAY, partial(self._judge, effect))

    def look(self, effect: Look) -> None:
        """Somebody wants to see its chain."""
        self._clock.after(WAY, partial(self._show, effect.height))

    def others_find(self) -> None:
        """Somebody else finds a block."""
        template = self.chain.template(next(self._ids), self.unix_time)
        job = cut(template, OTHERS, template.template_id)
        extranonce = bytes(EXTRANONCE_SIZE)
        tip = Tip(BlockHash(template.prev_hash), template.nbits, template.ntime, self._clock.now)
        standard = StandardJob(0, job.version, 0, MerkleRoot(job.merkle_root(extranonce)))
        unit = WorkUnit(0, standard, tip, template.ntime, target_from_nbits(template.nbits))
        share = _first_share(unit)
        header = unit.header(b"", share.version, share.ntime, share.nonce)
        coinbase = with_witness(job.coinbase(extranonce))
        self._take(assemble_block(header, coinbase, template.transactions), share.hash)

    def _judge(self, effect: Submit) -> None:
        found = effect.found
        if self.away:
            outcome = Outcome(NAME, effect.route, Answer.SILENT, "nobody is there")
        else:
            outcome = outcome_of(NAME, self._take(found.raw, found.block_hash))
        self._feed(Answered(found.block_hash, outcome))

    def _show(self, height: int) -> None:
        chain = self.chain
        sights = () if self.away else (Sight(NAME, chain.hash_at(height), chain.height),)
        self._feed(Sighted(height, sights))

    def _take(self, block: bytes, block_hash: bytes) -> str:
        word = self.chain.submit(block, self.unix_time)
        if not word:
            self.blocks.append(Found(self.chain.height, block_hash))
            self._clock.after(WAY, self.offer)
        return word


def _first_share(unit: WorkUnit) -> Share:
    start = 0
    while not (shares := grind(unit, start, _BATCH)):
        start += _BATCH
    return shares[0]
