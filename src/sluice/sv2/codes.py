"""The words of `error_code`, per message, with what each says.

They are SRI's, verbatim: the specification leaves them open (3.5), peers count them, and a job declarator
takes `stale-chain-tip` for harmless and anything else for a reason to leave. A word received that is not
listed here is logged, nothing more (spec 3.5).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from sluice.sv2.message import Message
from sluice.sv2.messages import common, jobs, mining, templates


class Code(StrEnum):
    """A word that goes on the wire as it is; `meaning` is for people."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Self:
        code = str.__new__(cls, word)
        code._value_ = word
        code.meaning = meaning
        return code


class SetupConnectionCode(Code):
    """SetupConnection.Error (spec 3.6.3)."""

    UNSUPPORTED_FEATURE_FLAGS = "unsupported-feature-flags", "flags has bits that the server does not support"
    UNSUPPORTED_PROTOCOL = "unsupported-protocol", "the server does not speak this protocol"
    PROTOCOL_VERSION_MISMATCH = (
        "protocol-version-mismatch",
        "the server speaks no version of the range asked for",
    )
    MISSING_DECLARE_TX_DATA_FLAG = "missing-declare-tx-data-flag", "the server takes full templates only"


class OpenMiningChannelCode(Code):
    """OpenMiningChannel.Error (spec 5.3.6)."""

    STANDARD_CHANNELS_NOT_SUPPORTED_FOR_CUSTOM_WORK = (
        "standard-channels-not-supported-for-custom-work",
        "the connection was set up with REQUIRES_WORK_SELECTION",
    )
    EXTENDED_CHANNELS_NOT_SUPPORTED_FOR_STANDARD_JOBS = (
        "extended-channels-not-supported-for-standard-jobs",
        "the connection was set up with REQUIRES_STANDARD_JOBS",
    )
    INVALID_USER_IDENTITY = "invalid-user-identity", "user_identity is not of a form the server takes"
    UNKNOWN_USER = "unknown-user", "user_identity is well-formed, but nobody's"
    INVALID_NOMINAL_HASHRATE = (
        "invalid-nominal-hashrate",
        "nominal_hash_rate is negative, infinite or no number",
    )
    MAX_TARGET_OUT_OF_RANGE = "max-target-out-of-range", "no target at or below max_target can be given"
    MIN_EXTRANONCE_SIZE_TOO_LARGE = (
        "min-extranonce-size-too-large",
        "the server has not so many bytes to give",
    )
    UNSUPPORTED_MIN_EXTRANONCE_SIZE = "unsupported-min-extranonce-size", "the server cannot give this size"
    CHANNEL_CAPACITY_EXHAUSTED = "channel-capacity-exhausted", "no further channel can be opened"


class UpdateChannelCode(Code):
    """UpdateChannel.Error (spec 5.3.8)."""

    INVALID_CHANNEL_ID = "invalid-channel-id", "no such channel on this connection"
    INVALID_NOMINAL_HASHRATE = (
        "invalid-nominal-hashrate",
        "nominal_hash_rate is negative, infinite or no number",
    )


class SubmitSharesCode(Code):
    """SubmitShares.Error (spec 5.3.14)."""

    INVALID_CHANNEL_ID = "invalid-channel-id", "no such channel on this connection"
    INVALID_JOB_ID = "invalid-job-id", "no such job on this channel"
    INVALID_SHARE = "invalid-share", "the share is wrong in a way no other word names"
    STALE_SHARE = "stale-share", "the job belongs to an earlier tip"
    DUPLICATE_SHARE = "duplicate-share", "the same header came before"
    DIFFICULTY_TOO_LOW = "difficulty-too-low", "the hash is above the job's target"
    BAD_EXTRANONCE_SIZE = "bad-extranonce-size", "extranonce is not of the size given when the channel opened"
    VERSION_ROLLING_NOT_ALLOWED = (
        "version-rolling-not-allowed",
        "version differs on a job that does not allow it",
    )
    INVALID_NON_ROLLABLE_VERSION_BIT = (
        "invalid-non-rollable-version-bit",
        "version differs outside of BIP323's bits",
    )


class SetCustomMiningJobCode(Code):
    """SetCustomMiningJob.Error (spec 5.3.20)."""

    JD_NOT_SUPPORTED = "jd-not-supported", "the server takes no declared jobs"
    INVALID_CHANNEL_ID = "invalid-channel-id", "no such extended or group channel on this connection"
    INVALID_MINING_JOB_TOKEN = "invalid-mining-job-token", "the token is unknown, used or not this client's"
    JOB_NOT_YET_VALIDATED = "job-not-yet-validated", "the declared job is still being checked"
    STALE_CHAIN_TIP = "stale-chain-tip", "prev_hash is not the tip any more"
    INVALID_MIN_NTIME = "invalid-min-ntime", "min_ntime is below what the chain allows"
    INVALID_NBITS = "invalid-nbits", "nbits is not the network's"
    INVALID_VERSION = "invalid-version", "version is not the declared one outside of BIP323's bits"
    INVALID_COINBASE_TX = "invalid-coinbase-tx", "no coinbase transaction comes of these fields"
    INVALID_COINBASE_TX_VERSION = "invalid-coinbase-tx-version", "coinbase_tx_version is not the declared one"
    INVALID_COINBASE_PREFIX = "invalid-coinbase-prefix", "coinbase_prefix is not the declared one"
    INVALID_COINBASE_TX_INPUT_N_SEQUENCE = (
        "invalid-coinbase-tx-input-n-sequence",
        "coinbase_tx_input_nSequence is not the declared one",
    )
    INVALID_COINBASE_TX_OUTPUTS = "invalid-coinbase-tx-outputs", "the outputs do not pay as declared"
    INVALID_COINBASE_TX_LOCKTIME = (
        "invalid-coinbase-tx-locktime",
        "coinbase_tx_locktime is not the declared one",
    )
    INVALID_MERKLE_PATH = "invalid-merkle-path", "merkle_path is not that of the declared transactions"


class DeclareMiningJobCode(Code):
    """DeclareMiningJob.Error (spec 6.4.6)."""

    INVALID_MINING_JOB_TOKEN = "invalid-mining-job-token", "the token is unknown, used or not this client's"
    INVALID_JOB = "invalid-job", "the node would refuse this block"
    INVALID_COINBASE_TX = "invalid-coinbase-tx", "prefix and suffix make no coinbase transaction"
    INVALID_COINBASE_TX_INPUT = "invalid-coinbase-tx-input", "a coinbase transaction has exactly one input"
    MISSING_TXS = "missing-txs", "transactions asked for were not provided"
    STALE_CHAIN_TIP = "stale-chain-tip", "the job builds on what is not the tip any more"
    INTERNAL_ERROR = "internal-error", "the server failed, not the client"


class RequestTransactionDataCode(Code):
    """RequestTransactionData.Error (spec 7.6)."""

    STALE_TEMPLATE_ID = "stale-template-id", "the template builds on what is not the tip any more"
    TEMPLATE_ID_NOT_FOUND = "template-id-not-found", "no such template"


CODES: Mapping[type[Message], type[Code]] = MappingProxyType(
    {
        common.SetupConnectionError: SetupConnectionCode,
        mining.OpenMiningChannelError: OpenMiningChannelCode,
        mining.UpdateChannelError: UpdateChannelCode,
        mining.SubmitSharesError: SubmitSharesCode,
        mining.SetCustomMiningJobError: SetCustomMiningJobCode,
        jobs.DeclareMiningJobError: DeclareMiningJobCode,
        templates.RequestTransactionDataError: RequestTransactionDataCode,
    }
)
"""Which words belong to which message."""
