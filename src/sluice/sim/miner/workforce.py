"""The worker processes of a miner, seen from its event loop.

Rule: what they report is told with the unit it was found in; reports on work that was taken back are not told.
"""

import asyncio
import signal
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sim.miner.worker_pipe import LENGTH_SIZE, Order, Report, length_of, pack, unpack

#: (hashes since the last time, the unit they were for, shares found in it)
Told = Callable[[int, WorkUnit, tuple[Share, ...]], None]

#: A report may be about the order before; more than a few jobs back it is of no use.
_ORDERS_KEPT = 16
#: Then a worker is ended by force.
_PARTING_SECONDS = 0.5
#: A terminal and a service manager send these to every process; a worker ends with its input.
_OURS = (signal.SIGINT, signal.SIGTERM)


class WorkerLost(Exception):
    """A worker process ended by itself."""


class Workforce:
    """`async with` starts the workers and ends them; `listen` until then."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._workers: list[asyncio.subprocess.Process] = []
        self._units: OrderedDict[int, WorkUnit] = OrderedDict()
        self._serial = 0

    async def __aenter__(self) -> Self:
        with _unheard(_OURS):
            for number in range(self._threads):
                self._workers.append(await _start_worker(number, self._threads))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            if worker.stdin is not None:
                worker.stdin.close()
        try:
            async with asyncio.timeout(_PARTING_SECONDS):
                for worker in self._workers:
                    await worker.wait()
        except TimeoutError:
            for worker in self._workers:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()

    @property
    def pids(self) -> list[int]:
        """The workers' process ids."""
        return [worker.pid for worker in self._workers]

    def put(self, unit: WorkUnit | None) -> None:
        """Hash this from now on; None: nothing. What is found in earlier units is told no more after None."""
        self._serial += 1
        if unit is None:
            self._units.clear()
            self._order(Order(self._serial))
            return
        self._units[self._serial] = unit
        if len(self._units) > _ORDERS_KEPT:
            self._units.popitem(last=False)
        self._order(Order(self._serial, unit, time.monotonic() - unit.tip.since))

    async def listen(self, told: Told) -> None:
        """Tell what the workers report, forever. WorkerLost if one ends."""
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(self._listen_to(worker, told))

    async def _listen_to(self, worker: asyncio.subprocess.Process, told: Told) -> None:
        assert worker.stdout is not None
        while True:
            try:
                length = length_of(await worker.stdout.readexactly(LENGTH_SIZE))
                body = await worker.stdout.readexactly(length)
            except asyncio.IncompleteReadError:
                raise WorkerLost(f"worker process {worker.pid} ended by itself") from None
            report = unpack(Report, body)
            unit = self._units.get(report.serial)
            if unit is not None:
                told(report.hashes, unit, report.shares)

    def _order(self, order: Order) -> None:
        packed = pack(order)
        for worker in self._workers:
            if worker.stdin is not None and not worker.stdin.is_closing():
                worker.stdin.write(packed)


async def _start_worker(number: int, of: int) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    arguments = ("-m", "sluice.sim.miner.worker", str(number), str(of))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)


@contextmanager
def _unheard(signals: tuple[signal.Signals, ...]) -> Iterator[None]:
    """They wait until afterwards; a process that is started meanwhile never hears them: it inherits the mask."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
