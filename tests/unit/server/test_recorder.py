"""Found blocks and the disk: whatever it does, no block waits for it for long."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.ledger.block_record import BlockRecord, stem_of
from sluice.pool.block_life import Stage, Turn
from sluice.pool.effects import Note, Park, Record, Settle
from sluice.pool.history import Moved, Noted
from sluice.pool.inputs import BlockInput, Recorded, Resumed, Unrecorded
from sluice.pool.ports import FoundBlock
from sluice.server import recorder as module
from sluice.server.recorder import Recorder
from support.blocks import found
from support.found import verdict, whole
from support.serving import until
from support.work import EASY_NBITS, template

Logged = Callable[[], list[str]]

TEMPLATE = template(nbits=EASY_NBITS)
SAID = Noted(1, verdict("core"))


def a_block(number: int, height: int = 100) -> FoundBlock:
    return replace(whole(found(TEMPLATE, number), height), user="alice")


@pytest.fixture
def record(tmp_path: Path) -> BlockRecord:
    return BlockRecord(tmp_path / "blocks")


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


@asynccontextmanager
async def running(recorder: Recorder) -> AsyncIterator[list[BlockInput]]:
    """What it tells, while it runs."""
    told: list[BlockInput] = []
    async with asyncio.TaskGroup() as group:
        task = group.create_task(recorder.run(told.append))
        yield told
        task.cancel()


def test_a_block_is_in_the_kernel_s_hands_before_anything_else_is_done(record: BlockRecord) -> None:
    async def scenario() -> None:
        recorder = Recorder(record)
        recorder.write(Record(a_block(1)))
        assert record.read(stem_of(a_block(1))).found == a_block(1)  # no loop has turned since
        async with running(recorder) as told:
            await recorder.finish()
            assert told == [Recorded(a_block(1).block_hash)]

    asyncio.run(scenario())


def test_without_a_disk_a_block_leaves_at_once() -> None:
    async def scenario() -> None:
        recorder = Recorder(None)
        async with running(recorder) as told:
            recorder.write(Record(a_block(1)))
            recorder.note(Note(a_block(1), SAID))
            recorder.settle(Settle(a_block(1)))
            recorder.write(Record(a_block(2)))
            recorder.park(Park(a_block(2)))
            await recorder.finish()
            assert told == [Recorded(a_block(1).block_hash), Recorded(a_block(2).block_hash)]

    asyncio.run(scenario())


def test_a_disk_that_fails_is_told_and_asked_again_later(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("in the way")

    async def scenario() -> None:
        recorder = Recorder(BlockRecord(tmp_path / "blocks"))
        async with running(recorder) as told:
            recorder.write(Record(a_block(1)))
            await recorder.finish()
            (unrecorded,) = told
            assert isinstance(unrecorded, Unrecorded)
            assert "File exists" in unrecorded.reason
            (tmp_path / "blocks").unlink()
            recorder.write(Record(a_block(1)))
            await recorder.finish()
            assert told[1:] == [Recorded(a_block(1).block_hash)]

    asyncio.run(scenario())


def test_a_disk_that_hangs_holds_up_neither_the_block_nor_the_loop(
    record: BlockRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DISK_SECONDS", 0.1)
    block = a_block(1)
    record.directory.mkdir()
    path = record.directory / f"{stem_of(block)}.hex"
    os.mkfifo(path.with_suffix(".unfinished"))  # to open it for writing waits for a reader

    async def scenario() -> None:
        recorder = Recorder(record)
        async with running(recorder) as told:
            for _ in range(3):  # asked again, it is still one and the same write
                recorder.write(Record(block))
            recorder.write(Record(a_block(2)))
            await until(lambda: len(told) == 4)
            assert {type(each) for each in told} == {Unrecorded}
            await asyncio.to_thread(let_go, path)
            recorder.write(Record(block))
            await until(lambda: len(told) == 5)  # a pipe cannot be synced
            assert isinstance(told[-1], Unrecorded)
            recorder.write(Record(block))
            recorder.write(Record(a_block(2)))
            await recorder.finish()
            assert set(told[-2:]) == {Recorded(block.block_hash), Recorded(a_block(2).block_hash)}

    asyncio.run(scenario())
    assert record.read(stem_of(block)).found == block


def let_go(path: Path) -> None:
    """Be the reader that a pipe in place of a block waits for, then the writer; and take it away."""
    reader = os.open(path.with_suffix(".unfinished"), os.O_RDONLY | os.O_NONBLOCK)
    while not path.exists():
        pass
    writer = os.open(path, os.O_WRONLY)
    os.close(reader)
    path.unlink()
    os.close(writer)


def test_what_happens_to_a_block_is_written_down(record: BlockRecord) -> None:
    async def scenario() -> None:
        recorder = Recorder(record)
        async with running(recorder):
            recorder.write(Record(a_block(1)))
            recorder.note(Note(a_block(1), SAID))
            await recorder.finish()
            assert record.read(stem_of(a_block(1))).history == (SAID,)
            recorder.settle(Settle(a_block(1)))
            await recorder.finish()
        assert record.read(stem_of(a_block(1))).settled

    asyncio.run(scenario())


def test_a_history_that_cannot_be_written_has_one_line_and_one_when_it_can(
    record: BlockRecord, logged: Logged
) -> None:
    async def scenario() -> None:
        recorder = Recorder(record)
        async with running(recorder):
            for _ in range(3):
                recorder.note(Note(a_block(1), SAID))
            await recorder.finish()
            recorder.write(Record(a_block(1)))
            for _ in range(3):
                recorder.note(Note(a_block(1), SAID))
            await recorder.finish()

    asyncio.run(scenario())
    bad, good = logged()
    assert "cannot be written down" in bad
    assert "written down again" in good
    assert record.read(stem_of(a_block(1))).history == (SAID,) * 3


def test_what_an_earlier_run_left_is_taken_up_the_highest_first(record: BlockRecord, logged: Logged) -> None:
    for number, height in ((1, 5), (2, 30), (3, 4)):
        record.write(a_block(number, height))
    record.note(a_block(1, 5), SAID)
    for name in ("9-torn.hex", "8-garbage.hex"):
        (record.directory / name).write_text("<html>")
    (record.directory / "7-directory.hex").mkdir()

    async def scenario() -> None:
        async with running(Recorder(record)) as told:
            await until(lambda: len(told) == 3)
            assert told == [
                Resumed(a_block(2, 30), ()),
                Resumed(a_block(1, 5), (SAID,)),
                Resumed(a_block(3, 4), ()),
            ]

    asyncio.run(scenario())
    assert sum("cannot be taken up, it stays where it is" in line for line in logged()) == 3
    assert len(record.unsettled()) == 6


def test_those_that_wait_come_in_when_there_is_room_or_after_a_while(
    record: BlockRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIVE", 2)
    blocks = [a_block(number, 100 - number) for number in range(5)]
    for block in blocks:
        record.write(block)

    async def scenario() -> None:
        recorder = Recorder(record)
        async with running(recorder) as told:
            await until(lambda: len(told) == 2)
            await asyncio.sleep(0.1)
            assert told == [Resumed(block, ()) for block in blocks[:2]]
            recorder.note(Note(blocks[0], Noted(1, Moved(Stage.BURIED, Turn.BURIED))))
            recorder.settle(Settle(blocks[0]))
            await until(lambda: len(told) == 3)
            recorder.park(Park(blocks[1]))
            await until(lambda: len(told) == 4)
            monkeypatch.setattr(module, "TURN_SECONDS", 0.05)
            recorder.park(Park(blocks[2]))  # wakes it; from now on it does not wait for long
            await until(lambda: len(told) == 7)
        assert [each.found for each in told if isinstance(each, Resumed)] == [*blocks, blocks[1], blocks[2]]

    asyncio.run(scenario())


def test_the_loop_waits_for_the_kernel_only_so_long() -> None:
    assert module.KERNEL_SECONDS <= 0.1
