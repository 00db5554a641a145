"""What is to be done for found blocks is done, each by its own, and what came of it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import pytest

from sluice.ledger.block_record import BlockRecord, stem_of
from sluice.pool.candidates import Candidates
from sluice.pool.effects import BlockEffect, Effect, Tell
from sluice.pool.events import BlockAccepted, BlockBuried, BlockEvent, BlockInChain, BlockResumed, Happening
from sluice.pool.inputs import BlockInput
from sluice.pool.ports import FoundBlock, Outcome, Sight
from sluice.server.submitter import Submitter
from support.block_owner import BlockOwner
from support.recorded import a_sound_block, kept
from support.serving import Puppet, accept, answer, until

BLOCK = a_sound_block()


class Brain:
    """The machine and the submitter, joined; `told` is what people hear."""

    def __init__(self, submitter: Submitter) -> None:
        self.submitter = submitter
        self.candidates = Candidates()
        self.told: list[Happening] = []

    def feed(self, happened: BlockInput) -> None:
        for effect in self.candidates.react(happened, 0.0):
            self.perform(effect)

    def find(self, block: FoundBlock) -> None:
        for effect in self.candidates.take(block, 0.0):
            self.perform(effect)

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, Tell):
            self.told.append(effect.event)
        else:
            assert isinstance(effect, BlockEffect)
            self.submitter.perform(effect)


@asynccontextmanager
async def thinking(node: Puppet, record: BlockRecord | None) -> AsyncIterator[Brain]:
    brain = Brain(Submitter((node,), record))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(brain.submitter.run(brain.feed))
        yield brain
        task.cancel()


def test_each_effect_has_one_who_does_it() -> None:
    async def scenario() -> None:
        submitter = Submitter((), None)
        assert set(submitter._calls) == set(get_args(BlockEffect))

    asyncio.run(scenario())


@pytest.mark.parametrize("on_disk", [True, False])
def test_from_the_find_to_the_verdict(tmp_path: Path, *, on_disk: bool) -> None:
    record = BlockRecord(tmp_path / "blocks") if on_disk else None

    async def scenario() -> None:
        node = Puppet()
        async with thinking(node, record) as brain:
            brain.find(BLOCK)
            await brain.submitter.finish(10)
            assert node.blocks == [BLOCK]
            assert any(isinstance(event, BlockAccepted) for event in brain.told)

    asyncio.run(scenario())
    if record is not None:
        there = record.read(stem_of(BLOCK))
        assert there.found == BLOCK
        assert [noted.what for noted in there.history if isinstance(noted.what, Outcome)] == [answer("")]


def test_it_is_on_the_disk_before_it_leaves(tmp_path: Path) -> None:
    record = BlockRecord(tmp_path / "blocks")

    async def verdict(block: FoundBlock) -> Outcome:
        assert record.read(stem_of(block)).found == block
        return await accept(block)

    async def scenario() -> None:
        node = Puppet(verdict)
        async with thinking(node, record) as brain:
            brain.find(BLOCK)
            await brain.submitter.finish(10)
            assert node.blocks == [BLOCK]
            assert BlockAccepted in {type(event) for event in brain.told}

    asyncio.run(scenario())


def test_a_disk_that_fails_keeps_no_block_from_the_node(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("in the way")

    async def scenario() -> None:
        node = Puppet()
        async with thinking(node, BlockRecord(tmp_path / "blocks")) as brain:
            brain.find(BLOCK)
            await until(lambda: BlockAccepted in {type(event) for event in brain.told})
            assert node.blocks == [BLOCK]
            levels = [event.level for event in brain.told if isinstance(event, BlockEvent)]
            assert levels[0] == "error"

    asyncio.run(scenario())


def test_the_end_does_not_wait_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def verdict(block: FoundBlock) -> Outcome:
        await asyncio.Event().wait()
        return await accept(block)

    record = BlockRecord(tmp_path / "blocks")

    async def scenario() -> None:
        async with thinking(Puppet(verdict), record) as brain:
            brain.find(BLOCK)
            await brain.submitter.finish(0.3)

    asyncio.run(scenario())
    assert record.unsettled() == [stem_of(BLOCK)]
    assert ["without an answer" in each.getMessage() for each in caplog.records] == [True]


class Chained(Puppet):
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
        node = Chained()
        owner = BlockOwner((node,), record, told.append, lambda: now[0])
        async with asyncio.TaskGroup() as group:
            running = group.create_task(owner.run())
            owner.take(BLOCK)
            await owner.finish(20)
            await until(lambda: any(isinstance(event, BlockInChain) for event in told))
            node.tip += 5
            now[0] += 10
            owner.look_again()
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
        node = Chained()
        owner = BlockOwner((node,), kept(tmp_path, BLOCK), told.append)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(owner.run())
            await until(lambda: any(isinstance(event, BlockAccepted) for event in told))
            running.cancel()
        assert node.blocks == [BLOCK]

    asyncio.run(scenario())
    assert isinstance(told[0], BlockResumed)
