"""The scribe: whatever the disk or the database does, the pool does not wait, and nothing is lost uncounted."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sluice.pool.inputs import RecordFailed, RecordKnows, RecordWorks
from sluice.pool.journal import (
    CandidateAnswered,
    CandidateFound,
    CandidateMoved,
    ChannelBegan,
    ChannelEnded,
    Credited,
    Entry,
    Lost,
    TemplateSeen,
    TipSeen,
)
from sluice.pool.ports import LedgerError, Start
from sluice.server import scribe as module
from sluice.server.scribe import TOO_SLOW, Recording, Scribe
from sluice.sv2.messages.mining import SubmitSharesSuccess
from support.ledgers import MemoryLedger
from support.peer import Peer, open_standard
from support.serving import LOOPS, Live, Puppet, live, run_on, until

START = Start(1, "0", "regtest", 0, {})


def a_scribe(ledger: MemoryLedger, queue_entries: int = 1_000) -> Scribe:
    return Scribe(Recording(ledger, START, batch_seconds=0.02, queue_entries=queue_entries))


def numbered(first: int, count: int) -> list[Entry]:
    return [Lost(number, 0) for number in range(first, first + count)]


@asynccontextmanager
async def running(scribe: Scribe) -> AsyncIterator[list[object]]:
    """What the pool is fed, while it runs; at the end it has finished."""
    told: list[object] = []
    async with asyncio.TaskGroup() as group:
        task = group.create_task(scribe.run(told.append))
        yield told
        task.cancel()
    await scribe.finish()


def test_what_is_read_is_recorded_in_order_and_all_of_it_at_the_end() -> None:
    ledger = MemoryLedger(known={"alice": 7})

    async def scenario() -> None:
        scribe = a_scribe(ledger)
        async with running(scribe) as told:
            for first in range(0, 50, 10):
                scribe.read(numbered(first, 10))
                await asyncio.sleep(0.01)
            await until(lambda: scribe.queued == 0)
            assert (scribe.entries, scribe.lag, scribe.failing, scribe.lost) == (50, 0.0, "", 0)
            assert scribe.batches == len(ledger.batches)
            await until(lambda: told == [RecordKnows({"alice": 7})])
            scribe.read(numbered(50, 10))
        assert ledger.entries == numbered(0, 60)
        assert ledger.closed

    asyncio.run(scenario())


def test_a_disk_that_hangs_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "END_SECONDS", 0.1)
    ledger = MemoryLedger()

    async def scenario() -> None:
        scribe = a_scribe(ledger)
        async with running(scribe):
            ledger.goes_on.clear()
            scribe.read(numbered(0, 5))
            before = time.monotonic()
            await asyncio.sleep(0.05)
            scribe.read(numbered(5, 5))
            assert time.monotonic() - before < 1.0
            assert scribe.lag >= 0.05
            assert scribe.queued == 10
        assert "the last 10 entries are not in the record: there was no time left" in caplog.text
        ledger.goes_on.set()
        await until(lambda: ledger.closed)  # the thread goes on for as long as the process lives

    asyncio.run(scenario())


def test_what_has_no_room_is_dropped_and_counted_but_no_found_block() -> None:
    ledger = MemoryLedger()
    found = CandidateFound(1, bytes(32), 1, 1, "alice")

    async def scenario() -> None:
        scribe = a_scribe(ledger, queue_entries=100)
        async with running(scribe) as told:
            await until(lambda: len(told) == 1)  # what earlier runs saw
            ledger.goes_on.clear()
            scribe.read(numbered(0, 90))
            scribe.read([*numbered(90, 11), found])
            scribe.read(numbered(101, 1))  # there would be room, but then the hole would have an end
            assert (scribe.queued, scribe.lost) == (91, 12)
            await until(lambda: told[1:] == [RecordFailed(TOO_SLOW)])
            assert scribe.failing == TOO_SLOW
            ledger.goes_on.set()
            await until(lambda: told[2:] == [RecordWorks(12)])
            assert scribe.failing == ""
            scribe.read(numbered(200, 1))
        assert ledger.entries == [*numbered(0, 90), found, *numbered(200, 1)]

    asyncio.run(scenario())


def test_even_found_blocks_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PRECIOUS", 10)
    scribe = a_scribe(MemoryLedger(), queue_entries=10)
    for number in range(40):
        scribe.read([CandidateFound(number, bytes(32), 1, 1, "alice")])
    assert (scribe.queued, scribe.lost) == (20, 20)


def test_a_record_that_fails_is_told_and_so_is_that_it_works_again() -> None:
    ledger = MemoryLedger()

    async def scenario() -> None:
        scribe = a_scribe(ledger, queue_entries=10)
        async with running(scribe) as told:
            await until(lambda: len(told) == 1)
            ledger.trouble = "the disk is full"
            scribe.read(numbered(0, 5))
            await until(lambda: told[1:] == [RecordFailed("the disk is full")])
            assert scribe.failing == "the disk is full"
            scribe.read(numbered(5, 6))
            await asyncio.sleep(0)
            assert scribe.failing == "the disk is full"
            ledger.trouble = ""
            await until(lambda: RecordWorks(6) in told)
            assert RecordWorks(0) not in told
            assert (scribe.failing, scribe.lost) == ("", 6)
        assert ledger.entries == numbered(0, 5)

    asyncio.run(scenario())


def test_where_there_are_no_threads_the_loop_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    ledger = MemoryLedger()

    async def scenario() -> None:
        scribe = a_scribe(ledger)
        async with running(scribe):
            scribe.read(numbered(0, 10))
            await until(lambda: ledger.entries == numbered(0, 10))
            ledger.trouble = "locked"
            scribe.read(numbered(10, 10))
            await until(lambda: scribe.failing == "locked")
            ledger.trouble = ""
        assert ledger.entries == numbered(0, 20)
        assert ledger.closed

    asyncio.run(scenario())


def test_who_never_ran_ends_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    ledger = MemoryLedger()
    asyncio.run(a_scribe(ledger).finish())
    assert (ledger.calls, ledger.closed, caplog.text) == ([], True, "")


@pytest.mark.parametrize("loop", LOOPS)
def test_a_server_records_all_that_its_miner_was_told_and_the_block_it_found(loop: str) -> None:
    ledger = MemoryLedger()
    told: list[int] = []

    def mine(running: Live) -> None:
        peer = Peer(running.url)
        peer.setup()
        miner = open_standard(peer, "alice.attic")
        for _ in range(20):
            peer.send(miner.share())
            answer = miner.answer()
            if isinstance(answer, SubmitSharesSuccess):
                told.append(answer.new_submits_accepted_count)
        peer.close()

    async def scenario() -> None:
        node = Puppet()
        async with live(node, scribe=a_scribe(ledger)) as running:
            state = running.running.owner.pool.state
            await asyncio.to_thread(mine, running)
            await until(lambda: not state.bests.awaited)
            await until(lambda: any(isinstance(entry, CandidateMoved) for entry in ledger.entries))
        kinds = [type(entry) for entry in ledger.entries]
        assert kinds.count(Credited) == sum(told) > 0
        assert set(kinds) >= {TipSeen, TemplateSeen, ChannelBegan, CandidateFound, CandidateAnswered}
        assert kinds.count(ChannelEnded) == 1
        assert ledger.closed

    run_on(loop, scenario())


def test_a_record_that_cannot_be_closed_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    class Unclosable(MemoryLedger):
        def close(self) -> None:
            raise LedgerError("the disk is gone")

    async def scenario() -> None:
        scribe = a_scribe(Unclosable())
        async with running(scribe):
            scribe.read(numbered(0, 1))

    asyncio.run(scenario())
    assert caplog.messages == ["the record could not be closed in order: the disk is gone"]
