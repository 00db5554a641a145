"""Blocks on a template, honest or broken in one place, as a test mines them.

Rule: what is broken is broken alone; all that follows from it (ids, root, commitment, proof) is made right.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sluice.bitcoin.block import assemble_block
from sluice.bitcoin.coinbase import CoinbasePlan, split_coinbase, with_witness
from sluice.bitcoin.hashes import BlockHash, MerkleRoot, Txid, sha256d
from sluice.bitcoin.header import Header
from sluice.bitcoin.merkle import fold_merkle_path, merkle_root
from sluice.bitcoin.network import COIN
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import meets, target_from_nbits
from sluice.bitcoin.transaction import COINBASE_OUTPOINT, OutPoint, Transaction, TxIn, TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.work.template import Template

ANYONE = b"\x51"  # OP_TRUE
EXTRANONCE_SIZE = 16
FINAL = 0xFFFF_FFFF
ALL_MONEY = 21_000_000 * COIN
FULL_BLOCK = 1_000_000  # bytes without witness: all that a block's weight allows
NOWHERE = OutPoint(Txid(sha256d(b"nowhere")), 0)


def found(template: Template, extranonce: int = 0) -> bytes:
    """The block as Sluice would submit it: split coinbase, folded path, ground nonce."""
    coinbase = coinbase_of(template, extranonce)
    header = ground(_header(template, coinbase))
    whole = with_witness(coinbase) if template.coinbase_outputs else coinbase
    return assemble_block(header.to_bytes(), whole, template.transactions)


def coinbase_of(template: Template, extranonce: int = 0) -> bytes:
    """Without its witness, everything paid to anyone."""
    plan = CoinbasePlan(
        prefix_script=template.coinbase_prefix,
        pool_tag=b"/test/",
        extranonce_size=EXTRANONCE_SIZE,
        outputs=(TxOut(template.coinbase_value, ANYONE), *template.coinbase_outputs),
        tx_version=template.coinbase_tx_version,
        sequence=template.coinbase_tx_sequence,
        locktime=template.coinbase_tx_locktime,
    )
    return split_coinbase(plan).join(extranonce.to_bytes(EXTRANONCE_SIZE))


def _header(template: Template, coinbase: bytes) -> Header:
    root = fold_merkle_path(sha256d(coinbase), template.merkle_path)
    return Header(template.version, template.prev_hash, root, template.ntime, template.nbits, 0)


def ground(header: Header, *, proven: bool = True) -> Header:
    """The header with the first nonce that meets its own nbits, or misses them."""
    target = target_from_nbits(header.nbits)
    tried = (replace(header, nonce=nonce) for nonce in range(2**32))
    return next(header for header in tried if meets(header.hash(), target) is proven)


@dataclass(frozen=True)
class Draft:
    """An honest block taken apart, to be broken. Every method gives another draft."""

    header: Header
    coinbase: Transaction
    others: tuple[Transaction, ...]
    min_ntime: int

    def under(self, header: Header) -> bytes:
        """The block's bytes under just this header."""
        others = [other.to_bytes() for other in self.others]
        return assemble_block(header.to_bytes(), self.coinbase.to_bytes(), others)

    def block(self, *, proven: bool = True) -> bytes:
        """The block's bytes with root and proof."""
        root = merkle_root([transaction.txid() for transaction in (self.coinbase, *self.others)])
        return self.under(ground(replace(self.header, merkle_root=root), proven=proven))

    def header_with(self, **fields: object) -> "Draft":
        return replace(self, header=replace(self.header, **fields))  # type: ignore[arg-type]

    def coinbase_with(self, **fields: object) -> "Draft":
        return replace(self, coinbase=replace(self.coinbase, **fields))  # type: ignore[arg-type]

    def input_with(self, **fields: object) -> "Draft":
        """The coinbase's input."""
        changed = replace(self.coinbase.inputs[0], **fields)  # type: ignore[arg-type]
        return self.coinbase_with(inputs=(changed,))

    def paying(self, value: int) -> "Draft":
        reward, *rest = self.coinbase.outputs
        return self.coinbase_with(outputs=(replace(reward, value=value), *rest))

    def holding(self, *others: Transaction) -> "Draft":
        """Other transactions, committed to."""
        commitment = witness_commitment([other.wtxid() for other in others])
        outputs = (*self.coinbase.outputs[:-1], TxOut(0, witness_commitment_script(commitment)))
        return replace(self.coinbase_with(outputs=outputs), others=others)

    def of_size(self, size: int) -> "Draft":
        """Empty but for a coinbase so long that the block has `size` bytes without its witness."""
        empty = self.holding()
        reward, *rest = empty.coinbase.outputs
        plain = len(empty.input_with(witness=()).under(self.header))
        script = bytes(size - plain + len(reward.script_pubkey) - 4)  # its length then takes 5 bytes, not 1
        return empty.coinbase_with(outputs=(replace(reward, script_pubkey=script), *rest))


