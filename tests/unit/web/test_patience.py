"""Who takes for ever is let go, who has something to hear is not; a crowd at the door stays outside."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from sluice.web import patience as module
from sluice.web.patience import Patient, patient
from support.serving import until

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
App = Callable[[Any, Any, Any], Awaitable[None]]


async def hello(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


async def for_ever(scope: Any, receive: Any, send: Any) -> None:
    """An event stream that says something now and then."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"data: x\n\n", "more_body": True})
        await asyncio.sleep(0.02)


async def flood(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})
        await asyncio.sleep(0)  # who is gone is sent nothing, without a wait


class Served:
    """A server on loopback, and what it holds."""

    def __init__(self, server: uvicorn.Server) -> None:
        self.server = server
        self.writers: list[asyncio.StreamWriter] = []
        self.port = server.servers[0].sockets[0].getsockname()[1]

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return reader, writer


@asynccontextmanager
async def serving(app: App = hello, most: int = 100, kind: type[Patient] = Patient) -> AsyncIterator[Served]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=kind,
        log_config=None,
        ws="none",
        lifespan="off",
        limit_concurrency=most,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    served = Served(server)
    try:
        yield served
    finally:
        for writer in served.writers:
            writer.transport.abort()
        await until(lambda: served.open == 0)
        for task in list(server.server_state.tasks):
            task.cancel()
        server.should_exit = server.force_exit = True
        await running


async def closed(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other end closes."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long in a test."""
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(module, "READ_SECONDS", 0.3)


@pytest.mark.parametrize(
    "said",
    [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"],
    ids=["nothing", "head", "body"],
)
def test_a_request_that_does_not_come_whole_is_not_waited_for(said: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            reader, writer = await served.connect()
            writer.write(said)
            assert await closed(reader) == b""
            await until(lambda: served.open == 0)

    asyncio.run(scenario())


def test_one_that_trickles_in_gets_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with serving() as served:
            reader, writer = await served.connect()
            for byte in REQUEST[:-2] + b"x" * 1_000:
                if reader.at_eof():
                    break
                writer.write(bytes([byte]))
                await asyncio.sleep(0.01)
            assert await closed(reader) == b""

    asyncio.run(scenario())


def test_who_asks_in_time_is_answered_again_and_again_and_closed_when_it_stops() -> None:
    async def scenario() -> None:
        async with serving() as served:
            reader, writer = await served.connect()
            for _ in range(5):
                writer.write(REQUEST)
                assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")
                await asyncio.sleep(0.1)
            assert await closed(reader) == b""

    asyncio.run(scenario())


def test_a_stream_goes_on_for_longer_than_a_request_may_take() -> None:
    async def scenario() -> None:
        async with serving(for_ever) as served:
            reader, writer = await served.connect()
            writer.write(REQUEST)
            for _ in range(30):
                await reader.readuntil(b"data: x\n\n")
            assert served.open == 1

    asyncio.run(scenario())


def test_who_does_not_read_is_let_go() -> None:
    async def scenario() -> None:
        async with serving(flood) as served:
            _, writer = await served.connect()
            writer.write(REQUEST)
            await until(lambda: served.open == 1)
            await until(lambda: served.open == 0)

    asyncio.run(scenario())


def test_more_than_there_may_be_are_closed_at_once_and_the_others_are_served() -> None:
    async def scenario() -> None:
        async with serving(most=3) as served:
            known = [await served.connect() for _ in range(3)]
            await until(lambda: served.open == 3)
            reader, writer = await served.connect()
            assert await closed(reader) == b""
            for reader, writer in known:
                writer.write(REQUEST)
                assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200")

    asyncio.run(scenario())


@pytest.mark.parametrize(("proxies", "served"), [("", 2), ("127.0.0.0/8", 4)])
def test_one_address_has_so_many_and_a_proxy_as_many_as_it_wants(
    proxies: str, served: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OF_ONE", 2)
    monkeypatch.setattr(module, "is_local", lambda who: False)  # all that a test has is this machine

    async def scenario() -> None:
        async with serving(kind=patient(proxies)) as there:
            met = [await there.connect() for _ in range(4)]
            for _, writer in met:
                writer.write(REQUEST)
            answers = [await closed(reader) for reader, _ in met]
            assert sum(answer.endswith(b"hi") for answer in answers) == served

    asyncio.run(scenario())


def test_nothing_of_it_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        async with serving() as served:
            reader, writer = await served.connect()
            writer.write(b"\x00\x01 nonsense\r\n\r\n")
            assert (await closed(reader)).startswith(b"HTTP/1.1 400")

    asyncio.run(scenario())
    assert "Invalid" not in caplog.text
