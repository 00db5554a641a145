"""The protocols of Stratum V2, and the feature flags of SetupConnection, per protocol.

Bit 0 is the least significant (spec 3.6, 5.3.1, 6.4.1). Template Distribution has no flags.
"""

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from types import MappingProxyType


class Protocol(IntEnum):
    """SetupConnection.protocol (spec 3.6.1). A peer may send other numbers: compare, do not convert."""

    MINING = 0
    JOB_DECLARATION = 1
    TEMPLATE_DISTRIBUTION = 2


class MiningFlags(IntFlag):
    """SetupConnection.flags and SetupConnection.Error.flags of the Mining Protocol (spec 5.3.1)."""

    REQUIRES_STANDARD_JOBS = 1 << 0  # cannot process extended jobs
    REQUIRES_WORK_SELECTION = 1 << 1  # will send SetCustomMiningJob
    REQUIRES_VERSION_ROLLING = 1 << 2  # every job must allow it


class MiningSuccessFlags(IntFlag):
    """SetupConnection.Success.flags of the Mining Protocol (spec 5.3.1)."""

    REQUIRES_FIXED_VERSION = 1 << 0  # no change to the version field is accepted
    REQUIRES_EXTENDED_CHANNELS = 1 << 1  # no standard channel is opened


class JobDeclarationFlags(IntFlag):
    """SetupConnection.flags of the Job Declaration Protocol (spec 6.4.1)."""

    DECLARE_TX_DATA = 1 << 0  # the client will reveal its template's transactions


SETUP_FLAGS: Mapping[Protocol, int] = MappingProxyType(
    {
        Protocol.MINING: sum(MiningFlags),
        Protocol.JOB_DECLARATION: sum(JobDeclarationFlags),
        Protocol.TEMPLATE_DISTRIBUTION: 0,
    }
)
"""Every flag that a client of each protocol may set."""
