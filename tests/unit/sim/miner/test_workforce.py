"""Real worker processes, two of them: they share the work, take new work, and end."""

import asyncio
import os
import signal
import time
from dataclasses import replace

import pytest

from sluice.bitcoin.hashes import BlockHash, sha256d
from sluice.bitcoin.target import Target
from sluice.sim.miner.search import ROW_SIZE
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sim.miner.workforce import WorkerLost, Workforce
from support.mining import STANDARD, Talk

PATIENCE = 30


def unit() -> WorkUnit:
    work = Talk(STANDARD).work()
    return replace(work, target=Target(2**241), tip=replace(work.tip, since=time.monotonic()))


class Ear:
    """What the workers tell."""

    def __init__(self) -> None:
        self.hashes = 0
        self.shares: list[tuple[WorkUnit, Share]] = []
        self.heard = asyncio.Event()

    def __call__(self, hashes: int, unit: WorkUnit, shares: tuple[Share, ...]) -> None:
        self.hashes += hashes
        self.shares += ((unit, share) for share in shares)
        self.heard.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.shares) < count:
                self.heard.clear()
                await self.heard.wait()


def test_two_workers_share_the_work_without_overlap() -> None:
    async def scenario() -> Ear:
        ear = Ear()
        async with Workforce(2) as force:
            listening = asyncio.create_task(force.listen(ear))
            force.put(unit())
            await ear.until(40)
            listening.cancel()
        return ear

    ear = asyncio.run(scenario())
    shares = [share for _, share in ear.shares]
    assert len(set(shares)) == len(shares)
    assert ear.hashes >= ROW_SIZE
    rows = {(share.version, share.nonce & 0xFFFF) for share in shares}
    assert {version >> 5 & 1 for version, _ in rows} == {0, 1}  # even rows are one's, odd the other's


def test_shares_are_told_with_the_unit_they_were_found_in() -> None:
    async def scenario() -> tuple[WorkUnit, list[WorkUnit]]:
        ear = Ear()
        first = unit()
        second = replace(first, tip=replace(first.tip, prev_hash=BlockHash(b"\x44" * 32)))
        async with Workforce(1) as force:
            listening = asyncio.create_task(force.listen(ear))
            force.put(first)
            await ear.until(1)
            force.put(second)
            while ear.shares[-1][0] != second:
                await ear.until(len(ear.shares) + 1)
            listening.cancel()
        for work, share in ear.shares:
            header = work.header(share.extranonce, share.version, share.ntime, share.nonce)
            assert sha256d(header) == share.hash
        return second, [work for work, _ in ear.shares]

    second, units = asyncio.run(scenario())
    assert units[0] != second
    assert units[-1] == second


def test_work_that_was_taken_back_is_told_no_more() -> None:
    async def scenario() -> tuple[int, int]:
        ear = Ear()
        async with Workforce(1) as force:
            listening = asyncio.create_task(force.listen(ear))
            force.put(unit())
            await ear.until(1)
            force.put(None)
            before = len(ear.shares)
            await asyncio.sleep(0.2)
            after = len(ear.shares)
            listening.cancel()
        return before, after

    before, after = asyncio.run(scenario())
    assert before == after


def test_a_worker_that_is_killed_is_missed() -> None:
    async def scenario() -> None:
        async with Workforce(2) as force:
            os.kill(force.pids[1], signal.SIGKILL)
            async with asyncio.timeout(PATIENCE):
                await force.listen(Ear())

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(scenario())
    assert caught.group_contains(WorkerLost, match="ended by itself")


def test_workers_do_not_hear_what_is_sent_to_all_processes_and_we_hear_it_again_afterwards() -> None:
    async def scenario() -> None:
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        async with Workforce(1) as force:
            assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask
            for number in (signal.SIGINT, signal.SIGTERM):
                os.kill(force.pids[0], number)
            ear = Ear()
            listening = asyncio.create_task(force.listen(ear))
            force.put(unit())
            await ear.until(1)
            listening.cancel()

    asyncio.run(scenario())


def test_all_are_gone_at_the_end() -> None:
    async def scenario() -> list[int]:
        async with Workforce(2) as force:
            force.put(unit())
            return force.pids

    for pid in asyncio.run(scenario()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_one_that_does_not_listen_is_ended_by_force() -> None:
    async def scenario() -> list[int]:
        async with Workforce(1) as force:
            os.kill(force.pids[0], signal.SIGSTOP)
            return force.pids

    (pid,) = asyncio.run(scenario())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
