"""The words of `error_code`, and what each says in each message.

They are SRI's, verbatim: the specification leaves them open (3.5), peers count them, and a job declarator
takes `stale-chain-tip` for harmless and anything else for a reason to leave. A word received that is not
listed here is logged, nothing more (spec 3.5).
"""

from collections.abc import Mapping
from types import MappingProxyType

from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnectionError
from sluice.sv2.messages.jobs import DeclareMiningJobError
from sluice.sv2.messages.mining import (
    OpenMiningChannelError,
    SetCustomMiningJobError,
    SubmitSharesError,
    UpdateChannelError,
)
from sluice.sv2.messages.templates import RequestTransactionDataError

UNSUPPORTED_FEATURE_FLAGS = "unsupported-feature-flags"
UNSUPPORTED_PROTOCOL = "unsupported-protocol"
PROTOCOL_VERSION_MISMATCH = "protocol-version-mismatch"
MISSING_DECLARE_TX_DATA_FLAG = "missing-declare-tx-data-flag"
STANDARD_CHANNELS_NOT_SUPPORTED_FOR_CUSTOM_WORK = "standard-channels-not-supported-for-custom-work"
EXTENDED_CHANNELS_NOT_SUPPORTED_FOR_STANDARD_JOBS = "extended-channels-not-supported-for-standard-jobs"
INVALID_USER_IDENTITY = "invalid-user-identity"
UNKNOWN_USER = "unknown-user"
INVALID_NOMINAL_HASHRATE = "invalid-nominal-hashrate"
MAX_TARGET_OUT_OF_RANGE = "max-target-out-of-range"
MIN_EXTRANONCE_SIZE_TOO_LARGE = "min-extranonce-size-too-large"
UNSUPPORTED_MIN_EXTRANONCE_SIZE = "unsupported-min-extranonce-size"
#: Ours: SRI bans nobody, and whoever looks into a log should not have to guess.
BANNED = "banned"
CHANNEL_CAPACITY_EXHAUSTED = "channel-capacity-exhausted"
INVALID_CHANNEL_ID = "invalid-channel-id"
INVALID_JOB_ID = "invalid-job-id"
INVALID_SHARE = "invalid-share"
STALE_SHARE = "stale-share"
DUPLICATE_SHARE = "duplicate-share"
DIFFICULTY_TOO_LOW = "difficulty-too-low"
BAD_EXTRANONCE_SIZE = "bad-extranonce-size"
VERSION_ROLLING_NOT_ALLOWED = "version-rolling-not-allowed"
INVALID_NON_ROLLABLE_VERSION_BIT = "invalid-non-rollable-version-bit"
JD_NOT_SUPPORTED = "jd-not-supported"
INVALID_MINING_JOB_TOKEN = "invalid-mining-job-token"  # noqa: S105 - a word, no secret
JOB_NOT_YET_VALIDATED = "job-not-yet-validated"
STALE_CHAIN_TIP = "stale-chain-tip"
INVALID_MIN_NTIME = "invalid-min-ntime"
INVALID_NBITS = "invalid-nbits"
INVALID_VERSION = "invalid-version"
INVALID_COINBASE_TX = "invalid-coinbase-tx"
INVALID_COINBASE_TX_VERSION = "invalid-coinbase-tx-version"
INVALID_COINBASE_PREFIX = "invalid-coinbase-prefix"
INVALID_COINBASE_TX_INPUT_N_SEQUENCE = "invalid-coinbase-tx-input-n-sequence"
INVALID_COINBASE_TX_OUTPUTS = "invalid-coinbase-tx-outputs"
INVALID_COINBASE_TX_LOCKTIME = "invalid-coinbase-tx-locktime"
INVALID_MERKLE_PATH = "invalid-merkle-path"
INVALID_JOB = "invalid-job"
INVALID_COINBASE_TX_INPUT = "invalid-coinbase-tx-input"
MISSING_TXS = "missing-txs"
INTERNAL_ERROR = "internal-error"
STALE_TEMPLATE_ID = "stale-template-id"
TEMPLATE_ID_NOT_FOUND = "template-id-not-found"

