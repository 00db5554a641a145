"""The fates of a share, as a table.

Rule: a refusal is a value. What a fate is called on a wire is that wire's business.
"""

from enum import Enum


class Verdict(Enum):
    """What became of a share. The value is its name in statistics; `credited` says whether it is paid."""

    ACCEPTED = "accepted"
    #: For the previous tip, within the grace: credited, and said so.
    LATE = "late"
    UNKNOWN_CHANNEL = "unknown-channel"
    UNKNOWN_JOB = "unknown-job"
    BAD_EXTRANONCE_SIZE = "bad-extranonce-size"
    BAD_VERSION = "bad-version"
    BAD_NTIME = "bad-ntime"
    STALE = "stale"
    DUPLICATE = "duplicate"
    TOO_EASY = "difficulty-too-low"
    #: What came with it breaks a rule of the wire, though the share itself could be read.
    MALFORMED = "malformed"

    credited: bool

    # Members are singletons: their identity is their hash, and the hot path counts by them.
    __hash__ = object.__hash__


for _verdict in Verdict:
    _verdict.credited = _verdict in (Verdict.ACCEPTED, Verdict.LATE)
