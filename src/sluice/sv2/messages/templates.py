"""The messages of the Template Distribution Protocol (spec 7), in the order of its sections."""

from sluice.sv2.message import Message, message
from sluice.sv2.types import B0_16M, B0_64K, B0_255, BOOL, SEQ0_64K, SEQ0_255, STR0_255, U16, U32, U64, U256
from sluice.wire.side import Side


@message(0x70, sent_by=Side.CLIENT)  # 7.1
class CoinbaseOutputConstraints(Message):
    coinbase_output_max_additional_size: U32
    coinbase_output_max_additional_sigops: U16


@message(0x71, sent_by=Side.SERVER)  # 7.2
class NewTemplate(Message):
    template_id: U64
    future_template: BOOL
    version: U32
    coinbase_tx_version: U32
    coinbase_prefix: B0_255
    coinbase_tx_input_sequence: U32
    coinbase_tx_value_remaining: U64
    coinbase_tx_outputs_count: U32
    coinbase_tx_outputs: B0_64K
    coinbase_tx_locktime: U32
    merkle_path: SEQ0_255[U256]


@message(0x72, sent_by=Side.SERVER)  # 7.3
class SetNewPrevHash(Message):
    template_id: U64
    prev_hash: U256
    header_timestamp: U32
    nBits: U32
    target: U256


@message(0x73, sent_by=Side.CLIENT)  # 7.4
class RequestTransactionData(Message):
    template_id: U64


@message(0x74, sent_by=Side.SERVER)  # 7.5
class RequestTransactionDataSuccess(Message):
    template_id: U64
    excess_data: B0_64K
    transaction_list: SEQ0_64K[B0_16M]


@message(0x75, sent_by=Side.SERVER)  # 7.6
class RequestTransactionDataError(Message):
    template_id: U64
    error_code: STR0_255


@message(0x76, sent_by=Side.CLIENT)  # 7.7
class SubmitSolution(Message):
    template_id: U64
    version: U32
    header_timestamp: U32
    header_nonce: U32
    coinbase_tx: B0_64K
