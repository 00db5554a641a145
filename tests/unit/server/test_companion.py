"""Who lives beside the pool hears all it says, and cannot harm it."""

import asyncio
import logging

import pytest

from sluice.pool.effects import Look, Record
from sluice.pool.events import Draining, Happening
from sluice.pool.ports import FoundBlock
from sluice.server import companion
from sluice.server.companion import performing, telling
from sluice.server.loop import Owner
from support.found import a_block
from support.serving import Puppet, live, until


class Diary:
    """Writes down what it hears; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.events: list[Happening] = []
        self.blocks: list[FoundBlock] = []
        self.begun = 0
        self.owner: Owner | None = None
        self._failures = failures

    def told(self, event: Happening) -> None:
        self.events.append(event)

    def found(self, block: FoundBlock) -> None:
        self.blocks.append(block)

    async def run(self, owner: Owner) -> None:
        self.begun += 1
        self.owner = owner
        if self.begun <= self._failures:
            raise RuntimeError("no luck")
        await asyncio.Event().wait()


def test_everybody_is_told_after_the_log() -> None:
    order: list[str] = []
    first, second = Diary(), Diary()
    tell = telling(lambda event: order.append(f"log, {len(first.events)} told"), (first, second))
    tell(Draining(3))
    assert order == ["log, 0 told"]
    assert first.events == second.events == [Draining(3)]


def test_a_block_is_on_its_way_before_anybody_hears_of_it() -> None:
    diary, order = Diary(), list[int]()
    perform = performing(lambda effect: order.append(len(diary.blocks)), (diary,))
    perform(Record(a_block(1)))
    assert (order, diary.blocks) == ([0], [a_block(1)])


def test_what_is_no_new_block_is_nobody_s_business() -> None:
    diary = Diary()
    performing(lambda effect: None, (diary,))(Look(7))
    assert diary.blocks == []


def test_without_companions_nothing_stands_in_between() -> None:
    def tell(event: Happening) -> None:
        raise AssertionError(event)

    assert telling(tell, ()) is tell


def test_one_that_fails_begins_again_and_no_miner_notices(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(companion, "AGAIN", 0.01)
    diary = Diary(failures=2)

    async def main() -> None:
        async with live(Puppet(), companions=(diary,)) as running:
            await until(lambda: diary.begun == 3)
            assert diary.owner is running.running.owner
            await until(lambda: bool(diary.events))
            assert running.told == diary.events

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())
    assert caplog.text.count("a companion of the pool failed") == 2
