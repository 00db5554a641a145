"""The web application in this process, asked over ASGI as uvicorn asks it; and a dashboard as an operator has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx

from sluice.web.app import application
from sluice.web.settings import Settings
from sluice.web.sight import seen

#: What the tests' dashboard is called.
HERE = "http://127.0.0.1:8080"


def settings_in(directory: Path, **more: object) -> Settings:
    """The settings of a web process whose data are in `directory`."""
    given = {
        "listen": "127.0.0.1:8080",
        "descriptor": -1,
        "data_dir": str(directory),
    }
    return Settings(**(given | more))  # type: ignore[arg-type]


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application with these settings."""
    async with seen(settings) as sight:
        transport = httpx.ASGITransport(cast("Any", application(sight)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            yield client
