"""The pool's control socket: pictures for who watches, commands from who may command (`control/words.py`).

Rule: whoever may write to the socket may command, so it is for the user that Sluice runs as, and nobody else. Who
watches never holds up the pool: pictures cost at most a part of a processor, and who does not read is let go.
"""

import asyncio
import logging
import socket
from asyncio import Future, StreamReader, StreamWriter, TaskGroup
from collections import deque
from contextlib import suppress
from dataclasses import fields
from functools import partial
from pathlib import Path

from msgspec import MsgspecError, json

from sluice.control.words import (
    Ban,
    Command,
    Done,
    Fact,
    Happened,
    Look,
    Refused,
    Request,
    SetDifficulty,
    Unban,
    Watch,
    Watching,
)
from sluice.legible import words_of, writable
from sluice.pool.events import BlockEvent, Happening, NewBest
from sluice.pool.inputs import Input
from sluice.pool.ports import FoundBlock
from sluice.server.carry_out import carry_out
from sluice.server.clock import steady, unix_time, wall
from sluice.server.disk import Disk
from sluice.server.loop import Owner
from sluice.server.orders_file import OrdersFile
from sluice.server.pictures import Pictures, Taken, line_of
from sluice.server.private_socket import private_socket
from sluice.server.watch import Reader, TooSlow

#: Of a processor, what pictures take at most.
PART_OF_A_PROCESSOR = 0.05
#: Connections at a time: a web process, a terminal or two, some scripts.
MOST_CONNECTIONS = 32
#: Bytes of a request, and seconds for the next one to come, or for an answer to be read.
MOST_LINE, LINE_SECONDS = 65_536, 60.0
#: Seconds before a socket that cannot be had is tried again.
SOCKET_AGAIN = 5.0
#: Happenings kept for who comes later: some hundreds of bytes each.
KEPT = 1_000
#: Seconds between two pictures that may be asked for.
SOONEST, LATEST = 0.1, 3_600.0

#: What people want to see although it is too much for the log.
_TOLD_ALL_THE_SAME = (BlockEvent, NewBest)
_KEPT_OVER_A_RESTART = (SetDifficulty, Ban, Unban)

logger = logging.getLogger(__name__)
_requests: json.Decoder[Request] = json.Decoder(Request)