MEANINGS: Mapping[type[Message], Mapping[str, str]] = MappingProxyType(
    {
        SetupConnectionError: {
            UNSUPPORTED_FEATURE_FLAGS: "flags has bits that the server does not support",
            UNSUPPORTED_PROTOCOL: "the server does not speak this protocol",
            PROTOCOL_VERSION_MISMATCH: "the server speaks no version of the range asked for",
            MISSING_DECLARE_TX_DATA_FLAG: "the server takes full templates only",
        },
        OpenMiningChannelError: {
            STANDARD_CHANNELS_NOT_SUPPORTED_FOR_CUSTOM_WORK: "the connection was set up with REQUIRES_WORK_SELECTION",
            EXTENDED_CHANNELS_NOT_SUPPORTED_FOR_STANDARD_JOBS: "the connection was set up with REQUIRES_STANDARD_JOBS",
            INVALID_USER_IDENTITY: "user_identity is not of a form the server takes: no address, or a damaged one",
            UNKNOWN_USER: "user_identity is well-formed, but nobody's here: its address is another network's",
            INVALID_NOMINAL_HASHRATE: "nominal_hash_rate is negative, infinite or no number",
            MAX_TARGET_OUT_OF_RANGE: "no target at or below max_target can be given",
            MIN_EXTRANONCE_SIZE_TOO_LARGE: "the server has not so many bytes to give",
            UNSUPPORTED_MIN_EXTRANONCE_SIZE: "the server cannot give this size",
            BANNED: "the operator takes nothing of this user_identity",
            CHANNEL_CAPACITY_EXHAUSTED: "no further channel can be opened",
        },
        UpdateChannelError: {
            INVALID_CHANNEL_ID: "no such channel on this connection",
            INVALID_NOMINAL_HASHRATE: "nominal_hash_rate is negative, infinite or no number",
            MAX_TARGET_OUT_OF_RANGE: "no target at or below maximum_target can be given (here SRI has no word)",
        },
        SubmitSharesError: {
            INVALID_CHANNEL_ID: "no such channel on this connection",
            INVALID_JOB_ID: "no such job on this channel",
            INVALID_SHARE: "the share is wrong in a way no other word names",
            STALE_SHARE: "the job belongs to an earlier tip",
            DUPLICATE_SHARE: "the same header came before",
            DIFFICULTY_TOO_LOW: "the hash is above the job's target",
            BAD_EXTRANONCE_SIZE: "extranonce is not of the size given when the channel opened",
            VERSION_ROLLING_NOT_ALLOWED: "version differs on a job that does not allow it",
            INVALID_NON_ROLLABLE_VERSION_BIT: "version differs outside of BIP323's bits",
        },
        SetCustomMiningJobError: {
            JD_NOT_SUPPORTED: "the server takes no declared jobs",
            INVALID_CHANNEL_ID: "no such extended or group channel on this connection",
            INVALID_MINING_JOB_TOKEN: "the token is unknown, used or not this client's",
            JOB_NOT_YET_VALIDATED: "the declared job is still being checked",
            STALE_CHAIN_TIP: "prev_hash is not the tip any more",
            INVALID_MIN_NTIME: "min_ntime is below what the chain allows",
            INVALID_NBITS: "nbits is not the network's",
            INVALID_VERSION: "version is not the declared one outside of BIP323's bits",
            INVALID_COINBASE_TX: "no coinbase transaction comes of these fields",
            INVALID_COINBASE_TX_VERSION: "coinbase_tx_version is not the declared one",
            INVALID_COINBASE_PREFIX: "coinbase_prefix is not the declared one",
            INVALID_COINBASE_TX_INPUT_N_SEQUENCE: "coinbase_tx_input_nSequence is not the declared one",
            INVALID_COINBASE_TX_OUTPUTS: "the outputs do not pay as declared",
            INVALID_COINBASE_TX_LOCKTIME: "coinbase_tx_locktime is not the declared one",
            INVALID_MERKLE_PATH: "merkle_path is not that of the declared transactions",
        },
        DeclareMiningJobError: {
            INVALID_MINING_JOB_TOKEN: "the token is unknown, used or not this client's",
            INVALID_JOB: "the node would refuse this block",
            INVALID_COINBASE_TX: "prefix and suffix make no coinbase transaction",
            INVALID_COINBASE_TX_INPUT: "a coinbase transaction has exactly one input",
            MISSING_TXS: "transactions asked for were not provided",
            STALE_CHAIN_TIP: "the job builds on what is not the tip any more",
            INTERNAL_ERROR: "the server failed, not the client",
        },
        RequestTransactionDataError: {
            STALE_TEMPLATE_ID: "the template builds on what is not the tip any more",
            TEMPLATE_ID_NOT_FOUND: "no such template",
        },
    }
)
"""Which words belong to which message, and their meaning there."""
