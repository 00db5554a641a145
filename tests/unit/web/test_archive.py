"""What pages ask of the record."""

import asyncio
from pathlib import Path
from time import time

from sluice.web import archive
from support.kept import WORK, keep_story
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
            assert await archive.work_since_block(sight) is None

    asyncio.run(main())


def test_work_is_counted_from_the_newest_block_on(tmp_path: Path) -> None:
    now = int(time())

    async def main() -> None:
        async with seeing(tmp_path, database=keep_story(tmp_path, now)) as sight:
            done = await archive.work_since_block(sight)
            assert done is not None
            # Five shares of ten within two minutes, the block after the first of them: the slots are parted evenly.
            assert 0 < done <= 50 * WORK

    asyncio.run(main())
