"""A connection's beginning: SetupConnection and the extensions (spec 3.6.1, extension 0x0001).

Rule: every refusal names its word, and the full set of flags that we do not support (spec 3.6.3).
"""

from collections.abc import Callable, Sequence

from sluice.pool.departure import dismiss
from sluice.pool.effects import Effect, Send, Tell
from sluice.pool.events import MinerArrived, SetupRefused
from sluice.pool.miner import Device, Miner
from sluice.pool.state import PoolState
from sluice.sv2 import codes
from sluice.sv2.flags import MiningFlags, MiningSuccessFlags
from sluice.sv2.messages.common import SetupConnection, SetupConnectionError, SetupConnectionSuccess
from sluice.sv2.messages.extensions import (
    RequestExtensions,
    RequestExtensionsError,
    RequestExtensionsSuccess,
)
from sluice.sv2.tlv import WORKER_IDENTITY

#: The one version of the protocol there is.
VERSION = 2
#: Protocol 0 of SetupConnection: mining.
MINING = 0
#: What a client may ask for; all other bits are refused.
SUPPORTED_FLAGS = (
    MiningFlags.REQUIRES_STANDARD_JOBS
    | MiningFlags.REQUIRES_WORK_SELECTION
    | MiningFlags.REQUIRES_VERSION_ROLLING
)
_UNSUPPORTED_FLAGS = 0xFFFFFFFF ^ int(SUPPORTED_FLAGS)
#: Asked for together, no channel could ever be opened.
_CONTRADICTION = int(MiningFlags.REQUIRES_STANDARD_JOBS | MiningFlags.REQUIRES_WORK_SELECTION)

#: Extensions we speak beside the negotiation itself.
EXTENSIONS = frozenset({WORKER_IDENTITY})

#: Why a SetupConnection is refused: test, word, flags of the answer. The first that applies.
_REFUSALS: Sequence[tuple[Callable[[SetupConnection], bool], str, int]] = (
    (lambda m: m.protocol != MINING, codes.UNSUPPORTED_PROTOCOL, 0),
    (lambda m: not m.min_version <= VERSION <= m.max_version, codes.PROTOCOL_VERSION_MISMATCH, 0),
    (lambda m: bool(m.flags & _UNSUPPORTED_FLAGS), codes.UNSUPPORTED_FEATURE_FLAGS, _UNSUPPORTED_FLAGS),
    (
        lambda m: m.flags & _CONTRADICTION == _CONTRADICTION,
        codes.UNSUPPORTED_FEATURE_FLAGS,
        _UNSUPPORTED_FLAGS | int(MiningFlags.REQUIRES_WORK_SELECTION),
    ),
)


def setup_connection(
    state: PoolState, miner: Miner, message: SetupConnection, now: float
) -> Sequence[Effect]:
    """Accept a miner, or say what we cannot do and end the connection."""
    for applies, word, flags in _REFUSALS:
        if applies(message):
            state.counts.setups_refused[word] += 1
            return [
                Send(miner.peer, SetupConnectionError(flags, word)),
                Tell(SetupRefused(miner.peer, miner.address, word)),
                *dismiss(state, miner, f"setup refused: {word}"),
            ]
    miner.setup_at = now
    miner.flags = MiningFlags(message.flags)
    miner.device = Device(message.vendor, message.hardware_version, message.firmware)
    answer = MiningSuccessFlags.REQUIRES_EXTENDED_CHANNELS if miner.selects_work else MiningSuccessFlags(0)
    arrived = MinerArrived(
        miner.peer,
        miner.address,
        message.vendor,
        message.hardware_version,
        message.firmware,
        str(miner.flags.name or 0),
    )
    return [Send(miner.peer, SetupConnectionSuccess(VERSION, int(answer))), Tell(arrived)]


def request_extensions(
    state: PoolState, miner: Miner, message: RequestExtensions, now: float
) -> Sequence[Effect]:
    """Grant what we speak of what was asked; nothing is required of the miner."""
    asked = message.requested_extensions
    granted = tuple(extension for extension in asked if extension in EXTENSIONS)
    if granted:
        miner.extensions = tuple(sorted({*miner.extensions, *granted}))
        return [Send(miner.peer, RequestExtensionsSuccess(message.request_id, granted))]
    return [Send(miner.peer, RequestExtensionsError(message.request_id, asked, ()))]
