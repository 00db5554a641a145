"""A node's getblocktemplate becomes a Template (BIP22, BIP23, BIP145).

Rule: the block that is submitted is made of the bytes in `data`, so the witness commitment is computed from
them. Where the node's own differs, its answer contradicts itself, any block built on it would be refused,
and no template is made of it: loud at once is better than silent until a block is found.
"""

from sluice.bitcoin.hashes import BlockHash, from_display, sha256d
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import target_from_nbits
from sluice.bitcoin.transaction import TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.node.bitcoind.methods import OfferedBlock, OfferedTransaction
from sluice.work.template import Template, TransactionFacts

U32_MASK = 0xFFFF_FFFF


class TemplateError(ValueError):
    """A node's answer that no block can be built on; the text says what is wrong with it."""


def speaks_segwit(offer: OfferedBlock) -> bool:
    """Whether the node builds blocks with witnesses; one from before 2017 does not (BIP145)."""
    return bool(offer.default_witness_commitment) or not {"segwit", "!segwit"}.isdisjoint(offer.rules)


def template_of(offer: OfferedBlock, template_id: int) -> Template:
    """The template in a node's answer. Raises TemplateError.

    BIP54's locktime and sequence are ours: they need nothing of the node.
    """
    if not speaks_segwit(offer):
        raise TemplateError("neither a witness commitment nor segwit among the rules")
    transactions = tuple(_raw(index, offered) for index, offered in enumerate(offer.transactions))
    txids = [_hash(f"transactions[{index}].txid", each.txid) for index, each in enumerate(offer.transactions)]
    return Template(
        template_id=template_id,
        height=offer.height,
        prev_hash=BlockHash(_hash("previousblockhash", offer.previousblockhash)),
        nbits=_nbits(offer.bits),
        version=offer.version & U32_MASK,
        min_ntime=offer.mintime,
        ntime=offer.curtime,
        coinbase_value=offer.coinbasevalue,
        coinbase_outputs=(TxOut(0, _commitment_script(offer, transactions)),),
        merkle_path=coinbase_merkle_path(txids),
        transactions=transactions,
        coinbase_prefix=push_height(offer.height),
        coinbase_tx_locktime=offer.height - 1,
        fees=sum(offered.fee or 0 for offered in offer.transactions),
        facts=_facts(txids, offer),
    )


def _raw(index: int, offered: OfferedTransaction) -> bytes:
    try:
        return bytes.fromhex(offered.data)
    except ValueError:
        raise TemplateError(f"transactions[{index}].data is not hex") from None


def _hash(field: str, text: str) -> bytes:
    try:
        return from_display(text)
    except ValueError as error:
        raise TemplateError(f"{field}: {error}") from None


def _nbits(text: str) -> int:
    try:
        nbits = int.from_bytes(bytes.fromhex(text))
        target_from_nbits(nbits)
    except ValueError as error:
        raise TemplateError(f"bits {text!r}: {error}") from None
    return nbits


def _facts(txids: list[bytes], offer: OfferedBlock) -> tuple[TransactionFacts, ...]:
    """Of all transactions or of none: what is known of some only is of no use."""
    facts = []
    for txid, offered in zip(txids, offer.transactions, strict=True):
        weight, sigops, fee = offered.weight, offered.sigops, offered.fee
        if weight is None or sigops is None or fee is None:
            return ()
        facts.append(TransactionFacts(txid, weight, sigops, fee))
    return tuple(facts)


def _commitment_script(offer: OfferedBlock, transactions: tuple[bytes, ...]) -> bytes:
    """The node's script as it stands: it may carry more behind the 38 bytes of BIP141."""
    ours = witness_commitment_script(witness_commitment([sha256d(raw) for raw in transactions]))
    if not offer.default_witness_commitment:
        return ours
    try:
        theirs = bytes.fromhex(offer.default_witness_commitment)
    except ValueError:
        raise TemplateError("default_witness_commitment is not hex") from None
    if theirs[: len(ours)] != ours:
        raise TemplateError(
            f"default_witness_commitment {offer.default_witness_commitment} is not that of the transactions "
            f"beside it, {ours.hex()}"
        )
    return theirs
