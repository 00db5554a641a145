"""Found blocks and the disk: written down before they leave, told of as they live, taken up again at the start.

Rule: nothing that the disk does, failing or hanging, keeps a block from the nodes. A block is in the hands of the
kernel before `write` comes back, so that it outlives this process from there on.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Event

from sluice.ledger.block_record import BlockRecord, Kept, UnreadableBlock, stem_of
from sluice.pool.candidates import LIVE
from sluice.pool.effects import Note, Park, Record, Settle
from sluice.pool.inputs import BlockInput, Recorded, Resumed, Unrecorded
from sluice.pool.ports import FoundBlock
from sluice.server.disk import Disk

#: Seconds that everything stands still, at most, until the kernel has a block: it takes a few milliseconds.
KERNEL_SECONDS = 0.05
#: Seconds that a block waits for the disk: one that hangs is worth no stale block.
DISK_SECONDS = 1.0
#: Seconds after which a block that waits its turn comes in, though there is no room: somebody else waits then.
TURN_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Recorder:
    """Mutable; one owner: the event loop."""

    def __init__(self, record: BlockRecord | None) -> None:
        """`record` None: for a chain that ends with the process."""
        self._record = record
        self._disk = Disk()
        #: Blocks on their way to the disk, and those for which nobody has been told yet.
        self._writing: dict[bytes, Future[str]] = {}
        self._new: asyncio.Queue[FoundBlock] = asyncio.Queue()
        self._live: set[bytes] = set()
        #: Names of blocks on the disk that nobody looks after.
        self._waiting: deque[str] = deque(record.unsettled() if record else ())
        self._changed = asyncio.Event()
        self._ailing = False

    async def run(self, feed: Callable[[BlockInput], None]) -> None:
        """For ever: tell when blocks are on the disk, and take up those that wait."""
        async with asyncio.TaskGroup() as group:
            resuming = group.create_task(self._resume_each(feed))
            try:
                while True:
                    found = await self._new.get()
                    group.create_task(self._confirm(found, feed))
            finally:
                resuming.cancel()

    async def finish(self) -> None:
        """Wait until every block has been told of, and every line is written."""
        await self._new.join()
        await asyncio.wrap_future(self._disk.do(lambda: None))

    @property
    def waiting(self) -> int:
        """What waits for the disk."""
        return self._disk.waiting

    def write(self, effect: Record) -> None:
        """Write a block down. Returns once the kernel has it, or KERNEL_SECONDS later."""
        found = effect.found
        self._live.add(found.block_hash)
        if self._record is not None and found.block_hash not in self._writing:
            in_kernel = Event()
            self._writing[found.block_hash] = self._disk.do(partial(_write, self._record, found, in_kernel))
            in_kernel.wait(KERNEL_SECONDS)
        self._new.put_nowait(found)

    def note(self, effect: Note) -> None:
        """Add a line to a block's history, some time."""
        if self._record is not None:
            done = self._disk.do(partial(self._record.note, effect.found, effect.noted))
            done.add_done_callback(self._look_after)

    def settle(self, effect: Settle) -> None:
        """Put a block aside."""
        if self._record is not None:
            self._disk.do(partial(self._record.settle, effect.found)).add_done_callback(self._look_after)
        self._let_go(effect.found)

    def park(self, effect: Park) -> None:
        """A block is forgotten for now."""
        if self._record is not None:
            self._waiting.append(stem_of(effect.found))
        self._let_go(effect.found)

    def _let_go(self, found: FoundBlock) -> None:
        self._live.discard(found.block_hash)
        self._writing.pop(found.block_hash, None)
        self._changed.set()

    async def _confirm(self, found: FoundBlock, feed: Callable[[BlockInput], None]) -> None:
        """Tell what came of writing a block down."""
        try:
            reason = await self._reason(found.block_hash)
            feed(Unrecorded(found.block_hash, reason) if reason else Recorded(found.block_hash))
        finally:
            self._new.task_done()

    async def _reason(self, block_hash: bytes) -> str:
        """Why a block is not on the disk; empty if it is, or where there is no disk."""
        writing = self._writing.get(block_hash)
        if writing is None:
            return ""
        await asyncio.wait((asyncio.wrap_future(writing),), timeout=DISK_SECONDS)
        if not writing.done():
            return f"the disk has not answered for {DISK_SECONDS:g} s"
        self._writing.pop(block_hash, None)
        return writing.result()

    async def _resume_each(self, feed: Callable[[BlockInput], None]) -> None:
        """Blocks that an earlier run, or this one, had to leave: one by one, as there is room."""
        while True:
            while not self._waiting:
                self._changed.clear()
                await self._changed.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_SECONDS):
                    while len(self._live) >= LIVE:
                        self._changed.clear()
                        await self._changed.wait()
            kept = await self._read(self._waiting.popleft())
            if kept is not None:
                self._live.add(kept.found.block_hash)
                feed(Resumed(kept.found, kept.history))

    async def _read(self, stem: str) -> Kept | None:
        assert self._record is not None
        try:
            return await asyncio.wrap_future(self._disk.do(partial(self._record.read, stem)))
        except (OSError, UnreadableBlock) as error:
            why = error
        logger.error("block %s of an earlier run cannot be taken up, it stays where it is: %s", stem, why)
        return None

    def _look_after(self, done: "Future[None]") -> None:
        """In the disk's thread: one line when it begins to fail, and one when that is over."""
        error = done.exception()
        if error and not self._ailing:
            logger.error("what happens to found blocks cannot be written down: %s", error)
        elif self._ailing and not error:
            logger.warning("what happens to found blocks is written down again")
        self._ailing = bool(error)


def _write(record: BlockRecord, found: FoundBlock, in_kernel: Event) -> str:
    """Why it could not be written; empty if it is on the disk."""
    try:
        try:
            record.write(found)
        finally:
            in_kernel.set()
        record.sync(found)
    except OSError as error:
        return str(error)
    return ""
