"""One of several nodes: what it is given is counted, and a look at it has an end.

Rule: it adds nothing of its own to what the node says; the pool uses it as it would use the node.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from functools import partial

from sluice.bitcoin.network import Network
from sluice.pool.ports import FoundBlock, Node, Outcome, Route, Sight, Trouble
from sluice.work.template import Template

#: Seconds for a look at a node's chain while a tip waits for it: what takes longer cannot tell.
LOOK_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Member:
    """Mutable: it counts. `network` is the node's, once it has started."""

    __slots__ = ("_node", "last_outcome", "name", "network", "outcomes")

    def __init__(self, node: Node) -> None:
        self.name = node.name
        self._node = node
        self.network: Network | None = None
        #: What came of blocks, by answer.
        self.outcomes: Counter[str] = Counter()
        self.last_outcome = ""

    @property
    def routes(self) -> Sequence[Route]:
        return tuple(
            Route(route.node, route.name, partial(self._submit, route)) for route in self._node.routes
        )

    async def start(self) -> Network:
        self.network = await self._node.start()
        return self.network

    def watch(self) -> AsyncIterator[Template | Trouble]:
        return self._node.watch()

    async def look(self, height: int) -> Sight | None:
        return await self._node.look(height)

    async def glance(self, height: int) -> Sight | None:
        """As `look`, but soon: None if it takes longer, or fails."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._node.look(height)
        except TimeoutError:
            return None
        except Exception:  # a bug in one adapter: the other nodes' answers are still good
            logger.exception("looking at the chain of %s failed", self.name)
            return None

    async def close(self) -> None:
        await self._node.close()

    async def _submit(self, route: Route, found: FoundBlock) -> Outcome:
        outcome = await route.submit(found)
        self.outcomes[outcome.answer.value] += 1
        self.last_outcome = " ".join(filter(None, (outcome.answer.value, outcome.reason)))
        return outcome
