"""What is mined on a blvm-node: our own template, and in it the transactions that the node offers.

Rule: height, version, nBits, times and coinbase are ours. An offer is taken only if it agrees with them and can be
proved whole: published nodes before 0.1.60 count heights from the tip and leave fees out, and over the module API
none gives witnesses. What cannot be proved is not mined: a block without transactions is worth more than none.
"""

from collections.abc import Sequence
from dataclasses import replace

from sluice.bitcoin.block import MAX_WEIGHT
from sluice.bitcoin.hashes import Txid, from_display
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.network import Network, subsidy
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.blvm import structures
from sluice.node.bitcoind.methods import OfferedBlock
from sluice.node.blvm.chain import Place
from sluice.node.blvm.headers import Following
from sluice.work.template import Template

VERSION = 0x2000_0000  # BIP9, nothing signalled; the node's own is 1 at times, which is no block since BIP34
RESERVED_WEIGHT = 8_000  # for header and coinbase, as in Core
OUTRUN = "it builds on another block"  # which is no fault: the tip has moved meanwhile
#: A scriptSig that is one push of a witness program: what it spends needs a witness (BIP141).
WRAPPED_PROGRAMS = (b"\x16\x00\x14", b"\x22\x00\x20")


def empty_template(
    place: Place, following: Following, network: Network, now: int, template_id: int
) -> Template:
    """A block without transactions on the tip. It pays the subsidy, and needs no commitment (BIP141)."""
    height = place.height + 1
    return Template(
        template_id=template_id,
        height=height,
        prev_hash=place.tip,
        nbits=following.nbits,
        version=VERSION,
        min_ntime=following.min_ntime,
        ntime=max(now, following.min_ntime),
        coinbase_value=subsidy(height, network),
        coinbase_outputs=(),
        merkle_path=(),
        transactions=(),
        coinbase_prefix=push_height(height),
        coinbase_tx_locktime=height - 1,
    )


def filled_by_rpc(own: Template, offer: OfferedBlock) -> Template | str:
    """With the transactions of a getblocktemplate, witnesses and all; or why not."""
    try:
        prev_hash, nbits = from_display(offer.previousblockhash), int(offer.bits, 16)
        transactions = [Transaction.parse(bytes.fromhex(each.data)) for each in offer.transactions]
        txids = [from_display(each.txid) for each in offer.transactions]
    except ValueError as error:
        return f"it cannot be read: {error}"
    if misfit := _misfit(own, prev_hash, offer.height, nbits):
        return misfit
    if txids != [each.txid() for each in transactions]:
        return "its transactions are not those that it names"
    if any(not each.has_witness and _needs_witness(each) for each in transactions):
        return "its transactions have lost their witnesses"
    fees = offer.coinbasevalue - own.coinbase_value
    told = [offered.fee for offered in offer.transactions if offered.fee is not None]
    if fees < 0 or (len(told) == len(transactions) and fees != sum(told)):
        return f"it pays {offer.coinbasevalue}, where the subsidy is {own.coinbase_value} and fees are {sum(told)}"
    return _filled(own, transactions, fees)


def filled_by_module_api(own: Template, offer: structures.BlockTemplate) -> Template | str:
    """With the transactions of a GetBlockTemplate, which have no witnesses; or why not."""
    if misfit := _misfit(own, offer.header.prev_block_hash, offer.height, offer.header.bits):
        return misfit
    try:
        transactions = [transaction_of(each) for each in offer.transactions]
    except OverflowError as error:
        return str(error)
    if any(map(_needs_witness, transactions)):
        return "it has transactions that need a witness, which the module API leaves out"
    fees = sum(output.value for output in offer.coinbase_tx.outputs) - own.coinbase_value
    if fees < 0:
        return f"it pays {own.coinbase_value + fees}, which is less than the subsidy"
    return _filled(own, transactions, fees)


def transaction_of(told: structures.Transaction) -> Transaction:
    """blvm-node's form of a transaction as bytes have it. OverflowError where they could not."""
    if max(told.version, told.lock_time, *(each.sequence for each in told.inputs)) > 0xFFFF_FFFF:
        raise OverflowError("a transaction with a number of more than 32 bits")
    inputs = tuple(
        TxIn(OutPoint(Txid(each.prevout.hash), each.prevout.index), each.script_sig, each.sequence)
        for each in told.inputs
    )
    outputs = tuple(TxOut(each.value, each.script_pubkey) for each in told.outputs)
    if not inputs or any(output.value < 0 for output in outputs):
        raise OverflowError("a transaction without inputs, or with an output below zero")
    return Transaction(told.version, inputs, outputs, told.lock_time)


def _misfit(own: Template, prev_hash: bytes, height: int, nbits: int) -> str:
    """What of the offer is not as our own template has it; empty if nothing."""
    if prev_hash != own.prev_hash:
        return OUTRUN
    if (height, nbits) != (own.height, own.nbits):
        return f"it would be block {height} with nBits {nbits:08x}, and the next is {own.height} with {own.nbits:08x}"
    return ""


def _needs_witness(transaction: Transaction) -> bool:
    """Whether it has an input that, if it is valid, has a witness: what is spent with an empty scriptSig or one that
    pushes a witness program alone. That anyone may spend an output would be another case; nobody makes them.
    """
    scripts = [spent.script_sig for spent in transaction.inputs]
    return any(
        not script or (script.startswith(WRAPPED_PROGRAMS) and len(script) == script[0] + 1)
        for script in scripts
    )


def _filled(own: Template, transactions: Sequence[Transaction], fees: int) -> Template | str:
    if sum(each.weight() for each in transactions) > MAX_WEIGHT - RESERVED_WEIGHT:
        return "its transactions are too heavy for a block"
    witnesses = any(each.has_witness for each in transactions)
    commitment = witness_commitment_script(witness_commitment([each.wtxid() for each in transactions]))
    return replace(
        own,
        coinbase_value=own.coinbase_value + fees,
        coinbase_outputs=(TxOut(0, commitment),) if witnesses else (),
        merkle_path=coinbase_merkle_path([each.txid() for each in transactions]),
        transactions=tuple(each.to_bytes() for each in transactions),
        fees=fees,
    )
