"""What pages ask of the record."""

import asyncio
from pathlib import Path

from sluice.web import archive
from support.web import seeing


def test_where_there_is_no_record_there_is_no_answer(tmp_path: Path) -> None:
    async def main() -> None:
        async with seeing(tmp_path) as sight:
            assert await archive.pool_chart(sight, "24h") is None
            assert await archive.worker_chart(sight, "a", None, "7d") is None
            assert await archive.bests(sight, 5) is None
            assert await archive.blocks(sight, 0, 5) is None
            assert await archive.block(sight, "00" * 32) is None
            assert await archive.accounts(sight, 0, 5) is None
            assert await archive.account(sight, "a") is None
            assert await archive.works_of_day(sight, "a") is None

    asyncio.run(main())