class ControlHost:
    """Serves as long as the pool lives. A companion. Mutable; one owner: the event loop."""

    def __init__(self, path: Path, pictures: Pictures, orders: OrdersFile | None = None) -> None:
        """`orders` is where an operator's orders are kept; None where they end with the process."""
        self.path = path
        self.pictures = pictures
        self.orders = orders
        self._disk = Disk()
        #: What is told while a command is carried out.
        self._heard: list[Happening] | None = None
        self._number = 0
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._connections = 0
        self._readers: set[Reader] = set()
        self._looks: list[Future[Taken]] = []
        self._wanted = asyncio.Event()
        self._latest: Taken | None = None
        #: When the next picture may be begun, in steady seconds.
        self._next = 0.0

    def told(self, event: Happening) -> None:
        """Pass it on; what is only for who looks for a fault is not."""
        if self._heard is not None:
            self._heard.append(event)
        if event.level == "debug" and not isinstance(event, _TOLD_ALL_THE_SAME):
            return
        self._number += 1
        line = line_of(happened(event, self._number))
        self._kept.append((self._number, line))
        for reader in self._readers:
            reader.hear(line)

    def found(self, block: FoundBlock) -> None:
        """There is a happening for it."""

    async def run(self, owner: Owner) -> None:
        """Until cancelled. If there can be no socket, that is told once, and tried again: who has it may be about to end."""
        warned = False
        while True:
            self._looks, self._readers = [], set()
            try:
                with private_socket(self.path) as bound:
                    async with TaskGroup() as group:
                        await self._serve(owner, group, bound)
            except OSError as error:
                if not warned:
                    logger.warning(
                        "nobody can look at this pool, or command it: the socket %s cannot be had: %s; it is tried again",
                        self.path,
                        error.strerror or error,
                    )
                warned = True
            await asyncio.sleep(SOCKET_AGAIN)

    async def _serve(self, owner: Owner, group: TaskGroup, bound: socket.socket) -> None:
        def arrived(reader: StreamReader, writer: StreamWriter) -> None:
            group.create_task(self._meet(owner, reader, writer))

        server = await asyncio.start_unix_server(arrived, sock=bound, limit=MOST_LINE)
        try:
            await self._make(owner)
        finally:
            server.close()

    async def _make(self, owner: Owner) -> None:
        """Pictures, for as long as anybody wants some."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            due = 0.0 if self._looks else min((reader.due for reader in self._readers), default=None)
            if due is None:
                continue
            pause = max(due, self._next) - steady()
            if pause > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wanted.wait()
                self._wanted.set()
                continue
            looks, self._looks = self._looks, []
            since = 0 if looks else min(reader.since for reader in self._readers if reader.due <= steady())
            self._show(await self.pictures.take(owner, since), looks)

    def _show(self, taken: Taken, looks: list[Future[Taken]]) -> None:
        now = steady()
        self._latest = taken
        self._next = now + taken.seconds * (1 / PART_OF_A_PROCESSOR - 1)
        for look in looks:
            if not look.done():
                look.set_result(taken)
        for reader in self._readers:
            if reader.due <= now and taken.since <= reader.since:
                reader.see(taken, now)
        self._wanted.set()

    async def _meet(self, owner: Owner, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection, from its first line to its end; nothing that it says can hurt another."""
        self._connections += 1
        try:
            if self._connections > MOST_CONNECTIONS:
                writer.write(line_of(Refused(f"{MOST_CONNECTIONS} others are connected, which are the most")))
            else:
                await self._converse(owner, reader, writer)
        except (OSError, TimeoutError):
            pass
        except Exception:  # a bug of ours: it ends this connection, not the pool's task group
            logger.exception("a connection to the control socket failed")
        finally:
            self._connections -= 1
            writer.close()

    async def _converse(self, owner: Owner, reader: StreamReader, writer: StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(LINE_SECONDS):
                    line = await reader.readline()
            except ValueError:
                writer.write(line_of(Refused(f"a line has {MOST_LINE} bytes at most")))
                return
            if not line:
                return
            request = _understood(line)
            if isinstance(request, Watch):
                await self._watch(request, reader, writer)
                return
            if isinstance(request, Look):
                writer.writelines((await self._looked()).lines)
            elif isinstance(request, Refused):
                writer.write(line_of(request))
            else:
                writer.write(line_of(await self._carry_out(owner, request)))
            async with asyncio.timeout(LINE_SECONDS):
                await writer.drain()

    async def _carry_out(self, owner: Owner, command: Command) -> Done | Refused:
        """Do it, and see to it that it is still so after a restart."""

        def feed(happened: Input) -> list[Happening]:
            heard: list[Happening] = []
            self._heard = heard
            owner.feed(happened)
            self._heard = None
            return heard

        answer = carry_out(command, feed, unix_time())
        if (
            isinstance(answer, Refused)
            or self.orders is None
            or not isinstance(command, _KEPT_OVER_A_RESTART)
        ):
            return answer
        standing = owner.pool.state.orders.standing(unix_time())
        try:
            await asyncio.wrap_future(self._disk.do(partial(self.orders.save, standing)))
        except OSError as error:
            logger.warning("an operator's order is forgotten when this process ends: %s", error)
            return Done(f"{answer.words}, until this process ends: it cannot be kept ({error})", answer.count)
        return answer

    async def _looked(self) -> Taken:
        """The last picture while it is too early for another, else a new one; it is whole."""
        if self._latest is not None and not self._latest.since and steady() < self._next:
            return self._latest
        look: Future[Taken] = asyncio.get_running_loop().create_future()
        self._looks.append(look)
        self._wanted.set()
        return await look

    async def _watch(self, request: Watch, reader: StreamReader, writer: StreamWriter) -> None:
        watcher = Reader(writer, min(max(request.seconds, SOONEST), LATEST), request.changes)
        run_at = self.pictures.started_at
        watcher.hear(line_of(Watching(run_at)))
        after = request.after if request.run_at == run_at else 0
        for number, line in self._kept:
            if number > after:
                watcher.hear(line)
        self._readers.add(watcher)
        self._wanted.set()
        try:
            async with TaskGroup() as group:
                writing = group.create_task(watcher.write())
                while await reader.read(MOST_LINE):  # it has said what it wants; it ends by going away
                    pass
                writing.cancel()
        except* TooSlow as errors:
            logger.warning("who watches the pool does not read, and is let go: %s", errors.exceptions[0])
            writer.transport.abort()
        except* OSError:
            pass
        finally:
            self._readers.discard(watcher)


def _understood(line: bytes) -> Request | Refused:
    try:
        return _requests.decode(line)
    except (MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Refused(f"that is no request: {error}")


def happened(event: Happening, number: int) -> Happened:
    """An event as a line of the socket."""
    name = type(event).__name__
    facts = {field.name: _fact(getattr(event, field.name)) for field in fields(event)}
    return Happened(number, wall(), name, words_of(name), event.level, facts)


def _fact(value: object) -> Fact:
    match value:
        case None | bool() | int() | float():
            return value
        case tuple() | list():
            return [item if isinstance(item, int | float) else writable(str(item)) for item in value]
    return writable(str(value))
