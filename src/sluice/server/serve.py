"""A running mining server: the pool, its socket, its node, and a clean end.

    node.watch ──► Owner.feed ──► Pool ──► effects ──► sockets
                                              └──────► Submitter ──► node.submit ──► Owner.feed

Rule: every part is made here and given to the others; a part that fails ends all of them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from os import urandom
from pathlib import Path

from sluice.bitcoin.network import Network
from sluice.pool.events import Happening
from sluice.pool.inputs import Drain, Offered, Ticked, Troubled
from sluice.pool.policy import Policy
from sluice.pool.pool import Pool
from sluice.pool.ports import Node, Trouble
from sluice.pool.state import PoolState
from sluice.pool.sweep import TICK_SECONDS
from sluice.server.clock import steady, unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.listener import listen
from sluice.server.loop import Owner
from sluice.server.submitter import Submitter
from sluice.work.job import Payout

#: Seconds that blocks on their way may still take when the process has to end.
LAST_SUBMISSIONS = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a server is built from."""

    node: Node
    network: Network
    payout: Payout
    policy: Policy
    limits: Limits
    credentials: Credentials
    host: str
    port: int
    #: Where blocks are kept until a node has taken them; None on a chain that ends with the process.
    blocks: Path | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A server that takes connections."""

    owner: Owner
    port: int


async def serve(
    plan: Plan,
    tell: Callable[[Happening], None],
    ready: Callable[[Running], None],
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set, then drain. `ready` is called once connections are taken.

    Raises ListenError; what goes wrong later reaches `tell` or the log.
    """
    submitter = Submitter(plan.node, plan.blocks)
    pool = Pool(PoolState(plan.policy, plan.payout, plan.network, unix_time()))
    owner = Owner(pool, plan.limits, tell, submitter.submit)
    listening = await listen(owner, plan.credentials, plan.host, plan.port, urandom)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_watch(plan.node, owner)),
                group.create_task(submitter.run(owner.feed)),
                group.create_task(_tick(owner)),
            ]
            ready(Running(owner, listening.sockets[0].getsockname()[1]))
            await stop.wait()
            listening.close()
            await _drain(owner, submitter)
            for task in tasks:
                task.cancel()
    finally:
        listening.close()
        for pump in list(owner.pumps.values()):
            pump.abort("the server ended")
        await plan.node.close()


async def _watch(node: Node, owner: Owner) -> None:
    async for news in node.watch():
        owner.feed(Troubled(news) if isinstance(news, Trouble) else Offered(news))


async def _tick(owner: Owner) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        owner.feed(Ticked(unix_time()))
        owner.close_overdue()


async def _drain(owner: Owner, submitter: Submitter) -> None:
    """Send the miners away and give them, and blocks on their way, a moment."""
    owner.feed(Drain())
    deadline = steady() + owner.limits.drain_seconds
    while owner.pumps and steady() < deadline:
        await asyncio.sleep(0.05)
    try:
        await asyncio.wait_for(submitter.finish(), LAST_SUBMISSIONS)
    except TimeoutError:
        return
