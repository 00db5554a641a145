"""Is a block valid? The consensus rules that a mining server can break, each with Core's own word (BIP22).

Rule: one row per rule, in the order in which Core looks; the first broken one is the verdict, and those after
it may rely on it. Not looked at: scripts and signatures, sigops, relative locktimes, coinbase maturity.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sluice.bitcoin.block import MAX_WEIGHT, Block, assemble_block
from sluice.bitcoin.coinbase import FINAL_SEQUENCE
from sluice.bitcoin.hashes import HASH_SIZE, BlockHash, Txid, sha256d
from sluice.bitcoin.merkle import merkle_root
from sluice.bitcoin.network import COIN
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import meets, target_from_nbits
from sluice.bitcoin.transaction import COINBASE_OUTPOINT, OutPoint, Transaction, TxOut

SCRIPT_SIG_SIZES = range(2, 101)  # bytes, of a coinbase
MAX_MONEY = 21_000_000 * COIN
SIGN_BIT = 2**63  # amounts are signed in Core
MAX_FUTURE = 7_200  # seconds by which a header may be ahead of the clock
OLDEST_VERSION = 4  # BIP65
LOCKTIME_IS_TIME = 500_000_000  # from here on, a locktime is unix seconds

_COMMITMENT = witness_commitment_script(bytes(HASH_SIZE))
_COMMITMENT_HEAD = _COMMITMENT[:-HASH_SIZE]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next block goes: what its parent and the rules ask of it."""

    prev_hash: BlockHash
    height: int
    nbits: int
    median_time: int  # of the eleven blocks before it (BIP113)
    subsidy: int


@dataclass(frozen=True)
class Candidate:
    """A block before the judge, at unix time `now`; it has at least one transaction."""

    block: Block
    place: Place
    now: float

    @cached_property
    def txids(self) -> list[Txid]:
        return [transaction.txid() for transaction in self.block.transactions]

    @property
    def coinbase(self) -> Transaction:
        return self.block.transactions[0]

    @property
    def others(self) -> Sequence[Transaction]:
        return self.block.transactions[1:]

    @cached_property
    def commitment(self) -> bytes | None:
        """What the coinbase commits to: the last output that looks so (BIP141)."""
        scripts = [output.script_pubkey for output in self.coinbase.outputs]
        found = [
            script
            for script in scripts
            if script.startswith(_COMMITMENT_HEAD) and len(script) >= len(_COMMITMENT)
        ]
        return found[-1][len(_COMMITMENT_HEAD) : len(_COMMITMENT)] if found else None


Rule = tuple[str, Callable[[Candidate], bool]]
"""Core's word, and whether the rule is broken."""


def _high_hash(it: Candidate) -> bool:
    try:
        return not meets(it.block.header.hash(), target_from_nbits(it.block.header.nbits))
    except ValueError:
        return True


def _stripped_weight(it: Candidate) -> int:
    stripped = [transaction.to_bytes(witness=False) for transaction in it.block.transactions]
    return 4 * len(assemble_block(it.block.header.to_bytes(), stripped[0], stripped[1:]))


def _pays(it: Candidate, amount: Callable[[Iterable[int]], int]) -> int:
    """The largest `amount` (max or sum) of a transaction's output values."""
    transactions = it.block.transactions
    return max(amount(output.value for output in transaction.outputs) for transaction in transactions)


def _spends_twice(it: Candidate) -> bool:
    inputs = [[txin.previous for txin in transaction.inputs] for transaction in it.block.transactions]
    return any(len(set(each)) != len(each) for each in inputs)


def _is_final(transaction: Transaction, place: Place) -> bool:
    limit = place.height if transaction.locktime < LOCKTIME_IS_TIME else place.median_time
    return transaction.locktime < limit or all(txin.sequence == FINAL_SEQUENCE for txin in transaction.inputs)


def _reserved_value(it: Candidate) -> bytes:
    """The coinbase's only witness item; empty unless it is as BIP141 wants it."""
    witness = it.coinbase.inputs[0].witness
    return witness[0] if len(witness) == 1 and len(witness[0]) == HASH_SIZE else b""


