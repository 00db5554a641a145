"""What blvm-datum and we tell each other: whom a coinbase pays (`get_coinbase_payout`), which block was found.

    {"outputs": [{"script": "<hex>", "value": <satoshis>}], "primary_tag": <text>, "unique_id": <text or number>}

or `null` where it has no opinion. Every output counts, and both tags go into the coinbase before the pool's own.
Rule: what is not whole is not used at all; a reward that is paid by half of a list is paid wrongly.
"""

from dataclasses import replace
from typing import Any

from sluice.bitcoin.header import Header
from sluice.bitcoin.network import COIN
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.blvm import structures as wire
from sluice.module.request import Refusal, bytes_in, number_in, read_request
from sluice.pool.ports import FoundBlock
from sluice.work.job import Payout

#: By these names it may be loaded: what its manifest says, and what the origin asked for.
DATUM_MODULES = ("blvm-datum", "datum")
PAYOUT_METHOD = "get_coinbase_payout"
FOUND_METHOD = "submit_pow"

#: A coinbase travels to every miner with every job, and small devices cut large ones.
MAX_OUTPUTS = 200
MOST_SATOSHIS = 21_000_000 * COIN
MAX_SCRIPT = 83
#: Bytes of all tags: a coinbase's script has 100, of which height and extranonce take up to 30.
MAX_TAGS = 64


def payout_by(answer: bytes, own: Payout) -> Payout:
    """`own`, with the outputs and tags of a module's answer. Raises Refusal, which says what is wrong with it."""
    said = read_request(answer)
    if not said:
        return own
    outputs = said.get("outputs")
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise Refusal("outputs must be a list of objects")
    if len(outputs) > MAX_OUTPUTS:
        raise Refusal(f"there are {len(outputs)} outputs, {MAX_OUTPUTS} are the most")
    shares = tuple(_output(output) for output in outputs)
    if sum(share.value for share in shares) > MOST_SATOSHIS:
        raise Refusal("the outputs are more than all coins there are")
    return replace(own, shares=shares, pool_tag=_tags(said, own.pool_tag))


def _output(output: dict[str, Any]) -> TxOut:
    script = bytes_in(output, "script", MAX_SCRIPT)
    if not script:
        raise Refusal("missing script")
    if output.get("value") is None:
        raise Refusal("missing value")
    return TxOut(number_in(output, "value", 0, MOST_SATOSHIS), script)


def _tags(said: Any, own: bytes) -> bytes:
    """The module's tags first, as whoever pays by them looks for them there; ours while there is room."""
    tags = [
        str(said[key]).encode() for key in ("primary_tag", "unique_id") if said.get(key) not in (None, "")
    ]
    if sum(map(len, tags)) + len(tags) > MAX_TAGS:
        raise Refusal(f"primary_tag and unique_id have more than {MAX_TAGS} bytes")
    with_ours = b"/".join([*tags, own]) if own else b"/".join(tags)
    return with_ours if len(with_ours) <= MAX_TAGS else b"/".join(tags)


def proof_of(block: FoundBlock) -> bytes:
    """A found block as the origin hands it to `submit_pow`: blvm's own structure, which has no witnesses."""
    header = Header.parse(block.header)
    transactions = [Transaction.parse(raw) for raw in (block.coinbase, *block.transactions)]
    proof = wire.Block(
        wire.BlockHeader(
            header.version,
            header.prev_hash,
            header.merkle_root,
            header.ntime,
            header.nbits,
            header.nonce,
        ),
        tuple(map(_stripped, transactions)),
    )
    return proof.codec.write(proof)


def _stripped(transaction: Transaction) -> wire.Transaction:
    inputs = tuple(
        wire.TransactionInput(
            wire.OutPoint(txin.previous.txid, txin.previous.index), txin.sequence, txin.script_sig
        )
        for txin in transaction.inputs
    )
    outputs = tuple(
        wire.TransactionOutput(output.value, output.script_pubkey) for output in transaction.outputs
    )
    return wire.Transaction(transaction.version, inputs, outputs, transaction.locktime)
