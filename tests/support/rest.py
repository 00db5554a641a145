"""The API as a client has it: the web application on a scripted pool, with an operator's key."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sluice.private_file import write_private
from support.scripted_pool import ScriptedPool, scripted_pool
from support.web import served, settings_in

KEY = "0123456789abcdef" * 4
OPERATOR = {"authorization": f"Bearer {KEY}"}


@dataclass(frozen=True, slots=True)
class Api:
    """A client, and the pool behind it."""

    client: httpx.AsyncClient
    pool: ScriptedPool

    async def read(self, path: str, **more: Any) -> Any:
        """What is answered, if it is."""
        answer = await self.client.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, path: str, **more: Any) -> tuple[int, str]:
        """The status and the sentence of a problem."""
        answer = await self.client.request(more.pop("method", "GET"), path, **more)
        assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
        problem = answer.json()
        assert problem.keys() == {"type", "title", "status", "detail"}
        assert problem["status"] == answer.status_code
        return answer.status_code, problem["detail"]


@asynccontextmanager
async def api(directory: Path, script: ScriptedPool | None = None, **settings: Any) -> AsyncIterator[Api]:
    """The API on a scripted pool whose data are in `directory`."""
    key = directory / "operator.key"
    if not key.exists():
        write_private(key, "", KEY)
    given = {"operator_key_file": str(key)} | settings
    async with scripted_pool(directory, script) as pool, served(settings_in(directory, **given)) as client:
        yield Api(client, pool)


def with_api(
    directory: Path,
    ask: Callable[[Api], Awaitable[None]],
    script: ScriptedPool | None = None,
    **settings: Any,
) -> None:
    """Run `ask` on it."""

    async def main() -> None:
        async with api(directory, script, **settings) as made:
            await ask(made)

    asyncio.run(main())
