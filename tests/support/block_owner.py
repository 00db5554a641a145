"""Found blocks without a pool: the machine and the submitter joined, on a clock of the test's choice.

It owns the candidates as `server/loop.py` owns the pool: inputs in order, in one thread.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from sluice.ledger.block_record import BlockRecord
from sluice.pool.candidates import Candidates
from sluice.pool.effects import BlockEffect, Effect, Tell
from sluice.pool.events import Happening
from sluice.pool.inputs import BlockInput
from sluice.pool.ports import FoundBlock, Node
from sluice.server.clock import steady, unix_time
from sluice.server.submitter import Submitter

#: Seconds between two looks at what is due; the first repetition comes after a quarter of a second.
TICK_SECONDS = 0.05


class BlockOwner:
    """Mutable; one owner: the event loop."""

    def __init__(
        self,
        nodes: Sequence[Node],
        record: BlockRecord | None,
        tell: Callable[[Happening], None],
        clock: Callable[[], float] = steady,
    ) -> None:
        """Each of the `nodes` for itself; `tell` lets people know, `clock` gives steady seconds."""
        self.candidates = Candidates(unix_time())
        self._submitter = Submitter(nodes, record)
        self._tell = tell
        self._clock = clock

    def take(self, found: FoundBlock) -> None:
        """A block was found."""
        self._perform(self.candidates.take(found, self._clock()))

    def look_again(self) -> None:
        """There is a new tip: blocks may stand elsewhere."""
        self.candidates.look_again(self._clock())

    async def run(self) -> None:
        """Look after blocks for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._submitter.run(self._feed))
            while True:
                await asyncio.sleep(TICK_SECONDS)
                self.candidates.unix_time = unix_time()
                self._perform(self.candidates.tick(self._clock()))

    async def finish(self, seconds: float) -> None:
        """Wait until every block so far is on the disk and has an answer of each route, `seconds` at most."""
        await self._submitter.finish(seconds)

    def _feed(self, happened: BlockInput) -> None:
        self._perform(self.candidates.react(happened, self._clock()))

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Tell):
                self._tell(effect.event)
            elif isinstance(effect, BlockEffect):
                self._submitter.perform(effect)
