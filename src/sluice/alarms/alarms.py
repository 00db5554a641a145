"""Alarms beside a running pool: its happenings go through the rules, what comes of them to every receiver.

Rule: the pool is never waited for, nor does it wait. A look at it is made in slices, so that no share waits for it.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from secrets import token_hex

from sluice.alarms.counts import counts_of
from sluice.alarms.lane import Clocks, Lane, Patience
from sluice.alarms.message import Message
from sluice.alarms.receiver import Letter, Receiver
from sluice.alarms.roll import Roll, load, save
from sluice.alarms.rules import Rules, RulesPlan
from sluice.alarms.web import Web, trusted
from sluice.pool.events import Happening
from sluice.pool.ports import FoundBlock
from sluice.server.clock import steady, unix_time
from sluice.server.disk import Disk
from sluice.server.loop import Owner

#: Seconds between two looks at the clock, and at the pool.
TICK_SECONDS, LOOK_SECONDS = 0.5, 15.0
#: Seconds between two moments at which it is written down who mines: a kill forgets what came after.
ROLL_SECONDS = 60.0
#: Seconds after which that is written also if nobody has come or gone: how old it is counts.
HOUR = 3_600
#: Connections that are looked at in one turn of the loop: less than a millisecond, unless there are many channels.
SLICE = 50
#: Seconds that letters on their way may still take when the process has to end.
LAST_LETTERS = 2.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlarmsPlan:
    """What the operator chose; `pool` is what the pool is called, `look_seconds` how often it is looked at, `memory`
    the file in which a restart finds who mined; None: it forgets.
    """

    rules: RulesPlan
    receivers: tuple[Receiver, ...]
    pool: str
    look_seconds: float = LOOK_SECONDS
    patience: Patience = field(default_factory=Patience)
    memory: Path | None = None


class Alarms:
    """A companion of the pool. Mutable; one owner: the event loop."""

    __slots__ = ("_disk", "_fault", "_lanes", "_plan", "_rules", "_saved", "_tls")

    def __init__(self, plan: AlarmsPlan) -> None:
        self._plan = plan
        self._rules = Rules(plan.rules)
        self._tls = trusted()  # read now, as it takes a moment: nobody mines yet
        clocks = Clocks(steady, unix_time)
        self._lanes = [Lane(receiver, clocks, plan.patience) for receiver in plan.receivers]
        self._disk = Disk()
        #: The last roll that was written, and why the next could not be.
        self._saved = Roll()
        self._fault = ""
        if plan.memory is not None:
            self._rules.recall(load(plan.memory, unix_time()), steady())
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
            # The memory has a task of its own, as a disk may hang.
            works = [*(lane.run(web) for lane in self._lanes), self._keep_roll()]
            tasks = [group.create_task(work) for work in works]
            try:
                await self._watch(owner)
            finally:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_LETTERS):
                        await asyncio.gather(self._remember(), *(lane.finish() for lane in self._lanes))
                for task in tasks:
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

    async def _keep_roll(self) -> None:
        while True:
            await asyncio.sleep(ROLL_SECONDS)
            await self._remember()

    async def _remember(self) -> None:
        """Write down who mines, if that has changed."""
        roll = self._rules.roll(unix_time())
        before = self._saved
        same = (roll.gone, roll.here.keys()) == (before.gone, before.here.keys())
        if self._plan.memory is None or (same and roll.at - before.at < HOUR):
            return
        try:
            await asyncio.wrap_future(self._disk.do(partial(save, self._plan.memory, roll)))
        except OSError as error:
            if not self._fault:
                logger.warning("a restart will not know who mined: %s", error)
            self._fault = str(error)
        else:
            self._saved, self._fault = roll, ""

    def _post(self, *messages: Message) -> None:
        for message in messages:
            letter = Letter(message, token_hex(8), unix_time(), self._plan.pool)
            for lane in self._lanes:
                lane.put(letter)
