"""One who watches the pool over the control socket: what is to be told waits here until it has been read.

Rule: happenings wait in order and are never left out; of pictures only the newest waits. Who does not read is let go
before what waits takes more than its bound.
"""

import asyncio
from asyncio import StreamWriter
from collections import deque

from sluice.server.pictures import Taken

#: Bytes of happenings that wait: some ten thousand of them.
MOST_WAITING = 4_194_304
#: Seconds for a reader to take the next piece, and for a whole picture of the largest pool.
STALL_SECONDS, PICTURE_SECONDS = 10.0, 120.0


class TooSlow(Exception):
    """A reader does not read; the text says how that was noticed."""


class Reader:
    """Mutable; one owner. `due` is when it wants the next picture, in steady seconds.

    `since` is the picture that the next one may build on; 0: it is to be whole.
    """

    __slots__ = ("_changes", "_lines", "_news", "_picture", "_waiting", "_writer", "due", "seconds", "since")

    def __init__(self, writer: StreamWriter, seconds: float, changes: bool) -> None:
        """`changes`: whether it puts together what has changed."""
        self.seconds = seconds
        self.due = 0.0
        self.since = 0
        self._changes = changes
        self._writer = writer
        self._lines: deque[bytes] = deque()
        self._waiting = 0
        self._picture: Taken | None = None
        self._news = asyncio.Event()

    def hear(self, line: bytes) -> None:
        """Something happened."""
        self._lines.append(line)
        self._waiting += len(line)
        self._news.set()

    def see(self, picture: Taken, now: float) -> None:
        """There is a newer picture."""
        self._picture = picture
        self.due = now + self.seconds
        self._news.set()

    async def write(self) -> None:
        """Write what comes, for ever. Raises TooSlow, or OSError when the reader is gone."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._write_lines()
            picture, self._picture = self._picture, None
            if picture is not None:
                await self._write_picture(picture)
                if self._changes:
                    self.since = picture.number

    async def _write_picture(self, picture: Taken) -> None:
        try:
            async with asyncio.timeout(PICTURE_SECONDS):
                for line in picture.lines:
                    self._writer.write(line)
                    await self._drained()
                    await self._write_lines()
        except TimeoutError:
            raise TooSlow(f"a picture was not read within {PICTURE_SECONDS:g} seconds") from None

    async def _write_lines(self) -> None:
        while self._lines:
            if self._waiting > MOST_WAITING:
                raise TooSlow(f"{self._waiting} bytes wait to be read, {MOST_WAITING} are the most")
            line = self._lines.popleft()
            self._waiting -= len(line)
            self._writer.write(line)
            await self._drained()

    async def _drained(self) -> None:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self._writer.drain()
        except TimeoutError:
            raise TooSlow(f"nothing was read for {STALL_SECONDS:g} seconds") from None
