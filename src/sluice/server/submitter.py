"""What is to be done for found blocks, and who does it: the recorder for the disk, the courier for the nodes.

    Record ─► Recorder ─► Recorded ─► (pool) ─► Submit ─► Courier ─► Answered ─► (pool) ─► Look ─► Sighted ─► …

Rule: nothing is decided here; each effect has one who does it, and what came of it goes back as an input.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sluice.ledger.block_record import BlockRecord
from sluice.pool.effects import BlockEffect, Look, Note, Park, Record, Settle, Submit
from sluice.pool.inputs import BlockInput
from sluice.pool.ports import Node
from sluice.server.courier import Courier
from sluice.server.recorder import Recorder

logger = logging.getLogger(__name__)


class Submitter:
    """Looks after found blocks. Mutable; one owner: the event loop."""

    def __init__(self, nodes: Sequence[Node], record: BlockRecord | None) -> None:
        """Each of the `nodes` for itself; `record` keeps the blocks, None for a chain that ends with the process."""
        self._recorder = Recorder(record)
        self._courier = Courier(nodes)
        self._calls: dict[type[BlockEffect], Callable[[Any], None]] = {
            Record: self._recorder.write,
            Note: self._recorder.note,
            Settle: self._recorder.settle,
            Park: self._recorder.park,
            Submit: self._courier.submit,
            Look: self._courier.look,
        }

    @property
    def queues(self) -> Mapping[str, Callable[[], int]]:
        """How much waits, by where it does."""
        return {"disk": lambda: self._recorder.waiting, "submits": lambda: self._courier.waiting}

    def perform(self, effect: BlockEffect) -> None:
        """Do it; what comes of it comes later, to whoever runs us."""
        self._calls[type(effect)](effect)

    async def run(self, feed: Callable[[BlockInput], None]) -> None:
        """Do what is to be done, for ever, and tell what came of it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._courier.run(feed))
            group.create_task(self._recorder.run(feed))

    async def finish(self, seconds: float) -> None:
        """Wait until every block so far is on the disk and has an answer of each route, `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._recorder.finish()
                await self._courier.finish()
                await self._recorder.finish()
                return
        logger.error(
            "blocks are without an answer of the node; those kept on disk go there at the next start"
        )
