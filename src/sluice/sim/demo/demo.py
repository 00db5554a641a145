"""A pool on the embedded chain with miners in processes of their own, over real encrypted sockets.

Rule: the miners are what anybody could start, `sluice mine URL`; nothing is known here that they are not told.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sluice.noise.authority import PoolUrl
from sluice.pool.events import BlockAccepted, Happening
from sluice.pool.overview import overview
from sluice.server.clock import steady
from sluice.server.serve import Plan, Running, serve
from sluice.sim.demo.view import REFRESH, DemoView

#: Seconds that a miner may take to end before it is killed.
MINER_PATIENCE = 2.0
#: Where those on this machine reach who listens everywhere.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What to show: how many miners, and after how many blocks to end (None: never)."""

    server: Plan
    authority: bytes
    miners: int
    blocks: int | None


async def demo(
    plan: DemoPlan, view: DemoView, announce: Callable[[PoolUrl], None], stop: asyncio.Event
) -> int:
    """Run until `stop` is set, the wanted blocks are found or no miner is left; how many were accepted."""
    running: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    accepted = 0

    def tell(event: Happening) -> None:
        nonlocal accepted
        if stop.is_set():
            return  # that everybody leaves then is no news
        view.tell(event)
        if isinstance(event, BlockAccepted):
            accepted += 1
            if accepted == plan.blocks:
                stop.set()

    async def look() -> None:
        server = await running
        host = plan.server.host
        url = PoolUrl(LOOPBACK.get(host, host), server.port, plan.authority)
        announce(url)
        miners: list[Process] = []
        try:
            for number in range(1, plan.miners + 1):
                miner = await _start_miner(str(url), number)
                miners.append(miner)
            while not stop.is_set():
                view.show(overview(server.owner.pool.state, steady()))
                await _until(stop, 1 / REFRESH)
                if not stop.is_set() and _all_lost(miners, view):
                    stop.set()
            # Before the miners leave.
            view.show(overview(server.owner.pool.state, steady()))
        finally:
            await _end(miners)

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(plan.server, tell, running.set_result, stop))
        group.create_task(look())
    return accepted


async def _until(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def _start_miner(url: str, number: int) -> Process:
    """Its standard input is a pipe from us: were we killed, it would end, too."""
    kind = "--extended" if number % 2 else "--standard"
    arguments = ("mine", url, "--user", f"demo.{number}", kind, "--threads", "1", "--until-eof")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sluice.cli", *arguments, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
    )


def _all_lost(miners: list[Process], view: DemoView) -> bool:
    """Whether the last miner has ended by itself; forgets each that has, and says so."""
    for miner in [miner for miner in miners if miner.returncode is not None]:
        miners.remove(miner)
        view.say(f"a miner ended by itself with exit code {miner.returncode}; `sluice mine URL` shows why")
        if not miners:
            return True
    return False


async def _end(miners: list[Process]) -> None:
    for miner in miners:
        if miner.returncode is None:
            miner.terminate()
    for miner in miners:
        try:
            await asyncio.wait_for(miner.wait(), MINER_PATIENCE)
        except TimeoutError:
            miner.kill()
            await miner.wait()
