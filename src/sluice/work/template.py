"""What a node offers to build a block on, and the tip it builds on.

A Template carries everything but the coinbase's rewards and the miner's search space (spec 7.2, BIP22).
Rule: a template is made once, by a node adapter, and never changed.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import Target, target_from_nbits
from sluice.bitcoin.transaction import TxOut
from sluice.bitcoin.witness import witness_commitment


class TransactionFacts(NamedTuple):
    """What a node says of one transaction of its template: txid in wire order, fee in satoshis (BIP22, BIP145)."""

    txid: bytes
    weight: int
    sigops: int
    fee: int


@dataclass(frozen=True, slots=True)
class Template:
    """One block in the making; hashes in wire order, times in unix seconds, values in satoshis.

    `coinbase_value` is what the reward outputs must pay together, to the satoshi; `coinbase_outputs` are
    the node's own (the witness commitment) and stand after them. `transactions` are raw, witness
    included, in block order, without the coinbase; `facts` go with them, or there are none: a node need not
    tell them.
    """

    template_id: int
    height: int
    prev_hash: BlockHash
    nbits: int
    version: int
    min_ntime: int
    ntime: int
    coinbase_value: int
    coinbase_outputs: tuple[TxOut, ...]
    merkle_path: tuple[bytes, ...]
    transactions: tuple[bytes, ...]
    coinbase_prefix: bytes
    coinbase_tx_version: int = 2
    coinbase_tx_sequence: int = 0xFFFFFFFE
    coinbase_tx_locktime: int = 0
    fees: int = 0
    facts: tuple[TransactionFacts, ...] = ()
    #: Whether its node takes an empty block on the same tip as well: a template provider takes only what it offered.
    empty_fits: bool = True


@dataclass(frozen=True, slots=True)
class Tip:
    """The block we build on, as the next header needs it (spec 5.3.17)."""

    prev_hash: BlockHash
    height: int
    nbits: int
    min_ntime: int
    target: Target


def tip_of(template: Template) -> Tip:
    """The tip that `template` builds on; `height` is that of the block to be found."""
    return Tip(
        template.prev_hash,
        template.height,
        template.nbits,
        template.min_ntime,
        target_from_nbits(template.nbits),
    )


def empty_successor(template: Template, subsidy: int) -> Template:
    """The empty block that would follow `template`'s, to be sent ahead as a future job (spec 5.1.3).

    It has no transactions, so nothing in it can conflict with the block in between. `prev_hash`, `nbits`
    and times are not known yet: they are those of `template`, as its id is, and must not be mined on before
    the node has shown the next tip.
    """
    height = template.height + 1
    return replace(
        template,
        height=height,
        coinbase_value=subsidy,
        coinbase_outputs=(TxOut(0, witness_commitment_script(witness_commitment(()))),),
        merkle_path=(),
        transactions=(),
        coinbase_prefix=push_height(height),
        coinbase_tx_locktime=height - 1,
        fees=0,
        facts=(),
    )
