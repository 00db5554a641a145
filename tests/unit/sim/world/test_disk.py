"""The disk of a world: slow, sometimes full, and faithful."""

from sluice.pool.block_life import Stage, Turn
from sluice.pool.effects import Note, Park, Record, Settle
from sluice.pool.history import Moved, Noted
from sluice.pool.inputs import Input, Recorded, Resumed, Unrecorded
from sluice.sim.world.disk import BACK, SYNC, WorldDisk
from sluice.sim.world.jumping_clock import JumpingClock
from support.found import a_block, verdict

BLOCK = a_block(1)
SAID = Noted(1, verdict("core"))


def opened() -> tuple[JumpingClock, WorldDisk, list[Input]]:
    clock = JumpingClock()
    news: list[Input] = []
    return clock, WorldDisk(clock, news.append), news


def test_a_block_is_on_it_after_a_while() -> None:
    clock, disk, news = opened()
    disk.record(Record(BLOCK))
    assert news == []
    clock.run_until(SYNC)
    assert news == [Recorded(BLOCK.block_hash)]
    assert disk.blocks == {BLOCK.block_hash: BLOCK}


def test_a_full_one_takes_nothing_and_says_so() -> None:
    clock, disk, news = opened()
    disk.full = True
    disk.record(Record(BLOCK))
    disk.note(Note(BLOCK, SAID))
    clock.run_until(SYNC)
    assert news == [Unrecorded(BLOCK.block_hash, "no space left")]
    assert not disk.blocks
    assert not disk.histories


def test_a_parked_block_comes_back_with_its_history() -> None:
    clock, disk, news = opened()
    disk.record(Record(BLOCK))
    disk.note(Note(BLOCK, SAID))
    clock.run_until(SYNC)
    disk.park(Park(BLOCK))
    clock.run_until(SYNC + BACK)
    assert news == [Recorded(BLOCK.block_hash), Resumed(BLOCK, (SAID,))]


def test_a_settled_one_does_not() -> None:
    clock, disk, news = opened()
    disk.record(Record(BLOCK))
    disk.note(Note(BLOCK, Noted(1, Moved(Stage.BURIED, Turn.BURIED))))
    disk.settle(Settle(BLOCK))
    clock.run_until(SYNC)
    disk.resume(BLOCK.block_hash)
    disk.resume(bytes(32))
    assert news == [Recorded(BLOCK.block_hash)]
    assert disk.settled == [BLOCK.block_hash]
