"""Found blocks as rows."""

import asyncio
from pathlib import Path

import pytest

from sluice.control.words import BlockPicture
from sluice.web.views.block_rows import confirmations, newest_blocks
from support.pictures import NOW, pool
from support.scripted_pool import ScriptedPool
from support.web import seeing


@pytest.mark.parametrize(
    ("height", "stage", "expected"),
    [(100, "in the chain", 1), (95, "buried", 6), (95, "orphaned", 0), (101, "in the chain", 1)],
)
def test_confirmations_count_from_the_block_itself(height: int, stage: str, expected: int) -> None:
    assert confirmations(height, stage, pool(height=101)) == expected
    assert confirmations(height, stage, None) == 0


def test_without_a_record_the_pools_own_are_shown(tmp_path: Path) -> None:
    blocks = tuple(
        BlockPicture(height, f"{height:064x}", "a_b", int(NOW), "held", False, True, True)
        for height in (3, 2, 1)
    )

    async def main() -> None:
        async with seeing(tmp_path, ScriptedPool(pool(blocks=blocks))) as sight:
            rows = await newest_blocks(sight, 2)
            assert [(row.height, row.account, row.worker, row.stage) for row in rows] == [
                (3, "a", "b", "held"),
                (2, "a", "b", "held"),
            ]
            assert [row.height for row in await newest_blocks(sight, 2, 2)] == [1]

    asyncio.run(main())
