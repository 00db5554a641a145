"""The server of `bench.server` with a record: `python -m bench.recorded PLACE`; without a place, none is kept.

Beside its usage it tells what its loop and its writer's thread took, and of every batch how old its oldest entry was
when it was committed, and how many entries waited then.
"""

import asyncio
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import clock_gettime, pthread_getcpuclockid, thread_time

from bench.control import Commands, answer_commands
from bench.server import commands, plan
from sluice.app import run
from sluice.ledger.record import Record
from sluice.pool.journal import Entry
from sluice.pool.ports import Start
from sluice.server.clock import unix_time
from sluice.server.scribe import Recording, Scribe
from sluice.server.serve import Running, serve


class Watched(Record):
    """A record that looks at its scribe after each batch, which is when most entries wait."""

    __slots__ = ("ages", "scribe", "waiting")

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.scribe: Scribe | None = None
        self.ages: list[float] = []
        self.waiting: list[int] = []

    def append(self, run: int, batch: int, entries: Sequence[Entry]) -> None:
        """And note it."""
        super().append(run, batch, entries)
        assert self.scribe is not None
        self.ages.append(self.scribe.lag)
        self.waiting.append(self.scribe.queued)


def writer_seconds() -> float:
    """CPU time of the scribe's thread; 0 if there is none."""
    return sum(
        clock_gettime(pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.name == "scribe" and thread.ident is not None
    )


def recorded(record: Watched, scribe: Scribe) -> Mapping[str, float]:
    """How the record stands; times in seconds."""
    ages = sorted(record.ages) or [0.0]
    return {
        "batches": scribe.batches,
        "entries": scribe.entries,
        "lost": scribe.lost,
        "queued": scribe.queued,
        "most": max(record.waiting, default=0),
        "p50": ages[len(ages) // 2],
        "p99": ages[len(ages) * 99 // 100],
        "longest": ages[-1],
    }


def all_commands(running: Running, record: Watched, scribe: Scribe | None) -> Commands:
    """Those of `bench.server`, and the record's."""
    known = commands(running)

    def usage() -> dict[str, float]:
        return {**known["usage"](), "loop": thread_time(), "writer": writer_seconds()}

    def forget() -> dict[str, float]:
        record.ages.clear()
        record.waiting.clear()
        return usage()

    def record_now() -> dict[str, float]:
        return dict(recorded(record, scribe)) if scribe is not None else {}

    return {**known, "usage": usage, "forget": forget, "record": record_now}


async def main() -> int:
    """Serve until stdin ends."""
    stop = asyncio.Event()
    running: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    record = Watched(sys.argv[1] if len(sys.argv) > 1 else "")
    scribe = None
    if len(sys.argv) > 1:
        scribe = record.scribe = Scribe(Recording(record, Start(unix_time(), "bench", "mainnet", 0, {})))

    async def answer() -> None:
        server = await running
        await answer_commands(server.port, all_commands(server, record, scribe))
        stop.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(replace(plan(), scribe=scribe), lambda event: None, running.set_result, stop))
        group.create_task(answer())
    return 0


if __name__ == "__main__":
    sys.exit(run(main()))
