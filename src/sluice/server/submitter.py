"""Blocks on their way to the node: kept on disk first, the highest first, several at once.

Rule: a block is on disk, as hex, before it leaves, and stays there until a node has taken it.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sluice.bitcoin.hashes import to_display
from sluice.pool.effects import Submit
from sluice.pool.inputs import Answered
from sluice.pool.ports import Node, Outcome

#: Submissions under way at once. A pool has one block in ten minutes; on regtest they come in swarms.
WORKERS = 4

_log = logging.getLogger(__name__)


class Submitter:
    """Hands blocks to a node. Mutable; one owner: the event loop."""

    def __init__(self, node: Node, directory: Path | None) -> None:
        """`directory` keeps the blocks as `HEIGHT-HASH.hex`; None for a chain that ends with the process."""
        self._node = node
        self._directory = directory
        self._queue: asyncio.PriorityQueue[tuple[int, int, Submit]] = asyncio.PriorityQueue()
        self._order = count()

    def submit(self, effect: Submit) -> None:
        """Take a block; the answer comes later, to whoever runs us."""
        self._queue.put_nowait((-effect.height, next(self._order), effect))

    async def run(self, answered: Callable[[Answered], None]) -> None:
        """Submit for ever, and tell what came of each block."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work(answered))

    async def finish(self) -> None:
        """Wait until every block taken so far has been answered for."""
        await self._queue.join()

    async def _work(self, answered: Callable[[Answered], None]) -> None:
        while True:
            _, _, effect = await self._queue.get()
            try:
                answered(Answered(effect.block_hash, await self._submit(effect)))
            finally:
                self._queue.task_done()

    async def _submit(self, effect: Submit) -> Outcome:
        path = await asyncio.to_thread(self._keep, effect)
        outcome = await self._node.submit(effect.block)
        if outcome.accepted and path is not None:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return outcome

    def _keep(self, effect: Submit) -> Path | None:
        if self._directory is None:
            return None
        path = self._directory / f"{effect.height}-{to_display(effect.block_hash)}.hex"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with path.open("w") as file:
                file.write(effect.block.hex())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            # A disk that fails must not keep a block from the node.
            _log.error("block %s could not be kept on disk: %s", path.name, error)
            return None
        return path
