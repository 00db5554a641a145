"""The eleven messages of the dialect, as blvm-stratum-v2 numbers them (src/messages.rs there).

Ours beside theirs: `HeaderFacts` at the end of a job, which the origin's decoder does not see. Without them
nobody can hash: the dialect names neither a job's version, time and bits, nor the time of a share.
"""

from sluice.tlv.message import Message, message
from sluice.tlv.types import FEW, TRAILING
from sluice.wire.bincode import BYTES, HASH, I64, STRING, U16, U32, VEC
from sluice.wire.layout import Record, record
from sluice.wire.side import Side


@record
class HeaderFacts(Record):
    """What a header is made of beside the rest of its job, and the target that its shares have to meet."""

    version: U32
    ntime: U32
    nbits: U32
    target: HASH


@record
class ShareData(Record):
    """A share; of `version`, the lower 32 bits are in the header."""

    channel_id: U32
    job_id: U32
    nonce: U32
    version: I64
    merkle_root: HASH


@message(0x0001, sent_by=Side.CLIENT)
class SetupConnection(Message):
    protocol_version: U16
    endpoint: STRING
    capabilities: FEW[STRING]


@message(0x0002, sent_by=Side.SERVER)
class SetupConnectionSuccess(Message):
    supported_versions: FEW[U16]
    capabilities: FEW[STRING]


@message(0x0003, sent_by=Side.SERVER)
class SetupConnectionError(Message):
    error_code: U16
    error_message: STRING


@message(0x0010, sent_by=Side.CLIENT)
class OpenMiningChannel(Message):
    channel_id: U32
    request_id: U32
    min_difficulty: U32


@message(0x0011, sent_by=Side.SERVER)
class OpenMiningChannelSuccess(Message):
    channel_id: U32
    request_id: U32
    target: HASH
    max_jobs: U32


@message(0x0012, sent_by=Side.SERVER)
class OpenMiningChannelError(Message):
    request_id: U32
    error_code: U16
    error_message: STRING


@message(0x0020, sent_by=Side.SERVER)
class NewMiningJob(Message):
    channel_id: U32
    job_id: U32
    prev_hash: HASH
    coinbase_prefix: BYTES
    coinbase_suffix: BYTES
    merkle_path: VEC[HASH]
    facts: TRAILING[HeaderFacts]


@message(0x0021, sent_by=Side.SERVER)
class SetNewPrevHash(Message):
    channel_id: U32
    job_id: U32
    prev_hash: HASH
    min_txn_count: U32


@message(0x0030, sent_by=Side.CLIENT)
class SubmitShares(Message):
    channel_id: U32
    shares: VEC[ShareData]


@message(0x0031, sent_by=Side.SERVER)
class SubmitSharesSuccess(Message):
    channel_id: U32
    last_job_id: U32


@message(0x0032, sent_by=Side.SERVER)
class SubmitSharesError(Message):
    channel_id: U32
    job_id: U32
    error_code: U16
    error_message: STRING
