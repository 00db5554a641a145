"""What a crash costs the record: a real server under load, killed with SIGKILL at a random moment.

Every share that a miner saw acknowledged is known by its hash. After a kill none is in the record twice, none is
there that nobody sent, of each miner there are its first ones without a gap, and what is missing was acknowledged
within BOUND before the kill. `make kills` does it fifty times and writes the tables of docs/record.md.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import pytest

from support.counting_miner import CountingMiner
from support.kills import Chain, Kill, load, newest, recorded, replay, until
from support.postgres import Postgres

#: Kills on SQLite, and on PostgreSQL; so many of them follow each other on one record.
KILLS = int(os.environ.get("SLUICE_KILLS", "2"))
ON_POSTGRES = max(KILLS // 5, 1)
IN_A_ROW = 5
#: Where `make kills` wants a line for each kill.
REPORT = os.environ.get("SLUICE_KILLS_REPORT", "")
#: Milliseconds before the kill within which an acknowledged share may be missing. A batch is to be in the record after
#: 100, and what comes meanwhile waits for its commit; the rest is for a machine that has other things to do.
BOUND = 1_000
#: Seconds of load before the kill: longer than the bound, or a record that is never written would do.
SHORTEST, LONGEST = 1.5, 3.0
#: Milliseconds for a writer that is to fail: half of them it gathers. Seconds after its first batch when it is killed.
SLOW_BATCH, AFTER_A_BATCH = "4000", 1.5


def chains(kills: int) -> list[range]:
    """The kills, by the record that they are on."""
    return [range(first, min(first + IN_A_ROW, kills)) for first in range(0, kills, IN_A_ROW)]


async def killed(chain: Chain, seeds: Sequence[int]) -> list[Kill]:
    return [await chain.kill(seed, Random(seed).uniform(SHORTEST, LONGEST)) for seed in seeds]


def judge(chain: Chain, kills: Sequence[Kill]) -> None:
    assert len(chain.replays) == len(kills)
    kills = [replace(kill, replay=code) for kill, code in zip(kills, chain.replays, strict=True)]
    if REPORT:
        with Path(REPORT).open("a") as file:
            file.writelines(json.dumps(asdict(kill)) + "\n" for kill in kills)
    for kill in kills:
        assert kill.faults(BOUND) == [], kill


@pytest.mark.alone
@pytest.mark.parametrize("seeds", chains(KILLS), ids=str)
def test_killed_under_load(seeds: range, tmp_path: Path) -> None:
    """The last time it ends in order, and so does its record."""

    async def main() -> None:
        chain = Chain(str(tmp_path / "record.sqlite"))
        kills = await killed(chain, seeds)
        async with chain.again() as (process, _):
            process.terminate()
            assert await process.wait() == 0
        judge(chain, kills)
        assert await replay(chain.place) == 0

    asyncio.run(main())


def test_a_writer_that_gathers_for_two_seconds_is_found_out(tmp_path: Path) -> None:
    """The kill comes well into such a batch, so that the tests of kills are known to bite."""
    kill = asyncio.run(Chain(str(tmp_path / "record.sqlite")).kill(0, AFTER_A_BATCH, SLOW_BATCH))
    assert kill.faults(BOUND) == ["what is missing is younger than the bound"], kill


async def all_mine_on(miners: Sequence[CountingMiner]) -> None:
    """Each of them sees three more shares acknowledged."""
    before = [len(miner.seen) for miner in miners]
    await until(lambda: all(len(m.seen) >= b + 3 for m, b in zip(miners, before, strict=True)))


@pytest.mark.alone
@pytest.mark.parametrize("seeds", chains(ON_POSTGRES), ids=str)
def test_killed_with_a_record_on_postgresql_which_is_killed_as_well(
    seeds: range, postgres_server: Postgres
) -> None:
    """First the pool; then, while the next one works, its database, which costs nothing at all."""

    async def main() -> None:
        chain = Chain(postgres_server.url(postgres_server.new_database()))
        kills = await killed(chain, seeds)
        before = newest(chain.place)
        async with chain.again() as (process, port):
            judge(chain, kills)
            async with load(port) as miners:
                await until(lambda: newest(chain.place) > before)
                await asyncio.to_thread(postgres_server.stop, "immediate")
                try:
                    await all_mine_on(miners)
                finally:
                    await asyncio.to_thread(postgres_server.start)
                await all_mine_on(miners)
                seen = {share for miner in miners for share in miner.seen}
                await until(lambda: recorded(chain.place).everything.keys() >= seen)
            process.terminate()
            assert await process.wait() == 0
        found = recorded(chain.place)
        assert found.everything.keys() >= {share for miner in miners for share in miner.seen}
        assert set(found.everything.values()) == {1}
        assert found.lost == 0
        assert await replay(chain.place) == 0

    asyncio.run(main())