def _commits_to_something_else(it: Candidate) -> bool:
    if it.commitment is None:
        return False
    wtxids = [bytes(HASH_SIZE), *(transaction.wtxid() for transaction in it.others)]
    return it.commitment != sha256d(merkle_root(wtxids) + _reserved_value(it))


BODY: tuple[Rule, ...] = (  # CheckBlock, after the proof of work
    ("bad-txnmrklroot", lambda it: merkle_root(it.txids) != it.block.header.merkle_root),
    ("bad-txns-duplicate", lambda it: len(set(it.txids)) != len(it.txids)),
    ("bad-blk-length", lambda it: _stripped_weight(it) > MAX_WEIGHT),
    ("bad-cb-missing", lambda it: not it.coinbase.is_coinbase),
    ("bad-cb-multiple", lambda it: any(transaction.is_coinbase for transaction in it.others)),
    ("bad-txns-vout-empty", lambda it: not all(each.outputs for each in it.block.transactions)),
    ("bad-txns-vout-negative", lambda it: _pays(it, max) >= SIGN_BIT),
    ("bad-txns-vout-toolarge", lambda it: _pays(it, max) > MAX_MONEY),
    ("bad-txns-txouttotal-toolarge", lambda it: _pays(it, sum) > MAX_MONEY),
    ("bad-txns-inputs-duplicate", _spends_twice),
    ("bad-cb-length", lambda it: len(it.coinbase.inputs[0].script_sig) not in SCRIPT_SIG_SIZES),
    (
        "bad-txns-prevout-null",
        lambda it: any(txin.previous == COINBASE_OUTPOINT for each in it.others for txin in each.inputs),
    ),
)

PLACED: tuple[Rule, ...] = (  # ContextualCheckBlockHeader, ContextualCheckBlock
    ("bad-diffbits", lambda it: it.block.header.nbits != it.place.nbits),
    ("time-too-old", lambda it: it.block.header.ntime <= it.place.median_time),
    ("time-too-new", lambda it: it.block.header.ntime > it.now + MAX_FUTURE),
    ("bad-version(0x{version:08x})", lambda it: _signed(it.block.header.version) < OLDEST_VERSION),
    ("bad-txns-nonfinal", lambda it: not all(_is_final(each, it.place) for each in it.block.transactions)),
    (
        "bad-cb-height",
        lambda it: not it.coinbase.inputs[0].script_sig.startswith(push_height(it.place.height)),
    ),
    ("bad-witness-nonce-size", lambda it: it.commitment is not None and not _reserved_value(it)),
    ("bad-witness-merkle-match", _commits_to_something_else),
    (
        "unexpected-witness",
        lambda it: it.commitment is None and any(each.has_witness for each in it.block.transactions),
    ),
    ("bad-blk-weight", lambda it: it.block.weight() > MAX_WEIGHT),
)

PROOF: tuple[Rule, ...] = (("high-hash", _high_hash),)


def verdict(rules: Sequence[Rule], it: Candidate) -> str:
    """The word for the first broken rule; empty if none is."""
    word = next((word for word, is_broken in rules if is_broken(it)), "")
    return word.format(version=it.block.header.version)


def money_verdict(it: Candidate, coins: Mapping[OutPoint, TxOut]) -> str:
    """The word for what is wrong with the amounts, given the coins before this block; empty if nothing."""
    made: dict[OutPoint, TxOut] = {}
    spent: set[OutPoint] = set()
    fees = 0
    for txid, transaction in zip(it.txids[1:], it.others, strict=True):
        places = {txin.previous for txin in transaction.inputs}
        found = [made.get(place) or coins.get(place) for place in places]
        values = [coin.value for coin in found if coin is not None]
        if len(values) != len(found) or places & spent:
            return "bad-txns-inputs-missingorspent"
        fee = sum(values) - sum(output.value for output in transaction.outputs)
        if fee < 0:
            return "bad-txns-in-belowout"
        fees += fee
        spent |= places
        made |= {OutPoint(txid, index): output for index, output in enumerate(transaction.outputs)}
    claimed = sum(output.value for output in it.coinbase.outputs)
    return "bad-cb-amount" if claimed > it.place.subsidy + fees else ""


def _signed(version: int) -> int:
    return version - 2**32 if version >= 2**31 else version
