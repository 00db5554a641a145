"""A template provider as the pool's Node, over the Template Distribution Protocol (spec 7).

Rule: losing the provider is Trouble and another connection, never an end. SubmitSolution has no answer: a block is
accepted when it is the provider's tip, and nothing is known before.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count, repeat
from time import monotonic

from sluice.bitcoin.network import Network
from sluice.node.provider.link import Link, LinkLost, Way
from sluice.noise.authority import PoolUrl
from sluice.pool.ports import Answer, FoundBlock, NodeError, Outcome, Route, Sight, Trouble
from sluice.tdp.client import ProviderPlan, TemplateClient
from sluice.tdp.constraints import Constraints
from sluice.tdp.memory import Memory
from sluice.tdp.solution import solution_of
from sluice.work.template import Template

SOLUTION_ROUTE = "SubmitSolution"
#: Seconds in which a provider shows a block that it took as its tip: a full one on a slow disk takes some.
VERDICT_SECONDS = 5.0
#: Blocks of one connection that are not sent twice; a pool has as many in a week, regtest in minutes.
MOST_SOLVED = 1_000
NO_NETWORK = (
    "does not say which network it is on, as its protocol has no word for it: set the node's network "
    '(network = "main", or whichever it is)'
)


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How to use one provider. `patience`: seconds between connections; the last counts for all that follow."""

    way: Way
    constraints: Constraints
    network: Network | None = None
    name: str = "template_provider"
    refresh_seconds: float = 30.0  # the same template with a later time, where nothing else comes
    patience: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class TemplateProvider:
    """One provider. `tell` is handed what a person should know and the pool need not: why `start` waits."""

    __slots__ = ("_closed", "_ids", "_link", "_memory", "_moved", "_settings", "_tell", "name")

    def __init__(
        self,
        settings: ProviderSettings,
        tell: Callable[[Trouble], None],
        template_ids: Iterator[int] | None = None,
    ) -> None:
        """`template_ids`: one counter for all nodes of a process."""
        self.name = settings.name
        self._settings = settings
        self._tell = tell
        self._ids = template_ids or count(1)
        self._memory = Memory()
        self._link: Link | None = None
        self._moved: tuple[str, int] | None = None
        self._closed = asyncio.Event()

    @property
    def routes(self) -> Sequence[Route]:
        """By SubmitSolution, for blocks on this provider's templates."""
        return (Route(self.name, SOLUTION_ROUTE, self._submit),)

    async def start(self) -> Network:
        """The network that we were told. Raises NodeError for what waiting cannot mend."""
        network = self._settings.network
        if network is None:
            raise NodeError(f"the template provider at {self._settings.way.url.endpoint} {NO_NETWORK}")
        told = ""
        for pause in self._pauses():
            try:
                await self._connected(network)
            except LinkLost as lost:
                if lost.stops:
                    raise NodeError(lost.reason) from lost
                if lost.reason != told:
                    self._tell(Trouble(self.name, told := lost.reason))
                await asyncio.sleep(pause)
            else:
                return network
        raise AssertionError("pauses have no end")

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        """Templates for ever; one watch at a time. Trouble is told once for each reason."""
        network = self._settings.network
        assert network is not None  # `start` has seen to it
        told, pauses, fresh_at = "", self._pauses(), monotonic()
        while not self._closed.is_set():
            try:
                link = await self._connected(network)
                heard = await link.hear()
                if not heard and monotonic() - fresh_at >= self._settings.refresh_seconds:
                    heard = [again] if (again := link.again()) else []
                for template in heard:
                    told, pauses, fresh_at = "", self._pauses(), monotonic()
                    yield template
                continue
            except LinkLost as lost:
                found, self._moved = lost.reason, lost.moved
            await self._let_go()
            news, told = found != told, found
            if news and not self._closed.is_set():
                yield Trouble(self.name, found)
            with suppress(TimeoutError):
                async with asyncio.timeout(next(pauses)):
                    await self._closed.wait()

    async def look(self, height: int) -> Sight | None:
        """What was the provider's tip at `height`, if it is near and was seen."""
        tip_height = self._memory.tip_height
        if self._link is None or tip_height is None:
            return None
        if height > tip_height:
            return Sight(self.name, None, tip_height)
        seen = self._memory.tip_at(height)
        return None if seen is None else Sight(self.name, seen, tip_height)

    async def close(self) -> None:
        """Let go of the connection; a watch ends."""
        self._closed.set()
        await self._let_go()

    async def _connected(self, network: Network) -> Link:
        """The connection, made if there is none; each place that the provider sends us to is tried once."""
        if self._link is not None:
            return self._link
        way, moved = self._settings.way, self._moved
        self._moved = None
        if moved and way.url.authority_key:  # without a key, anybody could be there (spec 3.6.5)
            way = replace(way, url=PoolUrl(*moved, way.url.authority_key))
        plan = ProviderPlan(way.url.host, way.url.port, network, self._settings.constraints)
        link = Link(way, TemplateClient(plan, self._memory, self._ids.__next__))
        try:
            await link.open()
        except BaseException:  # cancelled, too: nobody else holds this link yet
            await link.close()
            raise
        self._link = link
        return link

    async def _let_go(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _submit(self, found: FoundBlock) -> Outcome:
        """One attempt: INCONCLUSIVE at best, unless the block is the provider's tip soon."""
        began = monotonic()
        answer, reason = await self._attempt(found)
        took = round((monotonic() - began) * 1000)
        return Outcome(self.name, SOLUTION_ROUTE, answer, reason, took)

    async def _attempt(self, found: FoundBlock) -> tuple[Answer, str]:
        if self._is_tip(found):
            return Answer.ACCEPTED, ""
        link, places = self._link, self._memory.places
        if link is None or not places:
            return Answer.SILENT, "the template provider is not connected"
        solution = solution_of(found, places)
        if isinstance(solution, str):
            return Answer.UNFIT, solution
        # Sent once, a block that lost its height is not sent again: it may be needed if the provider turns to it.
        if not (found.block_hash in link.solved and self._lost(found)):
            if not link.send(solution):
                return Answer.SILENT, "the template provider is not connected any more"
            if len(link.solved) >= MOST_SOLVED:
                link.solved.clear()
            link.solved.add(found.block_hash)
        with suppress(TimeoutError):
            async with asyncio.timeout(VERDICT_SECONDS):
                while self._link is link and not (self._is_tip(found) or self._lost(found)):
                    link.news.clear()
                    await link.news.wait()
        if self._is_tip(found):
            return Answer.ACCEPTED, ""
        shown = "shows another block" if self._lost(found) else "does not show it yet"
        return Answer.INCONCLUSIVE, f"a solution has no answer, and the provider's chain {shown}"

    def _is_tip(self, found: FoundBlock) -> bool:
        return self._memory.tip_at(found.height) == found.block_hash

    def _lost(self, found: FoundBlock) -> bool:
        """Whether the provider was seen on another block of this height, or of a greater one."""
        return (self._memory.tip_height or 0) >= found.height and not self._is_tip(found)

    def _pauses(self) -> Iterator[float]:
        return chain(self._settings.patience, repeat(self._settings.patience[-1]))
