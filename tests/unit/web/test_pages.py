"""The pages that people read."""

import asyncio
from pathlib import Path

from sluice.web.pages import PAGES
from support.web import served, settings_in


def test_home_is_a_page(tmp_path: Path) -> None:
    async def ask() -> str:
        async with served(settings_in(tmp_path)) as client:
            return (await client.get("/")).text

    assert "Sluice" in asyncio.run(ask())
    assert PAGES.path == "/"
