"""The embedded chain: regtest's genesis, and on it whatever blocks are handed in, if they are valid.

Rule: the answers are BIP22's, as Core gives them. There is one branch: a block beside the tip is
`inconclusive` and forgotten. No clock inside: every call says what time it is. What it does is its own seed's
doing, so that a simulation can be repeated.
"""

from collections import deque
from dataclasses import dataclass

from sluice.bitcoin.block import MAX_WEIGHT, Block
from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.header import Header
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.network import REGTEST, subsidy
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.sigops import sigops_cost
from sluice.bitcoin.target import (
    Target,
    nbits_from_target,
    target_for_hashrate,
    target_from_nbits,
)
from sluice.bitcoin.transaction import TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.node.embedded.made_up import MadeUp
from sluice.node.embedded.mempool import Mempool
from sluice.node.embedded.retarget import EASIEST, next_target
from sluice.node.embedded.validation import BODY, PLACED, PROOF, Candidate, Place, money_verdict, verdict
from sluice.work.template import Template, TransactionFacts

GENESIS = Header.parse(
    bytes.fromhex(
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f61"
        "7fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000"
    )
)
VERSION = 0x2000_0000  # BIP9, nothing signalled
RESERVED_WEIGHT = 8_000  # for header and coinbase, as in Core
MEDIAN_SPAN = 11  # blocks, BIP113
REMEMBERED = 10_000  # block hashes, a day of ten-second blocks; an older one is not called a duplicate


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """What the chain shall be like.

    `hashrate`: expected hashes per second, with which the first block takes `block_seconds`. State it rather
    too low: blocks that come too fast are slowed down within seconds, the other way takes long.
    """

    hashrate: int
    block_seconds: float = 10.0
    transactions_per_second: float = 5.0
    seed: int = 0


class Chain:
    """Mutable; one owner. Times are unix seconds."""

    __slots__ = (
        "_grown_until",
        "_known",
        "_mempool",
        "_plan",
        "_since",
        "_target",
        "_times",
        "height",
        "tip",
    )

    def __init__(self, plan: ChainPlan, now: float) -> None:
        self._plan = plan
        self._mempool = Mempool(plan.seed)
        self._since = now  # when the tip came
        self._grown_until = now
        self._times = deque((GENESIS.ntime,), MEDIAN_SPAN)
        self.tip = GENESIS.hash()
        self.height = 0
        self._known: dict[BlockHash, int] = {self.tip: 0}
        first = target_for_hashrate(plan.hashrate, 60 / plan.block_seconds)
        self._target = target_from_nbits(nbits_from_target(Target(min(first, EASIEST))))

    @property
    def target(self) -> Target:
        """What the next block's hash has to meet."""
        return self._target

    def hash_at(self, height: int) -> BlockHash | None:
        """The block at `height`; None if the chain is not that high, or it is long forgotten."""
        return next((hash_ for hash_, there in reversed(self._known.items()) if there == height), None)

    def template(self, template_id: int, now: float) -> Template:
        """What can be mined now; transactions have come in the meantime."""
        self._let_transactions_come(now)
        chosen = self._mempool.choose(MAX_WEIGHT - RESERVED_WEIGHT)
        fees = sum(made.fee for made in chosen)
        place = self._place()
        commitment = witness_commitment([made.wtxid for made in chosen])
        return Template(
            template_id=template_id,
            height=place.height,
            prev_hash=place.prev_hash,
            nbits=place.nbits,
            version=VERSION,
            min_ntime=place.median_time + 1,
            ntime=max(int(now), place.median_time + 1),
            coinbase_value=place.subsidy + fees,
            coinbase_outputs=(TxOut(0, witness_commitment_script(commitment)),),
            merkle_path=coinbase_merkle_path([made.txid for made in chosen]),
            transactions=tuple(made.raw for made in chosen),
            coinbase_prefix=push_height(place.height),
            coinbase_tx_locktime=place.height - 1,
            fees=fees,
            facts=tuple(_facts(made) for made in chosen),
        )

    def submit(self, raw: bytes, now: float) -> str:
        """Empty if the block is the new tip, else the BIP22 word for why not."""
        block = _parse(raw)
        if isinstance(block, str):
            return block
        hash_ = block.header.hash()
        if hash_ in self._known:
            return "duplicate"
        it = Candidate(block, self._place(), now)
        if word := verdict(PROOF, it) or verdict(BODY, it):
            return word
        if block.header.prev_hash != self.tip:
            return "inconclusive" if block.header.prev_hash in self._known else "prev-blk-not-found"
        if word := self._verdict_in_place(it):
            return word
        self._connect(block, hash_, now)
        return ""

    def propose(self, raw: bytes, now: float) -> str:
        """As `submit`, but the proof of work is not asked for and nothing changes (BIP23)."""
        block = _parse(raw)
        if isinstance(block, str):
            return block
        if block.header.prev_hash != self.tip:
            return "inconclusive-not-best-prevblk"
        it = Candidate(block, self._place(), now)
        return verdict(BODY, it) or self._verdict_in_place(it)

    def _verdict_in_place(self, it: Candidate) -> str:
        return verdict(PLACED, it) or money_verdict(it, self._mempool.coins)

    def _place(self) -> Place:
        height = self.height + 1
        median = sorted(self._times)[len(self._times) // 2]
        return Place(self.tip, height, nbits_from_target(self._target), median, subsidy(height, REGTEST))

    def _connect(self, block: Block, hash_: BlockHash, now: float) -> None:
        self._mempool.settle(block.transactions[1:])
        self._times.append(block.header.ntime)
        self._target = next_target(self._target, now - self._since, self._plan.block_seconds)
        self._since = now
        self.tip = hash_
        self.height += 1
        self._known[hash_] = self.height
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _let_transactions_come(self, now: float) -> None:
        count = int((now - self._grown_until) * self._plan.transactions_per_second)
        if count > 0:
            self._mempool.grow(count)
            self._grown_until += count / self._plan.transactions_per_second


def _facts(made: MadeUp) -> TransactionFacts:
    sigops = sum(sigops_cost(output.script_pubkey) for output in made.transaction.outputs)
    return TransactionFacts(made.txid, made.weight, sigops, made.fee)


def _parse(raw: bytes) -> Block | str:
    try:
        block = Block.parse(raw)
    except DecodeError:
        return "Block decode failed"  # Core's words, its RPC error -22
    return block if block.transactions else "bad-blk-length"
