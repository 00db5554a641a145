"""A pool on the embedded chain with miners in processes of their own, over real encrypted sockets.

Rule: the miners are what anybody could start, `sluice mine URL`; nothing is known here that they are not told.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from dataclasses import dataclass

from sluice.noise.authority import PoolUrl
from sluice.pool.events import BlockAccepted, Happening
from sluice.pool.overview import overview
from sluice.server.clock import steady
from sluice.server.serve import Plan, Running, serve
from sluice.sim.demo_view import REFRESH, DemoView

#: Seconds that a miner may take to end before it is killed.
MINER_PATIENCE = 2.0


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
    """Run until `stop` is set or the wanted blocks are found; how many were accepted."""
    running: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    accepted = 0

    def tell(event: Happening) -> None:
        nonlocal accepted
        view.tell(event)
        if isinstance(event, BlockAccepted):
            accepted += 1
            if plan.blocks is not None and accepted >= plan.blocks:
                stop.set()

    async def look() -> None:
        server = await running
        host = "127.0.0.1" if plan.server.host in ("0.0.0.0", "::") else plan.server.host
        url = PoolUrl(host, server.port, plan.authority)
        announce(url)
        miners = [await _start_miner(str(url), number) for number in range(1, plan.miners + 1)]
        try:
            while not stop.is_set():
                view.show(overview(server.owner.pool.state, steady()), str(url))
                await asyncio.sleep(1 / REFRESH)
        finally:
            await _end(miners)

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(plan.server, tell, running.set_result, stop))
        group.create_task(look())
    return accepted


async def _start_miner(url: str, number: int) -> Process:
    kind = "--extended" if number % 2 else "--standard"
    arguments = ("mine", url, "--user", f"demo.{number}", kind, "--threads", "1")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sluice.cli", *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
    )


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
