"""Found blocks and the nodes: each attempt on each route, and what the chains show.

Rule: whatever a node does, every attempt has an answer and every look an end; one that hangs holds up nobody on
another route. The highest block goes first.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import count

from sluice.pool.effects import Look, Submit
from sluice.pool.errand import RouteKey
from sluice.pool.inputs import Answered, BlockInput, Routed, Sighted
from sluice.pool.ports import Answer, FoundBlock, Node, Outcome, Route, Sight

#: Attempts under way at once on a route. A pool has one block in ten minutes; on regtest they come in swarms.
WORKERS = 4
#: Seconds for an attempt, should its route have no end of its own: more than any has.
ATTEMPT_SECONDS = 90.0
#: Seconds for a look at one node's chain; and if the last one had no answer, as all others wait for it.
LOOK_SECONDS, ABSENT_SECONDS = 15.0, 1.0
#: Seconds between two looks at which routes there are.
ROUTES_SECONDS = 1.0

logger = logging.getLogger(__name__)

Feed = Callable[[BlockInput], None]
_Lane = asyncio.PriorityQueue[tuple[int, int, FoundBlock]]


class Courier:
    """Mutable; one owner: the event loop."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = tuple(nodes)
        self._lanes: dict[RouteKey, _Lane] = {}
        self._looks: asyncio.Queue[int] = asyncio.Queue()
        self._new_lanes: asyncio.Queue[RouteKey] = asyncio.Queue()
        self._order = count()
        #: Nodes that left the last look without an answer.
        self._absent: set[str] = set()

    async def run(self, feed: Feed) -> None:
        """Carry for ever, and tell what comes of it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_routes(feed))
            group.create_task(self._look_at_each(feed, group))
            while True:
                key = await self._new_lanes.get()
                for _ in range(WORKERS):
                    group.create_task(self._submit_each(key, feed))

    async def finish(self) -> None:
        """Wait until every attempt has its answer."""
        for lane in list(self._lanes.values()):
            await lane.join()

    @property
    def waiting(self) -> int:
        """Attempts that wait for their turn on their route."""
        return sum(lane.qsize() for lane in self._lanes.values())

    def submit(self, effect: Submit) -> None:
        """Take a block on its way; the answer comes later."""
        key = (effect.node, effect.route)
        if key not in self._lanes:
            self._lanes[key] = asyncio.PriorityQueue()
            self._new_lanes.put_nowait(key)
        self._lanes[key].put_nowait((-effect.found.height, next(self._order), effect.found))

    def look(self, effect: Look) -> None:
        """See what chains show; the answer comes later."""
        self._looks.put_nowait(effect.height)

    def _routes(self) -> dict[RouteKey, Route]:
        return {(route.node, route.name): route for node in self._nodes for route in node.routes}

    async def _follow_routes(self, feed: Feed) -> None:
        known: tuple[RouteKey, ...] = ()
        while True:
            there = tuple(self._routes())
            if there != known:
                known = there
                feed(Routed(there))
            await asyncio.sleep(ROUTES_SECONDS)

    async def _submit_each(self, key: RouteKey, feed: Feed) -> None:
        lane = self._lanes[key]
        while True:
            _, _, found = await lane.get()
            try:
                feed(Answered(found.block_hash, await self._attempt(key, found)))
            finally:
                lane.task_done()

    async def _attempt(self, key: RouteKey, found: FoundBlock) -> Outcome:
        route = self._routes().get(key)
        if route is None:
            return Outcome(*key, Answer.SILENT, "the node does not take blocks this way any more")
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                return await route.submit(found)
        except TimeoutError:
            return Outcome(*key, Answer.SILENT, f"no answer within {ATTEMPT_SECONDS:g} s")
        except Exception as error:
            # A bug; but there are other routes, more blocks, and another attempt.
            logger.exception("submitting a block failed")
            return Outcome(*key, Answer.SILENT, f"internal error: {error!r}")

    async def _look_at_each(self, feed: Feed, group: asyncio.TaskGroup) -> None:
        while True:
            group.create_task(self._look(await self._looks.get(), feed))

    async def _look(self, height: int, feed: Feed) -> None:
        seen = await asyncio.gather(*(self._sight(node, height) for node in self._nodes))
        feed(Sighted(height, tuple(sight for sight in seen if sight is not None)))

    async def _sight(self, node: Node, height: int) -> Sight | None:
        try:
            async with asyncio.timeout(ABSENT_SECONDS if node.name in self._absent else LOOK_SECONDS):
                sight = await node.look(height)
        except TimeoutError:
            self._absent.add(node.name)
            return None
        except Exception:  # a bug in one adapter: what the other nodes saw is still told
            logger.exception("looking at the chain of %s failed", node.name)
            return None
        self._absent.discard(node.name)
        return sight
