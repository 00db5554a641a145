"""What handlers see of the pool: one object, given to each of them as `sight`.

Rule: handlers ask here and nowhere else, for the settings of this run, for the pool as it is and for the record; what
waits for a disk is done in a thread. A pool that is out of sight is no error: the last picture stays, with the reason.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import time
from typing import TypeVar

from sluice.control.client import NobodyThere, Parted, Picture, Watcher, command
from sluice.control.words import Command, Done, Happened, PoolPicture, Refused
from sluice.ledger.block_record import BlockRecord
from sluice.ledger.reading import Reader
from sluice.pool.overview import MinerView
from sluice.pool.ports import LedgerError, LedgerUnusable
from sluice.web.crowd import Crowd, crowd_of
from sluice.web.devices import Devices, devices_of
from sluice.web.memory import Memory
from sluice.web.settings import Settings
from sluice.web.traffic import Traffic

__all__ = ["NoRecord", "NobodyThere", "Sight", "seen"]

T = TypeVar("T")
#: Seconds between two pictures: people see no difference to one, and it is half the work.
PICTURE_SECONDS = 2.0
#: Happenings that are kept: some hours of a home's, some minutes of a large pool's.
MOST_LOGGED = 1_000
#: Threads that wait for disks: the pool needs the processors more.
THREADS = 2
#: Seconds that a handler waits for the first picture: a page that is asked for at the start shows something.
FIRST_PICTURE_SECONDS = 1.0


class NoRecord(Exception):
    """There is no record, or it cannot be read; the text says why."""


class Sight:
    """Mutable; one owner: the event loop. Made by `seen`."""

    def __init__(self, settings: Settings, group: asyncio.TaskGroup, threads: ThreadPoolExecutor) -> None:
        """`group` runs what goes on beside the handlers, `threads` what waits for disks."""
        self.settings = settings
        #: The files of found blocks; its calls wait for the disk.
        self.blocks = BlockRecord(Path(settings.blocks))
        #: The last happenings that are worth a line, the oldest first.
        self.log: Sequence[Happened] = deque(maxlen=MOST_LOGGED)
        self.memory = Memory(group)
        self._group = group
        self._beside: list[asyncio.Task[None]] = []
        #: Open event streams.
        self.streams = 0
        #: What the web side itself did.
        self.traffic = Traffic()
        self._watcher = Watcher(settings.socket, PICTURE_SECONDS)
        self._threads = threads
        self._reader: Reader | None = None
        self._met: tuple[Picture, Devices, Crowd] | None = None
        self._changed = asyncio.Event()

    @property
    def picture(self) -> PoolPicture | None:
        """The pool as it is; None before it was seen."""
        picture = self._watcher.picture
        return None if picture is None else picture.pool

    @property
    def miners(self) -> tuple[MinerView, ...]:
        """All connections, of the same moment."""
        picture = self._watcher.picture
        return () if picture is None else picture.miners

    @property
    def devices(self) -> Devices:
        """The same, every worker of every channel."""
        return self._meet()[0]

    @property
    def crowd(self) -> Crowd:
        """The same, a worker's channels put together."""
        return self._meet()[1]

    def _meet(self) -> tuple[Devices, Crowd]:
        """Computed once for a picture."""
        picture = self._watcher.picture
        if picture is None:
            return Devices(), Crowd({})
        if self._met is None or self._met[0] is not picture:
            devices = devices_of(picture.pool, picture.miners)
            self._met = picture, devices, crowd_of(devices)
        return self._met[1:]

    @property
    def trouble(self) -> str:
        """Why there is no newer picture; empty while all is well."""
        return self._watcher.trouble

    @property
    def now(self) -> float:
        """Unix seconds."""
        return time()

    async def watch(self) -> None:
        """See the pool, for ever."""
        log = self.log
        assert isinstance(log, deque)
        async for news in self._watcher.news():
            match news:
                case Happened() if news.level != "debug":
                    log.append(news)
                case Picture() | Parted():
                    self._changed.set()
                    self._changed = asyncio.Event()

    def begin(self, beside: Coroutine[None, None, None]) -> None:
        """Let it run as long as this lasts."""
        self._beside.append(self._group.create_task(beside))

    def end(self) -> None:
        """End what was begun."""
        for task in self._beside:
            task.cancel()

    async def changes(self) -> None:
        """Returns when there is another picture, or when the pool goes out of sight."""
        await self._changed.wait()

    async def first(self) -> PoolPicture | None:
        """The picture, waited for a moment if there was none yet."""
        if self.picture is None and FIRST_PICTURE_SECONDS:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_PICTURE_SECONDS):
                    await self.changes()
        return self.picture

    async def ask(self, request: Command) -> Done | Refused:
        """What the pool makes of a command. Raises NobodyThere."""
        return await command(self.settings.socket, request)

    async def read(self, call: Callable[[Reader], T]) -> T:
        """What comes of looking into the record. Raises NoRecord."""
        if not self.settings.database:
            raise NoRecord("no record is kept")
        reader = self._reader = self._reader or Reader(self.settings.database)
        try:
            return await self.aside(lambda: call(reader))
        except (LedgerError, LedgerUnusable) as error:
            raise NoRecord(str(error)) from error

    def close(self) -> None:
        """Let go of the record."""
        if self._reader is not None:
            self._reader.close()

    async def aside(self, call: Callable[[], T]) -> T:
        """What comes of a call that waits for a disk."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


@asynccontextmanager
async def seen(settings: Settings) -> AsyncIterator[Sight]:
    """A sight of the pool that these settings name, as long as the context lasts."""
    with ThreadPoolExecutor(THREADS, "disk") as threads:
        async with asyncio.TaskGroup() as group:
            sight = Sight(settings, group, threads)
            sight.begin(sight.watch())
            try:
                yield sight
            finally:
                sight.end()
    sight.close()
