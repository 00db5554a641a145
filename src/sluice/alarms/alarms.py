"""Alarms beside a running pool: its happenings go through the rules, what comes of them to every receiver.

Rule: the pool is never waited for, nor does it wait. A look at it is made in slices, so that no share waits for it.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex

from sluice.alarms.counts import counts_of
from sluice.alarms.lane import Clocks, Lane, Patience
from sluice.alarms.message import Message
from sluice.alarms.receiver import Letter, Receiver
from sluice.alarms.rules import Rules, RulesPlan
from sluice.alarms.web import Web, trusted
from sluice.pool.events import Happening
from sluice.pool.ports import FoundBlock
from sluice.server.clock import steady, unix_time
from sluice.server.loop import Owner

#: Seconds between two looks at the clock, and at the pool.
TICK_SECONDS, LOOK_SECONDS = 0.5, 15.0
#: Connections that are looked at in one turn of the loop: less than a millisecond, unless there are many channels.
SLICE = 50
#: Seconds that letters on their way may still take when the process has to end.
LAST_LETTERS = 2.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlarmsPlan:
    """What the operator chose; `pool` is what the pool is called, `look_seconds` how often it is looked at."""

    rules: RulesPlan
    receivers: tuple[Receiver, ...]
    pool: str
    look_seconds: float = LOOK_SECONDS
    patience: Patience = field(default_factory=Patience)


class Alarms:
    """A companion of the pool. Mutable; one owner: the event loop."""

    __slots__ = ("_lanes", "_plan", "_rules", "_tls")

    def __init__(self, plan: AlarmsPlan) -> None:
        self._plan = plan
        self._rules = Rules(plan.rules)
        self._tls = trusted()  # read now, as it takes a moment: nobody mines yet
        clocks = Clocks(steady, unix_time)
        self._lanes = [Lane(receiver, clocks, plan.patience) for receiver in plan.receivers]
        self._post(*self._rules.started())

    def told(self, event: Happening) -> None:
        """The pool has said something. A bug here must not be the pool's."""
        try:
            self._post(*self._rules.told(event, steady()))
        except Exception:  # called from the pool's own step, so nothing at all may get out
            logger.exception("an alarm about %s failed", type(event).__name__)

    def found(self, block: FoundBlock) -> None:
        """The pool says so in words of its own."""

    async def run(self, owner: Owner) -> None:
        """Until cancelled; then what is on its way gets a moment."""
        async with Web(self._tls) as web, asyncio.TaskGroup() as group:
            lanes = [group.create_task(lane.run(web)) for lane in self._lanes]
            try:
                await self._watch(owner)
            finally:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_LETTERS):
                        await asyncio.gather(*(lane.finish() for lane in self._lanes))
                for task in lanes:
                    task.cancel()

    async def _watch(self, owner: Owner) -> None:
        looked_at = steady()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if steady() - looked_at >= self._plan.look_seconds:
                await self._look(owner)
                looked_at = steady()
            self._post(*self._rules.tick(steady(), unix_time()))

    async def _look(self, owner: Owner) -> None:
        """Every connection of the pool, in slices; those that end meanwhile are left out."""
        miners = owner.pool.state.miners
        peers = list(miners)
        for start in range(0, len(peers), SLICE):
            some = [counts_of(miners[peer]) for peer in peers[start : start + SLICE] if peer in miners]
            self._rules.saw(some, steady())
            await asyncio.sleep(0)
        for _ in self._rules.looked(steady()):
            await asyncio.sleep(0)

    def _post(self, *messages: Message) -> None:
        for message in messages:
            letter = Letter(message, token_hex(8), unix_time(), self._plan.pool)
            for lane in self._lanes:
                lane.put(letter)
