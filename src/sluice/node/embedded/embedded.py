"""A made-up regtest chain in this process as the pool's Node: for the demo and for tests, worth nothing.

Rule: it is as strict as a real node towards blocks, and says what it is when it starts.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count

from sluice.bitcoin.network import REGTEST, Network
from sluice.node.bitcoind.submission import SUBMIT_BLOCK_ROUTE, outcome_of
from sluice.node.embedded.chain import Chain, ChainPlan
from sluice.pool.ports import FoundBlock, Outcome, Route, Sight, Trouble
from sluice.work.template import Template

NOTICE = "mining on a made-up regtest chain inside this process, its coins are worth nothing"


class Embedded:
    """`clock` gives unix seconds. `notice` is to be shown when it starts."""

    __slots__ = ("_clock", "_closed", "_ids", "_moved", "_refresh_seconds", "chain", "name", "notice")

    def __init__(
        self,
        plan: ChainPlan,
        clock: Callable[[], float],
        refresh_seconds: float = 5.0,
        template_ids: Iterator[int] | None = None,
        name: str = "embedded",
    ) -> None:
        """`template_ids`: one counter for all nodes of a process."""
        self.name = name
        self.notice = NOTICE
        self.chain = Chain(plan, clock())
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._ids = template_ids or count(1)
        self._moved = asyncio.Event()
        self._closed = False

    @property
    def routes(self) -> Sequence[Route]:
        return (Route(self.name, SUBMIT_BLOCK_ROUTE, self._submit),)

    async def start(self) -> Network:
        return REGTEST

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        """Templates: one at once, then on each new tip and every `refresh_seconds` with new transactions."""
        while not self._closed:
            moved = self._moved
            yield self.chain.template(next(self._ids), self._clock())
            with suppress(TimeoutError):
                async with asyncio.timeout(self._refresh_seconds):
                    await moved.wait()

    async def look(self, height: int) -> Sight | None:
        return Sight(self.name, self.chain.hash_at(height), self.chain.height)

    async def propose(self, block: bytes) -> str | None:
        """What speaks against the block, proof of work aside; None if nothing."""
        return self.chain.propose(block, self._clock()) or None

    async def close(self) -> None:
        """Ends every watch."""
        self._closed = True
        self._turn()

    async def _submit(self, found: FoundBlock) -> Outcome:
        word = self.chain.submit(found.raw, self._clock())
        if not word:
            self._turn()
        return outcome_of(self.name, word)

    def _turn(self) -> None:
        """Wake who watches; each of them waits for the next turn afterwards."""
        self._moved.set()
        self._moved = asyncio.Event()
