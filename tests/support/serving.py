"""A server in this process, on a loop of the test's choice, on a node that says what a test wants."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from os import urandom
from typing import Any, TypeVar

import uvloop

from sluice.bitcoin.network import REGTEST, Network
from sluice.bitcoin.target import MAX_TARGET
from sluice.node.bitcoind.submission import SUBMIT_BLOCK_ROUTE, outcome_of
from sluice.noise.authority import PoolUrl
from sluice.pool.events import Happening
from sluice.pool.policy import Policy
from sluice.pool.ports import FoundBlock, Node, Outcome, Route, Sight, Trouble
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.serve import Plan, Running, serve
from sluice.work.template import Template
from sluice.work.vardiff import VardiffPolicy
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY
from support.work import EASY_NBITS, PAYOUT, template

T = TypeVar("T")
H = TypeVar("H", bound=Happening)

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.SelectorEventLoop,
    "uvloop": uvloop.new_event_loop,
}
#: No test waits longer for anything that should happen.
PATIENCE = 20.0
#: Shares of some ten hashes, so that a test can find them; half of all hashes are blocks.
QUICK = Policy(VardiffPolicy(shares_per_minute=600, easiest=MAX_TARGET), ack_shares=1)


def run_on(loop: str, main: Coroutine[Any, Any, T]) -> T:
    """The result of `main` on that kind of loop."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(asyncio.wait_for(main, 3 * PATIENCE))


async def until(done: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def accept(block: FoundBlock) -> Outcome:
    return answer("")


def answer(word: str) -> Outcome:
    """The puppet's verdict, in submitblock's words."""
    return outcome_of("puppet", word)


class Puppet:
    """A node. What is put into `news` is what its watch says; an exception is what ends it."""

    name = "puppet"

    def __init__(self, verdict: Callable[[FoundBlock], Awaitable[Outcome]] = accept) -> None:
        self.news: asyncio.Queue[Template | Trouble | Exception] = asyncio.Queue()
        self.blocks: list[FoundBlock] = []
        self.watches = 0
        self.closed = False
        self._verdict = verdict

    @property
    def routes(self) -> Sequence[Route]:
        return (Route(self.name, SUBMIT_BLOCK_ROUTE, self._submit),)

    async def start(self) -> Network:
        return REGTEST

    async def look(self, height: int) -> Sight | None:
        return None

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        self.watches += 1
        while True:
            news = await self.news.get()
            if isinstance(news, Exception):
                raise news
            yield news

    async def _submit(self, block: FoundBlock) -> Outcome:
        self.blocks.append(block)
        return await self._verdict(block)

    async def close(self) -> None:
        self.closed = True


@dataclass
class Live:
    """A server that runs; what it told is in `told`."""

    running: Running
    stop: asyncio.Event
    told: list[Happening] = field(default_factory=list)

    @property
    def url(self) -> PoolUrl:
        return PoolUrl("127.0.0.1", self.running.port, AUTHORITY)

    def events(self, kind: type[H]) -> list[H]:
        return [event for event in self.told if isinstance(event, kind)]


def plan(node: Node, **changes: Any) -> Plan:
    """A server on loopback, on any port."""
    parts: dict[str, Any] = {
        "network": REGTEST,
        "payout": PAYOUT,
        "policy": QUICK,
        "limits": Limits(drain_seconds=0.2),
        "credentials": Credentials(AUTHORITY_SECRET, DAY, unix_time(), urandom),
        "host": "127.0.0.1",
        "port": 0,
    }
    return Plan(node=node, **parts | changes)


@asynccontextmanager
async def serving(node: Node, **changes: Any) -> AsyncIterator[Live]:
    """A server; told to stop, and waited for, at the end."""
    stop = asyncio.Event()
    told: list[Happening] = []
    ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(plan(node, **changes), told.append, ready.set_result, stop))
        try:
            yield Live(await ready, stop, told)
        finally:
            stop.set()


@asynccontextmanager
async def live(node: Puppet, **changes: Any) -> AsyncIterator[Live]:
    """A server on a puppet, with a first template."""
    node.news.put_nowait(template(nbits=EASY_NBITS))
    async with serving(node, **changes) as running:
        yield running
