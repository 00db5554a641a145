"""The numbers an operator may set, as the pool uses them.

Rule: plain values with their units; where they come from (file, environment, flag) is not known here.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from sluice.accounting.name import Names
from sluice.accounting.scheme import Pooled, Scheme
from sluice.bitcoin.target import Target
from sluice.work.vardiff import VardiffPolicy


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a silent connection is kept, in seconds (spec 5.3.2, and the origin's idle rule)."""

    #: From the end of the handshake to SetupConnection.
    setup: float = 10.0
    #: From SetupConnection to the first open channel.
    channel: float = 60.0
    #: Without any message; or ten times the expected time between shares, if that is longer.
    idle: float = 300.0
    #: Refused shares and requests that one connection may have a minute before it is closed. An honest
    #: miner has a handful at a block change; 600 is a device that sends nothing but rubbish.
    refusals_per_minute: int = 600


@dataclass(frozen=True, slots=True)
class Policy:
    """What the pool grants, and how it answers."""

    vardiff: VardiffPolicy
    patience: Patience = field(default_factory=Patience)
    #: Which names may mine.
    names: Names = Names.ANY
    #: Who is paid by a block.
    scheme: Scheme = field(default_factory=Pooled)
    shard: int = 0
    #: Jobs of one tip that a channel keeps; the origin's default.
    max_jobs: int = 10
    #: Channels on one connection: a proxy of a large hall fits, a flood does not.
    max_channels: int = 1024
    #: SubmitShares.Success is sent after this many shares or this many seconds, whichever is first; 0 seconds
    #: is as soon as all that came in one read has been judged.
    ack_shares: int = 10
    ack_seconds: float = 0.0
    #: How long after a block shares for the tip before are still credited, in seconds.
    stale_grace: float = 5.0
    #: Assumed for a channel that declares a hash rate of 0 (a proxy without miners), in hashes a second.
    unknown_hashrate: Fraction = Fraction(10**10)
    #: Where such a channel opens instead, if the operator says so; None: where that hash rate belongs.
    default_target: Target | None = None
