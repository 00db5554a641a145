"""A running mining server: the pool, its socket, its node, and a clean end.

    node.watch ──► Owner.feed ──► Pool ──► effects ──► sockets
                          │                   └──────► Submitter ──► disk, nodes ──► Owner.feed
                          └──► journal ──► Scribe ──► the record

Rule: every part is made here and given to the others; a part that fails ends all of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from os import urandom
from typing import Any

from sluice.bitcoin.network import Network
from sluice.ledger.block_record import BlockRecord
from sluice.pool.effects import BlockEffect
from sluice.pool.events import Happening
from sluice.pool.inputs import Drain, Offered, Ticked, Troubled
from sluice.pool.orders import Orders
from sluice.pool.policy import Policy
from sluice.pool.pool import Pool
from sluice.pool.ports import Node, Trouble
from sluice.pool.recording import note_block
from sluice.pool.state import PoolState
from sluice.pool.sweep import TICK_SECONDS
from sluice.server.clock import steady, unix_time
from sluice.server.companion import Companion, accompany, performing, telling
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.listener import listen
from sluice.server.loop import House, Owner
from sluice.server.scribe import Scribe
from sluice.server.submitter import Submitter
from sluice.work.job import Payout

#: Seconds that blocks on their way may still take when the process has to end.
LAST_SUBMISSIONS = 2.0
#: Seconds before a watch that broke begins again.
WATCH_AGAIN = 5.0
WATCH_BROKE = "listening to it failed, which is a bug of ours (see the log); it is tried again"

logger = logging.getLogger(__name__)


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
    #: Where found blocks are written down; None on a chain that ends with the process.
    blocks: BlockRecord | None = None
    #: Each node for itself, where `node` is several of them joined: blocks go to all, and all chains are looked at.
    nodes: tuple[Node, ...] = ()
    #: Who else wants to hear of all that happens.
    companions: tuple[Companion, ...] = ()
    #: Who records what happens; None if nobody does.
    scribe: Scribe | None = None
    #: What an operator has ordered in earlier runs.
    orders: Orders | None = None


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
    submitter = Submitter(plan.nodes or (plan.node,), plan.blocks)
    pool = Pool(PoolState(plan.policy, plan.payout, plan.network, unix_time()))
    pool.state.orders = plan.orders or pool.state.orders
    companions, scribe = plan.companions, plan.scribe

    def perform(effect: BlockEffect) -> None:
        submitter.perform(effect)  # a block is on its way before it is so much as noted
        note_block(pool.state, effect)

    owner = Owner(pool, plan.limits, telling(tell, companions), performing(perform, companions))
    beside = tuple(partial(accompany, companion, owner) for companion in companions)
    if scribe is not None:
        pool.state.listen(scribe.read)
        pool.state.bests.awaited = True
        beside = (partial(scribe.run, owner.feed), *beside)

    async def open_door() -> asyncio.Server:
        return await listen(owner, plan.credentials, plan.host, plan.port, urandom)

    works = Works(plan.node, owner, submitter, beside)
    try:
        await keep(works, open_door, lambda port: ready(Running(owner, port)), stop)
    finally:
        if scribe is not None:
            if pool.state.journal is not None:
                pool.state.journal.hand_out()
            await scribe.finish()


@dataclass(frozen=True, slots=True)
class Works:
    """What a server consists of, whatever it serves."""

    node: Node
    house: House
    submitter: Submitter
    #: What else is to run as long as it does.
    beside: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()


async def keep(
    works: Works,
    open_door: Callable[[], Awaitable[asyncio.Server]],
    ready: Callable[[int], None],
    stop: asyncio.Event,
) -> None:
    """Let it work until `stop` is set, then drain. `ready` is called with the port once connections are taken."""
    house, submitter = works.house, works.submitter
    house.meter.queues.update(submitter.queues)
    async with AsyncExitStack() as ends:
        ends.push_async_callback(works.node.close)
        listening = await open_door()
        ends.callback(house.end, "the server ended")
        ends.callback(listening.close)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_watch(works.node, house)),
                group.create_task(submitter.run(house.feed)),
                group.create_task(_tick(house)),
                *(group.create_task(run()) for run in works.beside),
            ]
            ready(listening.sockets[0].getsockname()[1])
            await stop.wait()
            listening.close()
            await _drain(house, submitter)
            for task in tasks:
                task.cancel()


async def _watch(node: Node, house: House) -> None:
    """Feed the node's news, for ever: a watch that breaks is a bug, but blocks can be found without it."""
    while True:
        try:
            async for news in node.watch():
                house.feed(Troubled(news) if isinstance(news, Trouble) else Offered(news))
            logger.error("the watch of the node %s ended by itself", node.name)
        except Exception:  # an adapter says its own errors as Trouble: what gets here is a bug of any kind
            logger.exception("the watch of the node %s failed", node.name)
        house.feed(Troubled(Trouble(node.name, WATCH_BROKE)))
        await asyncio.sleep(WATCH_AGAIN)


async def _tick(house: House) -> None:
    while True:
        due = steady() + TICK_SECONDS
        await asyncio.sleep(TICK_SECONDS)
        house.meter.lag.observe(max(0.0, steady() - due))
        house.feed(Ticked(unix_time()))
        house.close_overdue()


async def _drain(house: House, submitter: Submitter) -> None:
    """Send the miners away and give them, and blocks on their way, a moment."""
    house.feed(Drain())
    with suppress(TimeoutError):
        async with asyncio.timeout(house.limits.drain_seconds):
            await house.deserted()
    # From here on nobody can find another block.
    house.end("the server ended")
    await submitter.finish(LAST_SUBMISSIONS)
