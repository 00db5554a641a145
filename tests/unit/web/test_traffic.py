"""Every answer is counted, whoever gave it; what is open is open until it is over."""

import asyncio

import httpx
from litestar.types import ASGIApp, Receive, Scope, Send

from sluice.web.traffic import Traffic
from support.serving import until


def answering(status: int, wait: asyncio.Event | None = None) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if wait is not None:
            await wait.wait()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def ask(app: ASGIApp) -> int:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return (await client.get("/")).status_code


def test_answers_are_counted_by_status() -> None:
    async def scenario() -> None:
        traffic = Traffic()
        for status in (200, 429, 200):
            assert await ask(traffic.around(answering(status))) == status
        assert (traffic.answered, traffic.open) == ({200: 2, 429: 1}, 0)

    asyncio.run(scenario())


def test_what_is_under_way_is_open() -> None:
    async def scenario() -> None:
        traffic, done = Traffic(), asyncio.Event()
        asking = asyncio.create_task(ask(traffic.around(answering(200, done))))
        await until(lambda: traffic.open == 1)
        assert not traffic.answered
        done.set()
        await asking
        assert (traffic.answered, traffic.open) == ({200: 1}, 0)

    asyncio.run(scenario())


def test_who_leaves_is_not_open_any_more() -> None:
    async def scenario() -> None:
        traffic = Traffic()
        asking = asyncio.create_task(ask(traffic.around(answering(200, asyncio.Event()))))
        await until(lambda: traffic.open == 1)
        asking.cancel()
        await asyncio.wait([asking])
        assert traffic.open == 0

    asyncio.run(scenario())


def test_what_is_no_request_is_passed_on() -> None:
    async def scenario() -> None:
        heard: list[str] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            heard.append(scope["type"])

        traffic = Traffic()
        await traffic.around(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
        assert (heard, traffic.open) == (["lifespan"], 0)

    asyncio.run(scenario())
