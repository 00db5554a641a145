"""Blocks on their way: none is lost, whatever fails."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.pool.effects import Submit
from sluice.pool.inputs import Answered
from sluice.pool.ports import FoundBlock, Outcome
from sluice.server import submitter as submitter_module
from sluice.server.block_files import BlockFiles, read_block
from sluice.server.submitter import WORKERS, Submitter
from support.found import a_block
from support.serving import Puppet, accept, answer, until

Logged = Callable[[], list[str]]


def found(number: int, height: int = 100) -> FoundBlock:
    return a_block(number, height)


@pytest.fixture
def files(tmp_path: Path) -> BlockFiles:
    return BlockFiles(tmp_path / "blocks")


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    caplog.set_level(logging.WARNING)
    return lambda: [record.getMessage() for record in caplog.records]


def on_disk(files: BlockFiles) -> list[bytes]:
    return [read_block(path).raw for path in files.left_over()]


@asynccontextmanager
async def submitting(submitter: Submitter) -> AsyncIterator[list[Answered]]:
    """What came of each block, while it runs."""
    answers: list[Answered] = []
    async with asyncio.TaskGroup() as group:
        running = group.create_task(submitter.run(answers.append))
        yield answers
        running.cancel()


def test_each_block_goes_to_the_node_and_its_verdict_is_told() -> None:
    async def verdict(block: FoundBlock) -> Outcome:
        return answer("" if block == found(1) else "high-hash")

    async def scenario() -> None:
        node = Puppet(verdict)
        submitter = Submitter(node, None)
        async with submitting(submitter) as answers:
            submitter.submit(Submit(found(1)))
            submitter.submit(Submit(found(2)))
            await submitter.finish(10)
        assert node.blocks == [found(1), found(2)]
        assert answers == [
            Answered(found(1).block_hash, answer("")),
            Answered(found(2).block_hash, answer("high-hash")),
        ]

    asyncio.run(scenario())


def test_a_block_is_on_disk_before_it_leaves_and_until_it_was_taken(files: BlockFiles) -> None:
    seen: list[list[bytes]] = []

    async def verdict(block: FoundBlock) -> Outcome:
        seen.append(on_disk(files))
        return await accept(block)

    async def scenario() -> None:
        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter):
            submitter.submit(Submit(found(1)))
            await submitter.finish(10)

    asyncio.run(scenario())
    assert seen == [[found(1).raw]]
    assert on_disk(files) == []


def test_no_block_waits_for_the_node_to_be_on_disk(files: BlockFiles) -> None:
    async def scenario() -> None:
        silent = asyncio.Event()

        async def verdict(block: FoundBlock) -> Outcome:
            await silent.wait()
            return await accept(block)

        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter) as answers:
            for number in range(3 * WORKERS):
                submitter.submit(Submit(found(number, height=number)))
            await until(lambda: len(files.left_over()) == 3 * WORKERS)
            assert answers == []
            silent.set()
            await submitter.finish(10)
        assert len(answers) == 3 * WORKERS

    asyncio.run(scenario())
    assert on_disk(files) == []


def test_the_highest_goes_first(files: BlockFiles) -> None:
    async def scenario() -> None:
        open_door = asyncio.Event()

        async def verdict(block: FoundBlock) -> Outcome:
            await open_door.wait()
            return await accept(block)

        node = Puppet(verdict)
        submitter = Submitter(node, files)
        async with submitting(submitter):
            for number in range(WORKERS):
                submitter.submit(Submit(found(number)))
            await until(lambda: len(node.blocks) == WORKERS)
            for number, height in ((10, 7), (11, 9), (12, 8)):
                submitter.submit(Submit(found(number, height)))
            await until(lambda: len(files.left_over()) == WORKERS + 3)
            await asyncio.sleep(0)
            open_door.set()
            await submitter.finish(10)
        assert [block.raw for block in node.blocks[WORKERS:]] == [
            found(number).raw for number in (11, 12, 10)
        ]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("reason", "stays"),
    [
        ("duplicate", False),
        ("duplicate-inconclusive", True),
        ("inconclusive", True),
        ("bad-txnmrklroot", True),
        ("no verdict, after 9 attempts: connection refused", True),
    ],
)
def test_a_file_stays_until_a_node_has_its_block(files: BlockFiles, reason: str, stays: bool) -> None:
    async def verdict(block: FoundBlock) -> Outcome:
        return answer(reason)

    async def scenario() -> None:
        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter) as answers:
            submitter.submit(Submit(found(1)))
            await submitter.finish(10)
        assert answers == [Answered(found(1).block_hash, answer(reason))]

    asyncio.run(scenario())
    assert on_disk(files) == ([found(1).raw] if stays else [])


def test_a_node_that_breaks_is_one_bad_answer(files: BlockFiles, logged: Logged) -> None:
    async def verdict(block: FoundBlock) -> Outcome:
        if block.raw == found(1).raw:
            raise ZeroDivisionError("of all things")
        return await accept(block)

    async def scenario() -> None:
        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter) as answers:
            for number in range(1, 3 * WORKERS):
                submitter.submit(Submit(found(number)))
            await submitter.finish(10)
        outcomes = {answer.block_hash: answer.outcome for answer in answers}
        assert len(outcomes) == 3 * WORKERS - 1
        broken = outcomes.pop(found(1).block_hash)
        assert not broken.accepted
        assert "of all things" in broken.reason
        assert all(outcome.accepted for outcome in outcomes.values())

    asyncio.run(scenario())
    assert on_disk(files) == [found(1).raw]
    assert logged() == ["submitting a block failed"]


def test_a_disk_that_fails_keeps_no_block_from_the_node(tmp_path: Path, logged: Logged) -> None:
    (tmp_path / "blocks").write_text("in the way")

    async def scenario() -> None:
        node = Puppet()
        submitter = Submitter(node, BlockFiles(tmp_path / "blocks"))
        async with submitting(submitter) as answers:
            submitter.submit(Submit(found(1)))
            await submitter.finish(10)
        assert [block.raw for block in node.blocks] == [found(1).raw]
        assert answers[0].outcome.accepted

    asyncio.run(scenario())
    (line,) = logged()
    assert to_display(found(1).block_hash) in line
    assert "File exists" in line


def test_a_disk_that_hangs_keeps_no_block_from_the_node(
    files: BlockFiles, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitter_module, "DISK_SECONDS", 0.1)
    files.directory.mkdir()
    hanging = files.directory / f"100-{to_display(found(1).block_hash)}.unfinished"
    os.mkfifo(hanging)  # to open it for writing waits for a reader

    async def scenario() -> None:
        node = Puppet()
        submitter = Submitter(node, files)
        async with submitting(submitter):
            submitter.submit(Submit(found(1)))
            submitter.submit(Submit(found(2)))
            await until(lambda: len(node.blocks) == 2)
        os.close(os.open(hanging, os.O_RDONLY | os.O_NONBLOCK))

    asyncio.run(scenario())
    assert any("has not answered" in line for line in logged())


def test_a_file_that_cannot_be_removed_harms_nobody(files: BlockFiles, logged: Logged) -> None:
    async def verdict(block: FoundBlock) -> Outcome:
        for path in files.left_over():
            path.rename(path.with_suffix(".kept"))
            path.mkdir()
        return await accept(block)

    async def scenario() -> None:
        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter) as answers:
            submitter.submit(Submit(found(1)))
            await submitter.finish(10)
        assert answers[0].outcome.accepted

    asyncio.run(scenario())
    assert ["could not be removed" in line for line in logged()] == [True]


def test_what_an_earlier_run_left_goes_to_the_node(files: BlockFiles, logged: Logged) -> None:
    for number, height in ((1, 5), (2, 30), (3, 4)):
        files.keep(height, found(number).block_hash, found(number).raw)

    async def verdict(block: FoundBlock) -> Outcome:
        words = {found(1).raw: "", found(2).raw: "duplicate", found(3).raw: "prev-blk-not-found"}
        return answer(words[block.raw])

    async def scenario() -> None:
        node = Puppet(verdict)
        async with submitting(Submitter(node, files)) as answers:
            await until(lambda: len(logged()) == 3)
        assert [block.raw for block in node.blocks] == [found(number).raw for number in (2, 1, 3)]
        assert answers == []  # the pool of this run never heard of them

    asyncio.run(scenario())
    assert on_disk(files) == [found(3).raw]
    assert [line.rpartition(": ")[2] for line in logged()] == ["duplicate", "accepted", "prev-blk-not-found"]


def test_what_cannot_be_read_is_told_loudly_and_stays(files: BlockFiles, logged: Logged) -> None:
    good = files.keep(5, found(1).block_hash, found(1).raw)
    (files.directory / "9-torn.hex").write_text("0102")
    (files.directory / "8-garbage.hex").write_text("<html>")
    (files.directory / "7-directory.hex").mkdir()

    async def scenario() -> None:
        node = Puppet()
        async with submitting(Submitter(node, files)):
            await until(lambda: not good.exists())
        assert [block.raw for block in node.blocks] == [found(1).raw]

    asyncio.run(scenario())
    assert [path.name for path in files.left_over()] == ["9-torn.hex", "8-garbage.hex", "7-directory.hex"]
    assert sum("cannot be read, it stays" in line for line in logged()) == 3


def test_new_blocks_do_not_wait_for_old_ones(files: BlockFiles) -> None:
    files.keep(5, found(1).block_hash, found(1).raw)

    async def verdict(block: FoundBlock) -> Outcome:
        if block.raw == found(1).raw:
            await asyncio.Event().wait()
        return await accept(block)

    async def scenario() -> None:
        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter) as answers:
            submitter.submit(Submit(found(2)))
            await submitter.finish(10)
            assert answers[0].block_hash == found(2).block_hash

    asyncio.run(scenario())
    assert on_disk(files) == [found(1).raw]


def test_the_end_does_not_wait_for_ever_and_the_blocks_stay(files: BlockFiles, logged: Logged) -> None:
    async def verdict(block: FoundBlock) -> Outcome:
        await asyncio.Event().wait()
        return await accept(block)

    async def scenario() -> None:
        submitter = Submitter(Puppet(verdict), files)
        async with submitting(submitter) as answers:
            for number in range(2 * WORKERS):
                submitter.submit(Submit(found(number)))
            await submitter.finish(0.3)
        assert answers == []

    asyncio.run(scenario())
    assert len(on_disk(files)) == 2 * WORKERS
    assert ["without an answer" in line for line in logged()] == [True]
