"""The other end of the control socket: look at a running pool, watch it, command it.

Rule: a pool that is not there, goes away or speaks nonsense is `NobodyThere`, whose text says what to do; whoever
watches goes on watching, and sees the next run of it.
"""

import asyncio
import socket
from asyncio import StreamReader
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from msgspec import MsgspecError, json

from sluice.control.assembly import Assembly, Picture
from sluice.control.place import connected
from sluice.control.words import (
    Answer,
    Command,
    Done,
    Happened,
    Look,
    Refused,
    Request,
    Watch,
    Watching,
)

__all__ = ["Assembly", "NobodyThere", "Parted", "Picture", "Watcher", "ask", "command", "look", "look_now"]

#: Seconds for an answer: a picture of the largest pool takes some.
ANSWER_SECONDS = 30.0
#: Seconds between two attempts to reach a pool that is not there, at first and at most.
AGAIN, AGAIN_AT_MOST = 0.25, 5.0
#: Bytes of a line: a part of a picture has some tens of thousands, a list of a thousand blocks some hundreds.
MOST_LINE = 8_388_608

_decoder = json.Decoder(Answer)


class NobodyThere(Exception):
    """No Sluice answers; the text says where, why, and the way out."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The pool that was watched is out of sight; the words say why. The last picture stays."""

    words: str


News = Picture | Happened | Parted


async def look(path: Path, seconds: float = ANSWER_SECONDS) -> Picture:
    """One picture of the pool at `path`. Raises NobodyThere."""
    assembly = Assembly()
    async with _asked(path, Look(), seconds) as lines:
        async for line in lines:
            if picture := assembly.take(line):
                return picture
            _unless_refused(line)
    raise _gone(path)


async def command(path: Path, request: Command, seconds: float = ANSWER_SECONDS) -> Done | Refused:
    """What the pool at `path` makes of a command. Raises NobodyThere."""
    async with _asked(path, request, seconds) as lines:
        async for line in lines:
            if isinstance(line, Done | Refused):
                return line
    raise _gone(path)


def ask(path: Path, request: Command, seconds: float = ANSWER_SECONDS) -> Done | Refused:
    """As `command`, for who has no loop."""
    for line in _answers(path, request, seconds):
        if isinstance(line, Done | Refused):
            return line
    raise _gone(path)


def look_now(path: Path, seconds: float = ANSWER_SECONDS) -> Picture:
    """As `look`, for who has no loop."""
    assembly = Assembly()
    for line in _answers(path, Look(), seconds):
        if picture := assembly.take(line):
            return picture
        _unless_refused(line)
    raise _gone(path)


class Watcher:
    """Watches a pool for ever, over its restarts and ours. Mutable; one owner.

        watcher = Watcher(path)
        async for news in watcher.news(): ...      # Picture | Happened | Parted

    `picture` is the latest, None before the first; `trouble` says why there is none newer, empty while all is well.
    """

    def __init__(self, path: Path, seconds: float = 1.0) -> None:
        """A picture every so many seconds, or as often as the pool can afford it."""
        self.path = path
        self.seconds = seconds
        self.picture: Picture | None = None
        self.trouble = "the pool has not been reached yet"
        #: The number of the last happening, and the run that it was of.
        self._heard = 0
        self._run_at = 0.0

    async def news(self) -> AsyncGenerator[News, None]:
        """All that is new, for ever; `Parted` once each time the pool goes out of sight."""
        pause, apart = AGAIN, False
        while True:
            try:
                async with aclosing(self._watch()) as watch:
                    async for news in watch:
                        pause, apart, self.trouble = AGAIN, False, ""
                        yield news
            except NobodyThere as error:
                self.trouble = str(error)
            if not apart:
                apart = True
                yield Parted(self.trouble)
            await asyncio.sleep(pause)
            pause = min(2 * pause, AGAIN_AT_MOST)

    async def _watch(self) -> AsyncGenerator[Picture | Happened, None]:
        assembly = Assembly()
        request = Watch(self.seconds, self._heard, self._run_at, changes=True)
        async with _asked(self.path, request, None) as lines:
            async for line in lines:
                _unless_refused(line)
                if isinstance(line, Watching) and line.run_at != self._run_at:
                    self._heard, self._run_at = 0, line.run_at
                elif isinstance(line, Happened):
                    self._heard = line.number
                    yield line
                elif picture := assembly.take(line):
                    self.picture = picture
                    yield picture
        raise _gone(self.path)


def _unless_refused(line: Answer) -> None:
    if isinstance(line, Refused):
        raise NobodyThere(line.words)


@asynccontextmanager
async def _asked(path: Path, request: Request, seconds: float | None) -> AsyncIterator[AsyncIterator[Answer]]:
    """The answers to a request, for so many seconds at most; the connection ends with it."""
    try:
        connection = connected(path, ANSWER_SECONDS)
    except OSError as error:
        raise _nobody(path, error) from error
    connection.setblocking(False)
    reader, writer = await asyncio.open_unix_connection(sock=connection, limit=MOST_LINE)
    try:
        async with asyncio.timeout(seconds):
            writer.write(json.encode(request) + b"\n")
            async with aclosing(_read(reader, path)) as lines:
                yield lines
    except TimeoutError as error:
        raise _silent(path) from error
    finally:
        writer.transport.abort()


async def _read(reader: StreamReader, path: Path) -> AsyncGenerator[Answer, None]:
    try:
        while line := await reader.readline():
            yield _decoder.decode(line)
    except (ValueError, MsgspecError) as error:
        raise _nonsense(path, error) from error
    except OSError as error:
        raise _gone(path) from error


def _answers(path: Path, request: Request, seconds: float) -> Iterator[Answer]:
    try:
        connection = connected(path, seconds)
    except OSError as error:
        raise _nobody(path, error) from error
    with connection:
        try:
            connection.sendall(json.encode(request) + b"\n")
            for line in _lines(connection, monotonic() + seconds):
                yield _decoder.decode(line)
        except TimeoutError as error:
            raise _silent(path) from error
        except OSError as error:
            raise _gone(path) from error
        except (ValueError, MsgspecError) as error:
            raise _nonsense(path, error) from error


def _lines(connection: socket.socket, until: float) -> Iterable[bytes]:
    with connection.makefile("rb") as answers:
        while line := answers.readline(MOST_LINE):
            yield line
            connection.settimeout(max(until - monotonic(), 0.001))


def _nobody(path: Path, error: OSError) -> NobodyThere:
    if isinstance(error, PermissionError):
        return NobodyThere(
            f"this user may not look at the Sluice of {path.parent}, nor command it: only the user that it runs as may "
            "(`sudo -u USER sluice ...`); the dashboard is for everybody"
        )
    return NobodyThere(
        f"no Sluice runs with this data directory ({path.parent}: {error.strerror or error}): start one with "
        "`sluice run`, or name the data directory of one that runs with --data-dir or --config"
    )


def _gone(path: Path) -> NobodyThere:
    return NobodyThere(f"the Sluice at {path} has ended, or closed the connection: ask again")


def _silent(path: Path) -> NobodyThere:
    return NobodyThere(f"the Sluice at {path} does not answer in time: look at its log")


def _nonsense(path: Path, error: Exception) -> NobodyThere:
    return NobodyThere(
        f"what answers at {path} does not speak as this version of Sluice does ({error}): both must be of one version"
    )
