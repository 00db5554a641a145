"""The web application in this process, asked over ASGI as uvicorn asks it; and a dashboard as an operator has it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any, cast

import httpx

from sluice.web.app import application
from sluice.web.settings import Settings
from sluice.web.sight import Sight, seen
from support.scripted_pool import ScriptedPool, scripted_pool

#: What the tests' dashboard is called.
HERE = "http://127.0.0.1:8080"
BROWSER = {"accept": "text/html,application/xhtml+xml"}


def settings_in(directory: Path, **more: object) -> Settings:
    """The settings of a web process whose data are in `directory`."""
    given = {
        "listen": "127.0.0.1:8080",
        "descriptor": -1,
        "data_dir": str(directory),
        "blocks": str(directory / "blocks"),
    }
    return Settings(**(given | more))  # type: ignore[arg-type]


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application with these settings."""
    async with seen(settings) as sight:
        transport = httpx.ASGITransport(cast("Any", application(sight)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            yield client


def page_of(
    directory: Path, path: str, script: ScriptedPool | None = None, **settings: object
) -> httpx.Response:
    """What a browser gets of a pool that shows what is scripted."""

    async def ask() -> httpx.Response:
        async with scripted_pool(directory, script), served(settings_in(directory, **settings)) as client:
            return await client.get(path, headers=BROWSER)

    return asyncio.run(ask())


@asynccontextmanager
async def seeing(
    directory: Path, script: ScriptedPool | None = None, **settings: object
) -> AsyncIterator[Sight]:
    """A sight of a pool that shows what is scripted; it has the first picture."""
    async with scripted_pool(directory, script), seen(settings_in(directory, **settings)) as sight:
        assert await sight.first() is not None
        yield sight


def text_of(html: str) -> str:
    """What a reader reads, spaces made one."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
