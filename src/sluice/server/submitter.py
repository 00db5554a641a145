"""Blocks on their way to the node: each on disk first, the highest first, several at once.

Rule: nothing that fails here, the disk or the node, keeps any block from the node; and a block stays on disk until
a node has taken it, so that the next start can hand in what this one could not.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from sluice.bitcoin.hashes import to_display
from sluice.pool.effects import Submit
from sluice.pool.inputs import Answered
from sluice.pool.ports import Answer, FoundBlock, Node, Outcome, Route
from sluice.server.block_files import BlockFiles, UnreadableBlock, read_block

#: Submissions under way at once. A pool has one block in ten minutes; on regtest they come in swarms.
WORKERS = 4
#: Seconds that a block waits for the disk: one that hangs is worth no stale block.
DISK_SECONDS = 1.0
#: A node has the block.
TAKEN = (Answer.ACCEPTED, Answer.DUPLICATE)

logger = logging.getLogger(__name__)


class Submitter:
    """Hands blocks to a node. Mutable; one owner: the event loop."""

    def __init__(self, node: Node, files: BlockFiles | None) -> None:
        """`files` keep the blocks; None for a chain that ends with the process."""
        self._node = node
        self._files = files
        self._left_over = files.left_over() if files else []
        self._found: asyncio.Queue[Submit] = asyncio.Queue()
        self._kept: asyncio.PriorityQueue[tuple[int, int, FoundBlock, Path | None]] = asyncio.PriorityQueue()
        self._order = count()

    def submit(self, effect: Submit) -> None:
        """Take a block; the answer comes later, to whoever runs us."""
        self._found.put_nowait(effect)

    async def run(self, answered: Callable[[Answered], None]) -> None:
        """Submit for ever, and tell what came of each block."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_each())
            for _ in range(WORKERS):
                group.create_task(self._submit_each(answered))
            group.create_task(self._submit_left_over())

    async def finish(self, seconds: float) -> None:
        """Wait until every block taken so far has been answered for, `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._found.join()
                await self._kept.join()
                return
        logger.error(
            "blocks are without an answer of the node; those kept on disk go there at the next start"
        )

    async def _keep_each(self) -> None:
        while True:
            effect = await self._found.get()
            path = await self._keep(effect.found)
            self._kept.put_nowait((-effect.found.height, next(self._order), effect.found, path))
            self._found.task_done()

    async def _submit_each(self, answered: Callable[[Answered], None]) -> None:
        while True:
            _, _, found, path = await self._kept.get()
            async for outcome in self._submit(found, path):
                answered(Answered(found.block_hash, outcome))
            self._kept.task_done()

    async def _keep(self, found: FoundBlock) -> Path | None:
        if self._files is None:
            return None
        try:
            async with asyncio.timeout(DISK_SECONDS):
                return await asyncio.to_thread(self._files.keep, found.height, found.block_hash, found.raw)
        except TimeoutError:
            why = f"the disk has not answered for {DISK_SECONDS:g} s"
        except OSError as error:
            why = str(error)
        logger.error("block %s could not be kept on disk: %s", to_display(found.block_hash), why)
        return None

    async def _submit(self, found: FoundBlock, path: Path | None) -> AsyncIterator[Outcome]:
        """Each verdict as it comes; a file whose block a node has is not needed any more."""
        attempts = [self._attempt(route, found) for route in self._node.routes]
        for attempt in asyncio.as_completed(attempts):
            outcome = await attempt
            if path is not None and outcome.answer in TAKEN:
                await self._drop(path)
            yield outcome

    async def _attempt(self, route: Route, found: FoundBlock) -> Outcome:
        try:
            return await route.submit(found)
        except Exception as error:
            # A bug; but there may be more blocks, and this one is on disk.
            logger.exception("submitting a block failed")
            return Outcome(route.node, route.name, Answer.SILENT, f"internal error: {error!r}")

    async def _drop(self, path: Path) -> None:
        try:
            async with asyncio.timeout(DISK_SECONDS):
                await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            logger.warning("%s is not needed any more and could not be removed: %s", path, error)

    async def _submit_left_over(self) -> None:
        """Blocks that an earlier run had no good answer for: one after the other, beside the new ones."""
        for path in self._left_over:
            found = await self._read(path)
            if found is None:
                continue
            async for outcome in self._submit(found, path):
                fate = outcome.reason or outcome.answer.value
                logger.warning("block %s, left by an earlier run, is given to the node: %s", path.stem, fate)

    async def _read(self, path: Path) -> FoundBlock | None:
        try:
            return await asyncio.to_thread(read_block, path)
        except (OSError, UnreadableBlock) as error:
            why = error
        logger.error("%s was left by an earlier run and cannot be read, it stays: %s", path, why)
        return None
