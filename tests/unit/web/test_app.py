"""What is served where."""

import asyncio
from pathlib import Path

from sluice.web.app import MAX_BODY_BYTES, ROUTES
from support.web import served, settings_in


def test_home_is_served(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            answer = await client.get("/")
            assert answer.status_code == 200
            assert "Sluice" in answer.text

    asyncio.run(ask())


def test_there_is_nothing_to_write_to(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            assert (await client.post("/", content=b"x" * (MAX_BODY_BYTES + 1))).status_code == 405

    asyncio.run(ask())


def test_every_part_is_there_once() -> None:
    assert len({id(route) for route in ROUTES}) == len(ROUTES)
