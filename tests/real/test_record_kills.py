"""What a crash costs the record: a real server under load, killed with SIGKILL at a random moment.

Every share that a miner saw acknowledged is known by its hash. After the kill none is in the record twice, none is
there that nobody sent, and what is missing was acknowledged within BOUND before the kill: the batch that was being
written, and what gathered since. `make kills` does it fifty times and writes the table of docs/record.md.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from bench.load import disconnect
from support.counting_miner import CountingMiner, connect

SEEDS = range(int(os.environ.get("SLUICE_KILLS", "3")))
#: Where `make kills` wants a line for each kill.
REPORT = os.environ.get("SLUICE_KILLS_REPORT", "")
#: 40 miners with a pause of 40 ms: fewer than 1,000 shares a second, so that it is the kill that is measured.
MINERS, PAUSE = 40, 0.04
#: Seconds of load before the kill.
SHORTEST, LONGEST = 0.5, 2.0
#: Shares that a miner has ready: more than it can send in LONGEST.
SHARES = 100
#: Seconds before the kill within which an acknowledged share may be missing. A batch is to be in the record after
#: 0.1 s; the rest is for a machine that has other things to do.
BOUND = 1.0
#: Seconds for the sockets to hand over what was sent before the kill.
AFTERWARDS = 0.2
PATIENCE = 30.0
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Kill:
    """What was found after one; times in milliseconds."""

    seed: int
    load_ms: int
    acknowledged: int
    recorded: int
    missing: int
    oldest_missing_ms: int
    twice: int
    strangers: int


@asynccontextmanager
async def pool(record: Path) -> AsyncIterator[tuple[Process, int]]:
    """The process, and its port."""
    where = os.environ | {"PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}
    command = (sys.executable, "-m", "support.killed_pool", str(record))
    process = await asyncio.create_subprocess_exec(*command, env=where, stdout=PIPE)
    try:
        assert process.stdout is not None
        yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def kill(seed: int, path: Path) -> Kill:
    load = Random(seed).uniform(SHORTEST, LONGEST)
    async with asyncio.timeout(PATIENCE), pool(path) as (process, port):
        miners = await connect(port, MINERS, PAUSE)
        for miner in miners:
            miner.prepare(SHARES, 1)
            miner.begin()
        await asyncio.sleep(load)
        killed_at = monotonic()
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        await asyncio.sleep(AFTERWARDS)
        disconnect([*miners])
        await asyncio.sleep(0)
    return compared(seed, load, killed_at, miners, recorded(path))


def recorded(path: Path) -> Counter[bytes]:
    """The hashes in the record, and how often each is there; SQLite finds its file in order."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return Counter(row[0] for row in database.execute("SELECT hash FROM shares"))
    finally:
        database.close()


def compared(
    seed: int, load: float, killed_at: float, miners: list[CountingMiner], rows: Counter[bytes]
) -> Kill:
    seen = {share: at for miner in miners for share, at in miner.seen.items()}
    sent = {miner.hash_of(number) for miner in miners for number in range(1, SHARES + 1)}
    missing = [killed_at - at for share, at in seen.items() if share not in rows]
    return Kill(
        seed=seed,
        load_ms=round(load * 1000),
        acknowledged=len(seen),
        recorded=rows.total(),
        missing=len(missing),
        oldest_missing_ms=round(max([0.0, *missing]) * 1000),
        twice=rows.total() - len(rows),
        strangers=len(rows.keys() - sent),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_under_load(seed: int, tmp_path: Path) -> None:
    found = asyncio.run(kill(seed, tmp_path / "record.sqlite"))
    if REPORT:
        with Path(REPORT).open("a") as file:
            file.write(json.dumps(asdict(found)) + "\n")
    assert found.acknowledged > 0
    assert found.recorded > 0
    assert found.twice == 0, found
    assert found.strangers == 0, found
    assert found.oldest_missing_ms <= BOUND * 1000, found
