"""How the pool's news are said on a wire: one table for each wire there is.

What a miner asks, and what it is answered, is in its wire's own words anyway; what the pool says of its own accord
is the same for all, and stands here. Rule: whoever has news asks the miner's phrasebook, and names no message;
nothing is said where a wire has no words for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sluice.pool.effects import Message
from sluice.work.channel import Channel, IssuedJob
from sluice.work.job import Job

Words = Sequence[Message]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """The words of one wire, for one channel at a time."""

    #: What the wire is called.
    wire: str
    #: What people call such a channel.
    kind: Callable[[Channel], str]
    #: Work on this from now on; earlier jobs on the same tip stay good.
    job: Callable[[Channel, IssuedJob], Words]
    #: Keep this ready: a new tip may turn you to it.
    ahead: Callable[[Channel, Job], Words]
    #: There is another tip: work on this, and on nothing else.
    turn: Callable[[Channel, IssuedJob], Words]
    #: Your target is another one, for the jobs to come.
    target: Callable[[Channel], Words]
    #: Your part of the search space is another one, for the jobs to come.
    prefix: Callable[[Channel], Words]
    #: The channel, or all of a group, is closed, for this reason.
    closed: Callable[[int, str], Words]
    #: Connect anew, perhaps elsewhere; on a wire without a word for it the connection's end has to do.
    leave: Words
    #: Whether miners hear of another target at all; if not, vardiff leaves them alone.
    moves_targets: bool = True
