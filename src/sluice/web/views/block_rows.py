"""Found blocks as rows: from the record, and fresher from the pool itself as long as it looks after them."""

from dataclasses import dataclass

from sluice.accounting.name import earner_of
from sluice.control.words import BlockPicture, PoolPicture
from sluice.web import archive
from sluice.web.sight import Sight

#: Stages in which a block has others on top of it.
IN_CHAIN = frozenset({"in the chain", "buried"})


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block; `confirmations` are 0 while no chain shows it."""

    height: int
    block_hash: str
    account: str
    worker: str
    found_at: float
    stage: str
    confirmations: int


def confirmations(height: int, stage: str, picture: PoolPicture | None) -> int:
    """Itself, and the blocks on top of it."""
    if picture is None or picture.height is None or stage not in IN_CHAIN:
        return 0
    return max(picture.height - height, 1)


def row_of(block: BlockPicture, picture: PoolPicture) -> BlockRow:
    """As the pool shows it."""
    earner = earner_of(block.user)
    return BlockRow(
        block.height,
        block.block_hash,
        earner.account,
        earner.worker,
        block.found_at,
        block.stage,
        confirmations(block.height, block.stage, picture),
    )


async def newest_blocks(sight: Sight, limit: int, offset: int = 0) -> list[BlockRow]:
    """The newest first."""
    picture = sight.picture
    fresh = {block.block_hash: row_of(block, picture) for block in picture.blocks} if picture else {}
    kept = await archive.blocks(sight, offset, limit)
    if kept is None:
        return list(fresh.values())[offset : offset + limit]
    rows = {
        line.block_hash: BlockRow(
            line.height,
            line.block_hash,
            line.account,
            line.worker,
            line.found_at,
            line.stage,
            confirmations(line.height, line.stage, picture),
        )
        for line in kept.rows
    }
    # The record is some seconds behind: what it does not have yet comes first, and what it has may have moved on.
    unkept = {} if offset else {each: row for each, row in fresh.items() if each not in rows}
    if not offset and rows:
        oldest = min(row.found_at for row in rows.values())
        unkept = {each: row for each, row in unkept.items() if row.found_at >= oldest}
    together = {**unkept, **{each: fresh.get(each, row) for each, row in rows.items()}}
    return list(together.values())[:limit]
