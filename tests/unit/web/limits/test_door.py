import asyncio
from pathlib import Path
from typing import Any

import msgspec

from sluice.web.limits.door import BURST_SECONDS, LOCAL_VISITORS, VISITOR, Door, DoorRules, rules_of
from sluice.web.limits.networks import networks
from support.web import settings_in

Messages = list[dict[str, Any]]
STRANGER = ("203.0.113.5", 4711)


def scope_of(
    peer: tuple[str, int] | None = STRANGER,
    method: str = "GET",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": "/", "headers": list(headers), "client": peer}


class House:
    """An application that writes down who came, and answers when it may."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(scope)
        await self.go.wait()
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
            await send({"type": "http.response.body", "body": b"hello"})


async def ask(door: Door, scope: dict[str, Any]) -> Messages:
    messages: Messages = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("the door reads nothing")

    passing: Any = door
    await passing(scope, receive, send)
    return messages


async def status(door: Door, scope: dict[str, Any]) -> int:
    return int((await ask(door, scope))[0]["status"])


def test_too_many_requests_are_told_when_to_come_back() -> None:
    async def main() -> None:
        now = [0.0]
        house = House()
        door = Door(house, DoorRules(per_second=0.5, burst=2), lambda: now[0])
        assert [await status(door, scope_of()) for _ in range(3)] == [200, 200, 429]
        start, body = await ask(door, scope_of())
        assert dict(start["headers"])[b"retry-after"] == b"2"
        assert "0.5 requests a second" in msgspec.json.decode(body["body"])["detail"]
        now[0] = 2.0
        assert await status(door, scope_of()) == 200
        assert len(house.seen) == 3
        assert door.refused == {"rate": 2}

    asyncio.run(main())


def test_each_address_is_counted_for_itself_and_this_machine_not_at_all() -> None:
    async def main() -> None:
        door = Door(House(), DoorRules(per_second=1, burst=1), lambda: 0.0)
        assert await status(door, scope_of()) == 200
        assert await status(door, scope_of()) == 429
        assert await status(door, scope_of(("203.0.113.6", 1))) == 200
        for _ in range(5):
            assert await status(door, scope_of(("127.0.0.1", 1))) == 200
            assert await status(door, scope_of(("::1", 1))) == 200

    asyncio.run(main())


def test_behind_a_proxy_of_ours_it_is_the_visitor_that_counts() -> None:
    async def main() -> None:
        house = House()
        rules = DoorRules(per_second=1, burst=1, trusted=networks("127.0.0.1"))
        door = Door(house, rules, lambda: 0.0)
        proxied = scope_of(("127.0.0.1", 1), headers=((b"x-forwarded-for", b"198.51.100.9"),))
        assert await status(door, proxied) == 200
        assert house.seen[-1][VISITOR] == "198.51.100.9"
        assert await status(door, proxied) == 429
        spoofed = scope_of(("203.0.113.5", 1), headers=((b"x-forwarded-for", b"127.0.0.1"),))
        assert await status(door, spoofed) == 200
        assert await status(door, spoofed) == 429

    asyncio.run(main())


def test_so_many_are_open_at_once_and_no_more() -> None:
    async def main() -> None:
        house = House()
        house.go.clear()
        door = Door(house, DoorRules(open_at_once=2), lambda: 0.0)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(status(door, scope_of())) for _ in range(2)]
            await asyncio.sleep(0)
            start, body = await ask(door, scope_of())
            assert start["status"] == 429
            assert "2 requests open at once" in msgspec.json.decode(body["body"])["detail"]
            other = group.create_task(status(door, scope_of(("203.0.113.6", 1))))
            await asyncio.sleep(0)
            house.go.set()
        assert [task.result() for task in (*tasks, other)] == [200, 200, 200]
        assert door.refused == {"open": 1}
        assert await status(door, scope_of()) == 200

    asyncio.run(main())


def test_one_that_breaks_off_is_no_longer_open() -> None:
    async def main() -> None:
        house = House()
        house.go.clear()
        door = Door(house, DoorRules(open_at_once=1), lambda: 0.0)
        task = asyncio.create_task(status(door, scope_of()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        house.go.set()
        assert await status(door, scope_of()) == 200

    asyncio.run(main())


def test_head_is_get_without_the_body() -> None:
    async def main() -> None:
        house = House()
        start, body = await ask(Door(house), scope_of(method="HEAD"))
        assert house.seen[-1]["method"] == "GET"
        assert start["headers"] == [(b"content-length", b"5")]
        assert body["body"] == b""

    asyncio.run(main())


def test_what_is_no_request_passes() -> None:
    async def main() -> None:
        house = House()
        assert await ask(Door(house), {"type": "lifespan"}) == []
        assert house.seen == [{"type": "lifespan"}]

    asyncio.run(main())


def test_who_has_no_address_is_let_in_and_counted() -> None:
    async def main() -> None:
        door = Door(House(), DoorRules(per_second=1, burst=1), lambda: 0.0)
        assert await status(door, scope_of(None)) == 200
        assert await status(door, scope_of(None)) == 429

    asyncio.run(main())


def test_the_rules_are_the_operators(tmp_path: Path) -> None:
    rules = rules_of(
        settings_in(tmp_path, requests_per_minute=120, open_per_address=7, trusted_proxies="10.0.0.0/8")
    )
    assert (rules.per_second, rules.burst, rules.open_at_once) == (2.0, 2 * BURST_SECONDS, 7)
    assert str(rules.trusted) == "10.0.0.0/8"
    assert rules_of(settings_in(tmp_path, requests_per_minute=1)).burst == 1


def test_who_forwards_without_a_word_is_many_and_what_a_stranger_says_of_himself_is_not_believed() -> None:
    async def main() -> None:
        door = Door(House(), DoorRules(per_second=1, burst=1, open_at_once=1), lambda: 0.0)
        for number in range(LOCAL_VISITORS):
            claim = f"198.51.100.{number}".encode()
            assert (
                await status(door, scope_of(("127.0.0.1", 1), headers=((b"x-forwarded-for", claim),))) == 200
            )
        assert await status(door, scope_of(("127.0.0.1", 2))) == 429
        assert door.refused["rate"] == 1

    asyncio.run(main())
