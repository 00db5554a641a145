"""`python -m bench record [seconds]`: what the record costs, at a thousand shares a second of a thousand workers.

Three servers at the same time, so that a noisy minute hits all alike: one without a record, one with SQLite, one with a
real PostgreSQL. Shares come one by one, each from a worker chosen by chance, as from a thousand homes. CPU is that of
each server's process, of the thread that mines and of the one that writes; PostgreSQL's own processes are a row.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import sqlalchemy as sa

from bench.load import LoadMiner, connect, disconnect
from bench.servers import Server, a_server
from sluice.ledger.database import open_for_reading
from sluice.ledger.replay import replay
from sluice.ledger.schema import SHARES

# How a PostgreSQL is started stands in one place, with the tests.
sys.path.append(str(Path(__file__).parent.parent / "tests"))
from support.postgres import MISSING, Postgres, programs

WORKERS, ACCOUNTS, PER_SECOND = 1_000, 300, 1_000
#: Shares are sent so often.
TICK = 0.01
#: Seconds for the last shares to be answered.
SETTLES = 2.0
#: As Debian sets it up: every commit is waited for.
SETTINGS = "-c fsync=on -c shared_buffers=128MB"
_TICKS = os.sysconf("SC_CLK_TCK")

Usage = Mapping[str, float]


async def mine(miners: Sequence[LoadMiner], seconds: int, seed: int) -> int:
    """Send shares at an even pace; how many were acknowledged."""
    chance, loop = Random(seed), asyncio.get_running_loop()
    start, sent = loop.time(), 0
    while (passed := loop.time() - start) < seconds:
        while sent < passed * PER_SECOND:
            chance.choice(miners).share()
            sent += 1
        await asyncio.sleep(TICK)
    await asyncio.sleep(SETTLES)
    return sum(miner.acknowledged for miner in miners)


async def measured(server: Server, seconds: int) -> dict[str, float]:
    """What a server took for so many seconds of it, in seconds; and how its record stands."""
    miners = await connect(
        server.port, WORKERS, named=lambda number: f"account{number % ACCOUNTS}.rig{number}"
    )
    await asyncio.sleep(1)
    before = await server.ask("forget")
    told = await mine(miners, seconds, 1)
    after = await server.ask("usage")
    shares = after["accepted"] - before["accepted"]
    if told != shares or after["refused"]:
        raise SystemExit(f"{shares} shares accepted, {told} acknowledged, {after['refused']} refused")
    disconnect(miners)
    cost = {name: after[name] - before[name] for name in ("cpu", "loop", "writer")}
    return {**await server.ask("record"), **cost, "shares": shares}


def kept(place: str) -> tuple[int, int, int]:
    """Shares in a record, bytes that it takes, and differences that a replay finds."""
    database = open_for_reading(place)
    try:
        with database.reading() as connection:
            shares = connection.execute(sa.select(sa.func.count()).select_from(SHARES)).scalar_one()
            if "://" in place:
                size = connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()
            else:
                size = Path(place).stat().st_size
        return shares, int(size), len(replay(database).differences)
    finally:
        database.close()


def processor_seconds(parent: int) -> float:
    """CPU time of a process, of those that it has waited for, and of its children."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(stat.parent.name) == parent:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == parent:
            total += sum(map(int, fields[11:13]))
    return total / _TICKS


def cells(usage: Usage, off: Usage, rest: tuple[int, int, int] | None) -> list[str]:
    """One server's column."""

    def each(name: str) -> float:
        return usage[name] / usage["shares"] * 1e6

    def more(name: str) -> str:
        return f"{each(name):.1f} µs ({each(name) / (off[name] / off['shares'] * 1e6) - 1:+.0%})"

    rows = [f"{usage['shares']:,.0f}", more("loop"), f"{each('writer'):.1f} µs", more("cpu")]
    if rest is None:
        return rows + [""] * 8
    in_record, size, differences = rest
    return [
        *rows,
        f"{usage['batches']:,.0f} of {usage['entries'] / usage['batches']:.0f}",
        f"{usage['most']:,.0f}",
        *(f"{usage[name] * 1e3:.0f} ms" for name in ("p50", "p99", "longest")),
        f"{usage['lost']:,.0f}",
        f"{size / in_record:.0f}",
        f"{in_record:,} shares, {differences} differences",
    ]


WHAT = (
    "shares acknowledged",
    "the loop's thread, CPU per share",
    "the writer's thread, CPU per share",
    "the whole process, CPU per share",
    "batches, and entries in one",
    "entries that waited, at most",
    "oldest entry's age at commit, median",
    "  99 of 100 are younger than",
    "  the oldest of all",
    "entries lost",
    "bytes of the database per share, all tables and indices",
    "in the record after it, and by `replay`",
)


async def main(seconds: int = 600) -> int:
    """Print the table."""
    found = programs()
    if found is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory() as directory, Postgres(found, SETTINGS) as postgres:
        places = [str(Path(directory) / "record.sqlite"), postgres.url(postgres.new_database())]
        before = processor_seconds(postgres.process)
        async with AsyncExitStack() as stack:
            started = [
                await stack.enter_async_context(a_server("bench.recorded", *place))
                for place in ([], [places[0]], [places[1]])
            ]
            usages = await asyncio.gather(*(measured(server, seconds) for server in started))
        took = processor_seconds(postgres.process) - before
        columns = [
            cells(usage, usages[0], rest)
            for usage, rest in zip(usages, (None, *map(kept, places)), strict=True)
        ]
    print(f"| {seconds} s | no record | SQLite | PostgreSQL |\n|---|---|---|---|")
    for what, *row in zip(WHAT, *columns, strict=True):
        print(f"| {what} | {' | '.join(row)} |")
    print(f"| the database's own processes, CPU per share | | | {took / usages[2]['shares'] * 1e6:.1f} µs |")
    return 0
