"""What handlers see."""

import asyncio
from pathlib import Path

from sluice.web.sight import Sight
from support.web import settings_in


def test_blocks_are_those_of_the_data_directory(tmp_path: Path) -> None:
    async def look() -> None:
        async with Sight(settings_in(tmp_path)) as sight:
            assert sight.blocks.directory == tmp_path / "blocks"
            assert sight.blocks.all() == []

    asyncio.run(look())
