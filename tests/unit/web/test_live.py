"""Open pages that stay up to date."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sluice.web import live, render, sight
from sluice.web.live import Hub, beside, event_of
from sluice.web.render import Topic
from sluice.web.sight import Sight, seen
from support.control import hosting
from support.serving import Live, until
from support.web import settings_in


class Browser:
    """The other end of one stream: what came over it, and whether it reads."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.ended = False
        self.reads = asyncio.Event()
        self.reads.set()
        self.leaves = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message["body"]
            self.ended = not message.get("more_body", False)

    def events(self) -> list[dict[str, str]]:
        lines = self.body.decode().split("\n\n")
        return [
            msgspec.json.decode(line.partition("data: ")[2])
            for line in lines
            if line.startswith("event: parts")
        ]


def request(path: str, query: str = "", method: str = "GET") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": []}


async def nowhere(*_: object) -> None:
    raise AssertionError("it is not for the application")


@asynccontextmanager
async def hub_on(directory: Path, **settings: Any) -> AsyncIterator[tuple[Hub, Live, Any]]:
    async with hosting(directory) as (running, _), seen(settings_in(directory, **settings)) as watching:
        await watching.first()
        hub = Hub(watching)
        watching.begin(hub.run())
        yield hub, running, beside(hub, nowhere)


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "PICTURE_SECONDS", 0.1)


def test_what_changes_is_rendered_once_and_sent_to_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = 0
    parts = render.parts

    async def counted(*arguments: Any) -> dict[str, str]:
        nonlocal rendered
        rendered += 1
        return await parts(*arguments)

    monkeypatch.setattr("sluice.web.live.parts", counted)

    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app), asyncio.TaskGroup() as group:
            browsers = [Browser() for _ in range(50)]
            for browser in browsers:
                group.create_task(app(request("/live/home"), browser.receive, browser.send))
            await until(lambda: all(browser.events() for browser in browsers))
            first = browsers[0].events()[0]
            assert {"trouble", "figures", "nodes"} <= first.keys()
            assert "no miner is connected" in first["trouble"].lower()
            assert rendered <= 5
            assert len({browser.body for browser in browsers}) <= 3
            for browser in browsers:
                browser.leaves.set()

    asyncio.run(main())


def test_who_comes_later_gets_what_is_shown_at_once_and_then_only_what_changes(tmp_path: Path) -> None:
    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app), asyncio.TaskGroup() as group:
            first, second = Browser(), Browser()
            group.create_task(app(request("/live/nodes"), first.receive, first.send))
            await until(lambda: len(first.events()) >= 2)
            assert set(first.events()[1]) <= {"state"}  # nothing else has changed
            group.create_task(app(request("/live/nodes"), second.receive, second.send))
            await until(lambda: len(second.events()) >= 1)
            assert set(second.events()[0]) == {"trouble", "news", "state", "list"}
            first.leaves.set()
            second.leaves.set()

    asyncio.run(main())


def test_who_does_not_read_is_let_go_and_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SLOW_SECONDS", 0.3)

    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app), asyncio.TaskGroup() as group:
            slow, quick = Browser(), Browser()
            letting_go = group.create_task(app(request("/live/home"), slow.receive, slow.send))
            group.create_task(app(request("/live/home"), quick.receive, quick.send))
            await until(lambda: bool(slow.events()))
            slow.reads.clear()
            await until(letting_go.done)
            before = len(quick.events())
            await until(lambda: len(quick.events()) > before)
            quick.leaves.set()

    asyncio.run(main())


def test_there_are_no_more_than_the_bound_and_places_come_free(tmp_path: Path) -> None:
    async def main() -> None:
        async with hub_on(tmp_path, max_streams=1) as (_, _, app), asyncio.TaskGroup() as group:
            first, second, third = Browser(), Browser(), Browser()
            running = group.create_task(app(request("/live/home"), first.receive, first.send))
            await until(lambda: first.status == 200)
            await app(request("/live/home"), second.receive, second.send)
            assert b"event: full" in second.body
            assert second.ended
            first.leaves.set()
            await running
            group.create_task(app(request("/live/home"), third.receive, third.send))
            await until(lambda: bool(third.events()))
            third.leaves.set()

    asyncio.run(main())


def test_a_silent_stream_says_that_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)

    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app), asyncio.TaskGroup() as group:
            browser = Browser()
            group.create_task(app(request("/live/connect"), browser.receive, browser.send))
            await until(lambda: b"\n\n:\n\n" in browser.body)
            browser.leaves.set()

    asyncio.run(main())


def test_a_page_that_is_not_there_ends_its_stream(tmp_path: Path) -> None:
    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app):
            browser = Browser()
            await app(request("/live/miner", "account=nobody"), browser.receive, browser.send)
            assert browser.ended
            assert browser.events() == []

    asyncio.run(main())


@pytest.mark.parametrize(
    "asked", [request("/live/nowhere"), request("/live/"), request("/live/home", method="POST")]
)
def test_what_is_no_stream_is_refused(tmp_path: Path, asked: dict[str, Any]) -> None:
    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app):
            browser = Browser()
            await app(asked, browser.receive, browser.send)
            assert browser.status == 404

    asyncio.run(main())


def test_an_event_is_one_line_of_data() -> None:
    assert event_of({"a": "x\ny\r\nz"}).count(b"\n") == 3


def test_a_bug_in_a_page_ends_its_streams_and_no_other_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    parts = render.parts

    async def broken(watching: Sight, topic: Topic) -> dict[str, str]:
        if topic.page.path == "/nodes":
            raise KeyError("oops")
        return await parts(watching, topic)

    monkeypatch.setattr("sluice.web.live.parts", broken)

    async def main() -> None:
        async with hub_on(tmp_path) as (_, _, app), asyncio.TaskGroup() as group:
            nodes, home = Browser(), Browser()
            ending = group.create_task(app(request("/live/nodes"), nodes.receive, nodes.send))
            group.create_task(app(request("/live/home"), home.receive, home.send))
            await ending
            assert nodes.ended
            before = len(home.events())
            await until(lambda: len(home.events()) > before)
            assert not home.ended
            home.leaves.set()

    asyncio.run(main())
    assert "a page cannot be kept up to date: /nodes" in caplog.messages


def test_more_than_some_events_wait_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each picture is another page; who does not read any of them is let go before `SLOW_SECONDS` are over."""
    pictures = count()

    async def ever_new(watching: Sight, topic: Topic) -> dict[str, str]:
        return {"figures": str(next(pictures))}

    monkeypatch.setattr("sluice.web.live.parts", ever_new)

    async def main() -> None:
        async with hub_on(tmp_path) as (hub, _, app), asyncio.TaskGroup() as group:
            slow = Browser()
            group.create_task(app(request("/live/home"), slow.receive, slow.send))
            await until(lambda: bool(slow.events()))
            slow.reads.clear()
            [room] = hub._rooms.values()
            await until(lambda: not room.readers)
            slow.reads.set()
            await until(lambda: slow.ended)

    asyncio.run(main())
