"""The messages of the Mining Protocol (spec 5.3), in the order of its sections."""

from sluice.sv2.message import Message, message
from sluice.sv2.types import (
    B0_32,
    B0_64K,
    B0_255,
    BOOL,
    F32,
    OPTION,
    SEQ0_64K,
    SEQ0_255,
    STR0_255,
    U16,
    U32,
    U64,
    U256,
)
from sluice.wire.side import Side


@message(0x10, sent_by=Side.CLIENT)  # 5.3.2
class OpenStandardMiningChannel(Message):
    request_id: U32
    user_identity: STR0_255
    nominal_hash_rate: F32
    max_target: U256


@message(0x11, sent_by=Side.SERVER)  # 5.3.3
class OpenStandardMiningChannelSuccess(Message):
    request_id: U32
    channel_id: U32
    target: U256
    extranonce_prefix: B0_32
    group_channel_id: U32


@message(0x13, sent_by=Side.CLIENT)  # 5.3.4
class OpenExtendedMiningChannel(Message):
    request_id: U32
    user_identity: STR0_255
    nominal_hash_rate: F32
    max_target: U256
    min_extranonce_size: U16


@message(0x14, sent_by=Side.SERVER)  # 5.3.5
class OpenExtendedMiningChannelSuccess(Message):
    request_id: U32
    channel_id: U32
    target: U256
    extranonce_size: U16
    extranonce_prefix: B0_32
    group_channel_id: U32


@message(0x12, sent_by=Side.SERVER)  # 5.3.6
class OpenMiningChannelError(Message):
    request_id: U32
    error_code: STR0_255


@message(0x16, sent_by=Side.CLIENT, channel_msg=True)  # 5.3.7
class UpdateChannel(Message):
    channel_id: U32
    nominal_hash_rate: F32
    maximum_target: U256


@message(0x17, sent_by=Side.SERVER, channel_msg=True)  # 5.3.8
class UpdateChannelError(Message):
    channel_id: U32
    error_code: STR0_255


@message(0x18, sent_by=Side.EITHER, channel_msg=True)  # 5.3.9
class CloseChannel(Message):
    channel_id: U32
    reason_code: STR0_255


@message(0x19, sent_by=Side.SERVER, channel_msg=True)  # 5.3.10
class SetExtranoncePrefix(Message):
    channel_id: U32
    extranonce_prefix: B0_32


@message(0x1A, sent_by=Side.CLIENT, channel_msg=True)  # 5.3.11
class SubmitSharesStandard(Message):
    channel_id: U32
    sequence_number: U32
    job_id: U32
    nonce: U32
    ntime: U32
    version: U32


@message(0x1B, sent_by=Side.CLIENT, channel_msg=True)  # 5.3.12
class SubmitSharesExtended(Message):
    channel_id: U32
    sequence_number: U32
    job_id: U32
    nonce: U32
    ntime: U32
    version: U32
    extranonce: B0_32


@message(0x1C, sent_by=Side.SERVER, channel_msg=True)  # 5.3.13
class SubmitSharesSuccess(Message):
    channel_id: U32
    last_sequence_number: U32
    new_submits_accepted_count: U32
    new_shares_sum: U64


@message(0x1D, sent_by=Side.SERVER, channel_msg=True)  # 5.3.14
class SubmitSharesError(Message):
    channel_id: U32
    sequence_number: U32
    error_code: STR0_255


@message(0x15, sent_by=Side.SERVER, channel_msg=True)  # 5.3.15
class NewMiningJob(Message):
    channel_id: U32
    job_id: U32
    min_ntime: OPTION[U32]
    version: U32
    merkle_root: U256


@message(0x1F, sent_by=Side.SERVER, channel_msg=True)  # 5.3.16
class NewExtendedMiningJob(Message):
    channel_id: U32
    job_id: U32
    min_ntime: OPTION[U32]
    version: U32
    version_rolling_allowed: BOOL
    merkle_path: SEQ0_255[U256]
    coinbase_tx_prefix: B0_64K
    coinbase_tx_suffix: B0_64K


@message(0x20, sent_by=Side.SERVER, channel_msg=True)  # 5.3.17
class SetNewPrevHash(Message):
    channel_id: U32
    job_id: U32
    prev_hash: U256
    min_ntime: U32
    nbits: U32


@message(0x22, sent_by=Side.CLIENT, channel_msg=True)  # 5.3.18
class SetCustomMiningJob(Message):
    channel_id: U32
    request_id: U32
    mining_job_token: B0_255
    version: U32
    prev_hash: U256
    min_ntime: U32
    nbits: U32
    coinbase_tx_version: U32
    coinbase_prefix: B0_255
    coinbase_tx_input_nSequence: U32
    coinbase_tx_outputs: B0_64K
    coinbase_tx_locktime: U32
    merkle_path: SEQ0_255[U256]


@message(0x23, sent_by=Side.SERVER, channel_msg=True)  # 5.3.19
class SetCustomMiningJobSuccess(Message):
    channel_id: U32
    request_id: U32
    job_id: U32


@message(0x24, sent_by=Side.SERVER, channel_msg=True)  # 5.3.20
class SetCustomMiningJobError(Message):
    channel_id: U32
    request_id: U32
    error_code: STR0_255


@message(0x21, sent_by=Side.SERVER, channel_msg=True)  # 5.3.21
class SetTarget(Message):
    channel_id: U32
    maximum_target: U256


@message(0x25, sent_by=Side.SERVER)  # 5.3.22
class SetGroupChannel(Message):
    group_channel_id: U32
    channel_ids: SEQ0_64K[U32]
