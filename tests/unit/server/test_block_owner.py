"""Blocks without a pool: from whoever found them to the end of their lives."""

import asyncio
from pathlib import Path

from sluice.ledger.block_record import BlockRecord, stem_of
from sluice.pool.events import BlockAccepted, BlockBuried, BlockInChain, BlockResumed, Happening
from sluice.pool.ports import Sight
from sluice.server.block_owner import BlockOwner
from support.recorded import a_sound_block, kept
from support.serving import Puppet, until

BLOCK = a_sound_block()


class Node(Puppet):
    """A puppet with a chain that ends at `tip`, and has our block in it as soon as it was given it."""

    tip = BLOCK.height

    async def look(self, height: int) -> Sight | None:
        there = BLOCK.block_hash if BLOCK in self.blocks else None
        return Sight(self.name, there, self.tip if there else self.tip - 1)


def test_a_block_is_looked_after_to_its_end(tmp_path: Path) -> None:
    record = BlockRecord(tmp_path / "blocks")
    told: list[Happening] = []
    now = [0.0]

    async def scenario() -> None:
        node = Node()
        owner = BlockOwner((node,), record, told.append, lambda: now[0])
        async with asyncio.TaskGroup() as group:
            running = group.create_task(owner.run())
            owner.take(BLOCK)
            await owner.finish(20)
            await until(lambda: any(isinstance(event, BlockInChain) for event in told))
            node.tip += 5
            now[0] += 10
            owner.tip_moved()
            await until(lambda: any(isinstance(event, BlockBuried) for event in told))
            await owner.finish(20)
            running.cancel()
        assert node.blocks == [BLOCK]

    asyncio.run(scenario())
    assert sum(isinstance(event, BlockAccepted) for event in told) == 1
    assert record.read(stem_of(BLOCK)).settled


def test_what_an_earlier_owner_left_is_taken_up(tmp_path: Path) -> None:
    told: list[Happening] = []

    async def scenario() -> None:
        node = Node()
        owner = BlockOwner((node,), kept(tmp_path, BLOCK), told.append)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(owner.run())
            await until(lambda: any(isinstance(event, BlockAccepted) for event in told))
            running.cancel()
        assert node.blocks == [BLOCK]

    asyncio.run(scenario())
    assert isinstance(told[0], BlockResumed)
