"""A pool under load that is killed, and what its record holds afterwards, compared with what the miners saw.

Rule: what was sent and what was acknowledged is the miners' own word; the record is read by SQL, not by Sluice's reader.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic
from urllib.parse import unquote, urlsplit, urlunsplit

import sqlalchemy as sa

from bench.load import disconnect
from sluice.ledger.database import open_for_reading
from sluice.ledger.schema import ROW_BITS
from sluice.pool.ports import LedgerError
from support.counting_miner import CountingMiner, connect
from support.processes import SLUICE

#: 40 miners with a pause of 40 ms: fewer than 1,000 shares a second, so that it is the kill that is measured.
MINERS, PAUSE = 40, 0.04
#: Shares that a miner has ready: more than it can send in the longest load.
SHARES = 150
#: Seconds between two looks at a record.
LOOK_SECONDS = 0.1
#: Seconds for the sockets to hand over what was sent before the kill.
AFTERWARDS = 0.2
PATIENCE = 60.0
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Kill:
    """What was found after one; times in milliseconds."""

    database: str
    seed: int
    load_ms: int
    acknowledged: int
    recorded: int
    missing: int
    oldest_missing_ms: int
    #: Entries of the run's largest batch.
    largest_batch: int
    #: Miners whose recorded shares are not their first ones, in order.
    gaps: int
    twice: int
    strangers: int
    #: The exit code of `sluice replay`, run when it was started again; None if it was not.
    replay: int | None = None

    def faults(self, bound_ms: int) -> list[str]:
        """What was promised and is not so."""
        promised = {
            "shares were acknowledged": self.acknowledged > 0,
            "shares were recorded": self.recorded > 0,
            "no miner's shares have a gap": self.gaps == 0,
            "nothing is there twice": self.twice == 0,
            "nothing is there that nobody sent": self.strangers == 0,
            "what is missing is younger than the bound": self.oldest_missing_ms <= bound_ms,
            # The one that is being written, and the one that gathers meanwhile.
            "no more is missing than two batches hold": self.missing <= 2 * self.largest_batch,
            "the views agree with the record": not self.replay,
        }
        return [words for words, kept in promised.items() if not kept]


@dataclass
class Recorded:
    """What a record holds of its newest run, and of all. Mutable."""

    #: Hashes by the name that the miner gave, in the order of the rows.
    by_miner: dict[str, list[bytes]] = field(default_factory=dict)
    largest_batch: int = 0
    #: Entries that the record says are missing, of all runs.
    lost: int = 0
    everything: Counter[bytes] = field(default_factory=Counter)


@asynccontextmanager
async def pool(place: str, *options: str) -> AsyncIterator[tuple[Process, int]]:
    """The process, and its port; told to end, and waited for, if it is still there."""
    where = os.environ | {"PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}
    command = (sys.executable, "-m", "support.killed_pool", place, *options)
    process = await asyncio.create_subprocess_exec(*command, env=where, stdout=PIPE)
    try:
        assert process.stdout is not None
        yield process, int(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def load(port: int) -> AsyncIterator[list[CountingMiner]]:
    """Miners that send shares, each under a name of its own."""
    miners = await connect(port, MINERS, PAUSE)
    for miner in miners:
        miner.prepare(SHARES, 1)
        miner.begin()
    try:
        yield miners
    finally:
        disconnect([*miners])
        await asyncio.sleep(0)


def settings(place: str) -> dict[str, str]:
    """The place of a record as an operator sets it."""
    url = urlsplit(place if "://" in place else f"sqlite://{place}")
    host = url.netloc.replace(f":{url.password}@", "@")
    return {
        "SLUICE_LEDGER__URL": urlunsplit(url._replace(netloc=host)),
        "SLUICE_LEDGER__PASSWORD": unquote(url.password or ""),
    }


async def replay(place: str) -> int:
    """The exit code of `sluice replay`."""
    process = await asyncio.create_subprocess_exec(
        *SLUICE, "replay", env=os.environ | settings(place), stdout=DEVNULL, stderr=DEVNULL
    )
    await process.wait()
    assert process.returncode is not None
    return process.returncode


def newest(place: str) -> int:
    """The number of the share that was recorded last; 0 if there is none, and no record."""
    try:
        with closing(open_for_reading(place)) as database, database.reading() as connection:
            return int(connection.execute(sa.text("SELECT COALESCE(MAX(share), 0) FROM shares")).scalar_one())
    except LedgerError:
        return 0


def recorded(place: str) -> Recorded:
    """Once nobody writes any more; SQLite finds its file in order."""
    found = Recorded()
    with closing(open_for_reading(place)) as database, database.reading() as connection:
        if database.engine.dialect.name == "sqlite":
            assert connection.execute(sa.text("PRAGMA integrity_check")).fetchall() == [("ok",)]
        run = connection.execute(sa.text("SELECT MAX(run) FROM runs")).scalar_one()
        found.largest_batch = connection.execute(
            sa.text("SELECT largest FROM progress WHERE run = :run"), {"run": run}
        ).scalar_one()
        found.lost = connection.execute(sa.text("SELECT COALESCE(SUM(entries), 0) FROM lost")).scalar_one()
        rows = sa.text(
            "SELECT shares.share, shares.hash, channels.name FROM shares JOIN channels USING (channel) ORDER BY share"
        )
        for share, share_hash, name in connection.execute(rows):
            found.everything[bytes(share_hash)] += 1
            if share >> ROW_BITS == run:
                found.by_miner.setdefault(name, []).append(bytes(share_hash))
        of_all = connection.execute(sa.text("SELECT COUNT(*) FROM shares")).scalar_one()
        assert of_all == found.everything.total()  # each has its channel
    return found


async def until(happened: Callable[[], bool]) -> None:
    """Wait for it, with a long patience."""
    deadline = monotonic() + PATIENCE
    while not happened():
        assert monotonic() < deadline
        await asyncio.sleep(LOOK_SECONDS)


class Chain:
    """Kills of one pool after the other, all on one record. Mutable."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.database = place.partition("://")[0] if "://" in place else "sqlite"
        #: What `sluice replay` said to the record as each kill had left it: its exit codes.
        self.replays: list[int] = []
        self._sent: set[bytes] = set()

    @asynccontextmanager
    async def again(self, *options: str) -> AsyncIterator[tuple[Process, int]]:
        """The pool, started on the record as it is; `sluice replay` looks at that at the same time."""
        there = newest(self.place)
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(replay(self.place)) if there else None
            async with pool(self.place, *options) as started:
                if looking is not None:
                    self.replays.append(await looking)
                yield started

    async def kill(self, seed: int, seconds: float, *options: str) -> Kill:
        """Start it, kill it when it has recorded for so long under load; what it came to."""
        before = newest(self.place)
        async with asyncio.timeout(PATIENCE), self.again(*options) as (process, port), load(port) as miners:
            began = monotonic()
            await until(lambda: newest(self.place) > before)
            await asyncio.sleep(seconds)
            killed_at = monotonic()
            process.kill()
            await process.wait()
            assert any(len(miner.seen) < SHARES for miner in miners)  # it was under load
            await asyncio.sleep(AFTERWARDS)
        await asyncio.to_thread(self.settled)
        return self._compared(seed, round((killed_at - began) * 1_000), killed_at, miners)

    def settled(self) -> None:
        """Wait until a server has heard that its client is gone, and is through with what it was told before."""
        if self.database != "sqlite":
            mine = sa.text("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")
            deadline = monotonic() + PATIENCE
            while True:
                with closing(open_for_reading(self.place)) as database, database.reading() as connection:
                    if connection.execute(mine).scalar_one() == 1:
                        return
                assert monotonic() < deadline

    def sent_by(self, miners: Sequence[CountingMiner]) -> dict[str, list[bytes]]:
        """Every share that a miner had ready, by its name, in order."""
        sent = {miner.user: [miner.hash_of(number) for number in range(1, SHARES + 1)] for miner in miners}
        self._sent.update(*sent.values())
        return sent

    def _compared(self, seed: int, load_ms: int, killed_at: float, miners: list[CountingMiner]) -> Kill:
        sent = self.sent_by(miners)
        found = recorded(self.place)
        seen = {share: at for miner in miners for share, at in miner.seen.items()}
        missing = [killed_at - at for share, at in seen.items() if share not in found.everything]
        assert all(list(miner.seen) == list(islice(sent[miner.user], len(miner.seen))) for miner in miners)
        return Kill(
            database=self.database,
            seed=seed,
            load_ms=load_ms,
            acknowledged=len(seen),
            recorded=sum(map(len, found.by_miner.values())),
            missing=len(missing),
            oldest_missing_ms=round(max([0.0, *missing]) * 1000),
            largest_batch=found.largest_batch,
            gaps=sum(rows != sent[name][: len(rows)] for name, rows in found.by_miner.items()),
            twice=found.everything.total() - len(found.everything),
            strangers=len(found.everything.keys() - self._sent),
        )
