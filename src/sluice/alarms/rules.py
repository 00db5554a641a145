"""All rules together: from what the pool tells, and a look at it now and then, to messages.

Rule: pure, time is an argument: `now` in steady seconds, `unix_time` for days. Bounded in memory and in messages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice.alarms.bests import Bests, BestsPlan
from sluice.alarms.blocks import Blocks
from sluice.alarms.conditions import Conditions
from sluice.alarms.counts import Counts
from sluice.alarms.debounce import Pace
from sluice.alarms.message import Message, Weight, counted
from sluice.alarms.refusals import Refusals, RefusalsPlan
from sluice.alarms.roll import Roll
from sluice.alarms.topics import Topic
from sluice.alarms.workers import Workers
from sluice.pool.events import Draining, Happening, NewBest, PeerLeft, TakingAgain


@dataclass(frozen=True, slots=True)
class RulesPlan:
    """What the operator chose."""

    topics: frozenset[Topic]
    workers: Pace
    conditions: Pace
    #: Seconds in which workers that go together are one message.
    gather: float
    bests: BestsPlan
    refusals: RefusalsPlan


class Rules:
    """Mutable; one owner."""

    __slots__ = ("_bests", "_blocks", "_conditions", "_refusals", "_topics", "_workers")

    def __init__(self, plan: RulesPlan) -> None:
        self._topics = plan.topics
        self._blocks = Blocks()
        self._bests = Bests(plan.bests)
        self._workers = Workers(plan.workers, plan.gather)
        self._refusals = Refusals(plan.refusals)
        self._conditions = Conditions(plan.conditions)

    def started(self) -> Iterator[Message]:
        """The pool takes connections."""
        text = ("Miners are served.",)
        yield from self._wanted(
            Message(Topic.POOL, "pool_started", Weight.INFO, ("The pool has started",), text)
        )

    def recall(self, roll: Roll, now: float) -> None:
        """What an earlier run has left."""
        self._workers.recall(roll, now)

    def roll(self, unix_time: int) -> Roll:
        """What the next run has to know."""
        return self._workers.roll(unix_time)

    def told(self, event: Happening, now: float) -> Iterator[Message]:
        """The pool has said something: what is to be told at once."""
        self._workers.told(event, now)
        self._conditions.told(event, now)
        if isinstance(event, PeerLeft):
            self._refusals.left(event, now)
        elif isinstance(event, NewBest):
            self._bests.told(event, now)
        elif isinstance(event, Draining):
            yield from self._wanted(_drains(event))
        elif isinstance(event, TakingAgain):
            again = ("Miners are taken again",)
            yield from self._wanted(
                Message(Topic.POOL, "pool_takes_again", Weight.INFO, again, ("The pool goes on.",))
            )
        else:
            yield from self._wanted(*self._blocks.told(event))

    def saw(self, some: Sequence[Counts], now: float) -> None:
        """Some connections, as they are now: a part of a look."""
        self._workers.saw(some)
        self._refusals.saw(some, now)

    def looked(self, now: float) -> Iterator[None]:
        """All were seen. To be gone through; it pauses now and then for others."""
        return self._workers.looked(now)

    def tick(self, now: float, unix_time: int) -> Iterator[Message]:
        """What is to be told by now; to be asked about once a second."""
        yield from self._wanted(
            *self._conditions.tick(now),
            *self._workers.tick(now),
            *self._refusals.tick(now),
            *self._bests.tick(now, unix_time),
        )

    def _wanted(self, *messages: Message) -> Iterator[Message]:
        return (message for message in messages if message.topic in self._topics)


def _drains(event: Draining) -> Message:
    text = (f"{counted(event.miners, 'connection')} asked to go elsewhere; it takes no new ones.",)
    return Message(
        Topic.POOL,
        "pool_drains",
        Weight.INFO,
        ("The pool sends its miners away",),
        text,
        {"miners": event.miners},
    )
