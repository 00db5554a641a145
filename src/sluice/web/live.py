"""Open pages that stay up to date: server-sent events, one rendering for all who look at the same thing.

    event: parts
    data: {"figures": "<dl>…</dl>"}        the parts that have changed, by the ids of their elements

Rule: a change is rendered once for each topic that somebody looks at, and the same bytes go to all of them. Who does
not read as fast as it is written to is let go, and comes again; there are no more streams than a bound.
"""

import asyncio
import logging
import re
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from sluice.web.problem import Problem
from sluice.web.render import Topic, parts
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked
from sluice.web.views.table import TABLE

#: Seconds without anything new after which a stream says that it is still there: proxies close silent ones.
HEARTBEAT_SECONDS = 20.0
#: Events that wait for a reader, and seconds that one may take to be read.
MOST_WAITING, SLOW_SECONDS = 4, 20.0
#: Milliseconds after which a browser comes again.
_RETRY = b"retry: 4000\n\n"
_HEARTBEAT = b":\n\n"
_FULL = b"event: full\ndata: {}\n\n"
_PREFIX = "/live"
#: A time that is told as so long ago is told by the browser itself: that alone is no change.
_AGO = re.compile(r"(<time[^>]* data-ago[^>]*>)[^<]*")
_PAGES = {page.path if page.path != "/" else "/home": page for page in TABLE}


logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Room:
    """Who looks at a topic, and what they have seen of it; `again` is what who comes now has not."""

    topic: Topic
    readers: set["asyncio.Queue[bytes | None]"] = field(default_factory=set)
    seen: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)


class Hub:
    """All open streams. Mutable; one owner: the event loop."""

    __slots__ = ("_rooms", "_sight", "_wanted")

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._rooms: dict[Topic, _Room] = {}
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """For ever: render what is looked at when the pool has changed."""
        while True:
            if not self._rooms:
                self._wanted.clear()
                await self._wanted.wait()
            await self._sight.changes()
            for room in list(self._rooms.values()):
                await self._refresh(room)
                await asyncio.sleep(0)

    async def _refresh(self, room: _Room) -> None:
        """Send what has changed. A page that is not there any more ends its streams."""
        try:
            shown = await parts(self._sight, room.topic)
        except HTTPException:
            self._send(room, None)
            return
        except Exception:  # a bug in one page ends its streams, not everybody's
            logger.exception("a page cannot be kept up to date: %s", room.topic.page.path)
            self._send(room, None)
            return
        seen = {part: _AGO.sub(r"\1", html) for part, html in shown.items()}
        changed = {part: shown[part] for part, still in seen.items() if room.seen.get(part) != still}
        room.seen, room.shown = seen, shown
        if changed:
            self._send(room, event_of(changed))

    def _send(self, room: _Room, event: bytes | None) -> None:
        for queue in list(room.readers):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:  # it does not read
                room.readers.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)

    async def stream(self, topic: Topic, receive: Receive, send: Send) -> None:
        """One stream, until the browser leaves or does not read."""
        if self._sight.streams >= self._sight.settings.max_streams:
            await _say(send, _FULL, more=False)
            return
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_WAITING)
        room = self._rooms.setdefault(topic, _Room(topic))
        room.readers.add(queue)
        self._sight.streams += 1
        self._wanted.set()
        try:
            await _say(send, _RETRY + (event_of(room.shown) if room.shown else b""), more=True)
            async with asyncio.TaskGroup() as group:
                leaving = group.create_task(_left(receive))
                writing = group.create_task(_write(queue, send))
                await asyncio.wait((leaving, writing), return_when=asyncio.FIRST_COMPLETED)
                leaving.cancel()
                writing.cancel()
        finally:
            self._sight.streams -= 1
            room.readers.discard(queue)
            if not room.readers and self._rooms.get(topic) is room:
                del self._rooms[topic]


def event_of(shown: dict[str, str]) -> bytes:
    """As it goes over the stream."""
    return b"event: parts\ndata: " + msgspec.json.encode(shown) + b"\n\n"


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(queue: "asyncio.Queue[bytes | None]", send: Send) -> None:
    """What comes, and a sign of life when nothing does. Ends with a reader that is too slow."""
    with suppress(OSError):
        while True:
            event: bytes | None = _HEARTBEAT
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    event = await queue.get()
            if event is None:
                break
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    await send({"type": "http.response.body", "body": event, "more_body": True})
            except TimeoutError:
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _say(send: Send, first: bytes, *, more: bool) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": first, "more_body": more})


def beside(hub: Hub, app: ASGIApp) -> ASGIApp:
    """The application, and beside it what is under /live."""

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(f"{_PREFIX}/"):
            await app(scope, receive, send)
            return
        page = _PAGES.get(scope["path"].removeprefix(_PREFIX))
        if page is None or scope["method"] != "GET":
            await Problem(404, "There is no such stream.")(scope, receive, send)
            return
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        await hub.stream(Topic(page, Asked.of(page.asks, given)), receive, send)

    return either
