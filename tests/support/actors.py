"""Nodes that say what a test wants, each under a name of its own, for the tests of several at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sluice.bitcoin.network import REGTEST, Network
from sluice.node.several.several import Several
from sluice.pool.events import Happening
from sluice.pool.ports import Sight, Trouble
from sluice.work.template import Template
from support.serving import Puppet
from support.work import EASY_NBITS, template

#: A height at which regtest still pays something.
HEIGHT = 20


def offer(height: int = HEIGHT, fork: int = 0, **changes: Any) -> Template:
    return template(height, fork, **({"nbits": EASY_NBITS} | changes))


class Actor(Puppet):
    """`starts` are what comes of one start after the other; the last counts for all that follow.

    An Event among them is waited for. `chain` has the blocks that a look finds, by height; None to hang.
    """

    def __init__(self, name: str, *starts: Network | Exception | asyncio.Event) -> None:
        super().__init__()
        self.name = name
        self.starts = list(starts or (REGTEST,))
        self.started = 0
        self.chain: dict[int, bytes] | None = {}

    async def start(self) -> Network:
        self.started += 1
        while isinstance(ready := self.starts[0], asyncio.Event):
            await ready.wait()
            if ready in self.starts:
                self.starts.remove(ready)
        step = self.starts.pop(0) if len(self.starts) > 1 else self.starts[0]
        if isinstance(step, Network):
            return step
        assert isinstance(step, Exception)
        raise step

    async def look(self, height: int) -> Sight | None:
        if self.chain is None:
            await asyncio.Event().wait()
            return None
        return Sight(self.name, self.chain.get(height), max(self.chain, default=0))

    def says(self, news: Template | Trouble | Exception) -> None:
        self.news.put_nowait(news)


@dataclass
class Cast:
    """Several actors, watched."""

    several: Several
    news: list[Template | Trouble] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)


@asynccontextmanager
async def watched(actors: Sequence[Actor]) -> AsyncIterator[Cast]:
    """Start them, and collect what they say together."""
    told: list[Happening] = []
    several = Several(actors, told.append)
    cast = Cast(several, told=told)
    assert await several.start() == REGTEST

    async def watch() -> None:
        async for news in several.watch():
            cast.news.append(news)

    async with asyncio.TaskGroup() as group:
        group.create_task(watch())
        try:
            yield cast
        finally:
            await several.close()
