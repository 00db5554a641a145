"""The messages of the Job Declaration Protocol (spec 6.4), in the order of its sections."""

from sluice.sv2.message import Message, message
from sluice.sv2.types import B0_16M, B0_32, B0_64K, B0_255, SEQ0_64K, STR0_255, U16, U32, U256
from sluice.wire.side import Side


@message(0x50, sent_by=Side.CLIENT)  # 6.4.2
class AllocateMiningJobToken(Message):
    user_identifier: STR0_255
    request_id: U32


@message(0x51, sent_by=Side.SERVER)  # 6.4.3
class AllocateMiningJobTokenSuccess(Message):
    request_id: U32
    mining_job_token: B0_255
    coinbase_tx_outputs: B0_64K


@message(0x57, sent_by=Side.CLIENT)  # 6.4.4
class DeclareMiningJob(Message):
    request_id: U32
    mining_job_token: B0_255
    version: U32
    coinbase_tx_prefix: B0_64K
    coinbase_tx_suffix: B0_64K
    wtxid_list: SEQ0_64K[U256]
    excess_data: B0_64K


@message(0x58, sent_by=Side.SERVER)  # 6.4.5
class DeclareMiningJobSuccess(Message):
    request_id: U32
    new_mining_job_token: B0_255


@message(0x59, sent_by=Side.SERVER)  # 6.4.6
class DeclareMiningJobError(Message):
    request_id: U32
    error_code: STR0_255
    error_details: B0_64K


@message(0x55, sent_by=Side.SERVER)  # 6.4.7
class ProvideMissingTransactions(Message):
    request_id: U32
    unknown_tx_position_list: SEQ0_64K[U16]


@message(0x56, sent_by=Side.CLIENT)  # 6.4.8
class ProvideMissingTransactionsSuccess(Message):
    request_id: U32
    transaction_list: SEQ0_64K[B0_16M]


@message(0x60, sent_by=Side.CLIENT)  # 6.4.9
class PushSolution(Message):
    extranonce: B0_32
    prev_hash: U256
    nonce: U32
    ntime: U32
    nbits: U32
    version: U32