def draft(template: Template) -> Draft:
    """An honest block on the template."""
    coinbase = coinbase_of(template)
    others = tuple(Transaction.parse(raw) for raw in template.transactions)
    return Draft(
        _header(template, coinbase), Transaction.parse(with_witness(coinbase)), others, template.min_ntime
    )


def spending(*places: OutPoint) -> Transaction:
    """A transaction that nobody has signed."""
    return Transaction(2, tuple(TxIn(place, b"", FINAL) for place in places), (TxOut(0, ANYONE),), 0)


def height_of(it: Draft) -> int:
    """A coinbase of ours carries it (BIP54)."""
    return it.coinbase.locktime + 1


REFUSALS: tuple[tuple[str, Callable[[Draft], bytes]], ...] = (
    ("high-hash", lambda it: it.block(proven=False)),
    ("bad-txnmrklroot", lambda it: it.under(ground(replace(it.header, merkle_root=MerkleRoot(bytes(32)))))),
    ("bad-txns-duplicate", lambda it: it.holding(*it.others[:2], it.others[1]).block()),
    ("bad-blk-length", lambda it: it.of_size(FULL_BLOCK + 1).block()),
    (
        "bad-cb-multiple",
        lambda it: it.holding(
            *it.others, replace(it.coinbase, locktime=0, inputs=(_no_witness(it),))
        ).block(),
    ),
    ("bad-txns-vout-empty", lambda it: it.coinbase_with(outputs=()).block()),
    ("bad-txns-vout-negative", lambda it: it.paying(2**64 - 1).block()),
    ("bad-txns-vout-toolarge", lambda it: it.paying(ALL_MONEY + 1).block()),
    (
        "bad-txns-txouttotal-toolarge",
        lambda it: it.coinbase_with(outputs=(TxOut(ALL_MONEY, ANYONE), TxOut(1, ANYONE))).block(),
    ),
    ("bad-txns-inputs-duplicate", lambda it: it.holding(spending(NOWHERE, NOWHERE)).block()),
    (
        "bad-cb-length",
        lambda it: it.input_with(script_sig=it.coinbase.inputs[0].script_sig.ljust(101, b"\0")).block(),
    ),
    ("bad-txns-prevout-null", lambda it: it.holding(spending(NOWHERE, COINBASE_OUTPOINT)).block()),
    (
        "prev-blk-not-found",
        lambda it: it.header_with(prev_hash=BlockHash(sha256d(b"another chain"))).block(),
    ),
    ("bad-diffbits", lambda it: it.header_with(nbits=it.header.nbits - 1).block()),
    ("time-too-old", lambda it: it.header_with(ntime=it.min_ntime - 1).block()),
    ("time-too-new", lambda it: it.header_with(ntime=it.header.ntime + 7_800).block()),
    ("bad-version(0x00000001)", lambda it: it.header_with(version=1).block()),
    ("bad-txns-nonfinal", lambda it: it.coinbase_with(locktime=height_of(it)).block()),
    (
        "bad-cb-height",
        lambda it: it.input_with(script_sig=push_height(height_of(it) + 1) + b"/test/").block(),
    ),
    ("bad-witness-nonce-size", lambda it: it.input_with(witness=(bytes(31),)).block()),
    (
        "bad-witness-merkle-match",
        lambda it: it.coinbase_with(
            outputs=(*it.coinbase.outputs, TxOut(0, witness_commitment_script(bytes(32))))
        ).block(),
    ),
    ("unexpected-witness", lambda it: it.coinbase_with(outputs=it.coinbase.outputs[:1]).block()),
    ("bad-blk-weight", lambda it: it.of_size(FULL_BLOCK).block()),
    ("bad-txns-inputs-missingorspent", lambda it: it.holding(spending(NOWHERE)).block()),
    ("bad-cb-amount", lambda it: it.paying(it.coinbase.outputs[0].value + 1).block()),
    ("Block decode failed", lambda it: it.block()[:-1]),
)
"""BIP22's words, and a block that earns each; in the order in which Core looks. Needs two transactions."""


def _no_witness(it: Draft) -> TxIn:
    return replace(it.coinbase.inputs[0], witness=())
