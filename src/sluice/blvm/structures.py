"""What stands inside requests and answers about the chain: structures of blvm-node, field by field.

Rule: hashes are in wire order, as everywhere in this house; a Transaction has no witness here, blvm-node keeps
those apart.
"""

from re import compile as compiled
from typing import Annotated, Any

from sluice.blvm.variant import Variant, choice, variant
from sluice.wire.bincode import BOOL, BYTES, F64, HASH, I64, OPTION, STRING, U32, U64, VEC
from sluice.wire.codec import cut
from sluice.wire.layout import Record, record

WITNESS = VEC[BYTES]  # one input's stack


class Target:
    """A u128, the low half of the target; since blvm-consensus 0.1.73 the whole of it as 64 hex digits.

    The value is an `int` or a `str` accordingly. Neither the node's version nor anything before it says which
    comes: it is told by what is there. Sixteen bytes can be a count of 64 with digits only if the height after
    them begins with one, too.
    """

    __slots__ = ()
    _DIGITS = compiled(rb"@\0{7}[0-9a-fA-F]{64}")
    _OLD_SIZE = 16
    max_size = 72

    def read(self, data: bytes, at: int) -> tuple[int | str, int]:
        if found := self._DIGITS.match(data, at):
            return data[at + 8 : found.end()].decode("ascii"), found.end()
        return int.from_bytes(cut(data, at, self._OLD_SIZE), "little"), at + self._OLD_SIZE

    def write(self, value: Any) -> bytes:
        if isinstance(value, int):
            return value.to_bytes(self._OLD_SIZE, "little")
        text: bytes = len(value).to_bytes(8, "little") + value.encode("ascii")
        if not self._DIGITS.fullmatch(text):
            raise ValueError(f"a target has 64 hex digits, not {value!r}")
        return text


TARGET = Annotated[int | str, Target()]


# Blocks


@record
class OutPoint(Record):
    hash: HASH
    index: U32


@record
class TransactionInput(Record):
    prevout: OutPoint
    sequence: U64
    script_sig: BYTES


@record
class TransactionOutput(Record):
    value: I64
    script_pubkey: BYTES


@record
class Transaction(Record):
    version: U64
    inputs: VEC[TransactionInput]
    outputs: VEC[TransactionOutput]
    lock_time: U64


@record
class BlockHeader(Record):
    version: I64
    prev_block_hash: HASH
    merkle_root: HASH
    timestamp: U64
    bits: U64
    nonce: U64


@record
class Block(Record):
    header: BlockHeader
    transactions: VEC[Transaction]


@record
class BlockTemplate(Record):
    header: BlockHeader
    coinbase_tx: Transaction
    transactions: VEC[Transaction]
    target: TARGET
    height: U64
    timestamp: U64


@record
class UTXO(Record):
    value: I64
    script_pubkey: BYTES
    height: U64
    is_coinbase: BOOL


class SubmitBlockResult(Variant, frozen=True, gc=False):
    """A node's verdict about a block."""


@variant(0)
class Accepted(SubmitBlockResult):
    pass


@variant(1)
class Rejected(SubmitBlockResult):
    reason: STRING


@variant(2)
class Duplicate(SubmitBlockResult):
    pass


SUBMIT_BLOCK_RESULT = Annotated[SubmitBlockResult, choice("SubmitBlockResult", Accepted, Rejected, Duplicate)]


# Chain, peers, mempool


@record
class ChainInfoOfOld(Record):
    tip_hash: HASH
    height: U64
    difficulty: U32
    chain_work: U64
    is_synced: BOOL


@record
class ChainInfo(Record):
    tip_hash: HASH
    height: U64
    difficulty: F64
    chain_work: U64
    is_synced: BOOL


@record
class SyncStatus(Record):
    phase: STRING
    progress: F64
    is_synced: BOOL
    error_message: OPTION[STRING]


@record
class MempoolSize(Record):
    transaction_count: U64
    size_bytes: U64
    total_fee_sats: U64


@record
class MempoolFeeRateSummary(Record):
    sample_count: U64
    avg_sat_vb: U64
    median_sat_vb: U64


@record
class TxBlockMetadata(Record):
    block_hash: HASH
    block_height: U64


@record
class NetworkStats(Record):
    peer_count: U64
    hash_rate: F64
    bytes_sent: U64
    bytes_received: U64


@record
class PeerInfo(Record):
    addr: STRING
    transport_type: STRING
    services: U64
    version: U32
    connected_since: U64


@record
class BlockServeDenylistSnapshot(Record):
    total_count: U64
    truncated: BOOL
    hashes: VEC[HASH]


@record
class TxServeDenylistSnapshot(Record):
    total_count: U64
    truncated: BOOL
    hashes: VEC[HASH]


# Payments, files


@record
class LightningInfo(Record):
    node_url: STRING
    node_pubkey: BYTES
    channel_count: U64
    total_capacity_sats: U64


@record
class PaymentStateOfOld(Record):
    payment_id: STRING
    status: STRING
    amount_sats: U64
    tx_hash: OPTION[HASH]
    confirmations: OPTION[U32]


@record
class PaymentState(Record):
    payment_id: STRING
    status: STRING
    amount_sats: U64
    tx_hash: OPTION[HASH]
    confirmations: OPTION[U32]
    reason: OPTION[STRING]


@record
class FileMetadata(Record):
    path: STRING
    size: U64
    is_file: BOOL
    is_directory: BOOL
    modified: OPTION[U64]
    created: OPTION[U64]
