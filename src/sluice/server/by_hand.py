"""What a person does with a found block by hand: see whether it is sound, where it is, give it to the nodes.

Rule: one attempt and one look; who repeats is the pool, or the person.
"""

import asyncio
from collections.abc import Sequence

from sluice.bitcoin.block import Block
from sluice.node.embedded.validation import BODY, PLACED, PROOF, Candidate, Place, verdict
from sluice.pool.ports import Answer, FoundBlock, Node, Outcome, Route, Sight

#: Seconds for each node: more than its own deadlines.
NODE_SECONDS = 75.0


def fault_of(found: FoundBlock) -> str:
    """What is wrong with a block as far as it can be judged without its chain, in Core's word; empty if nothing.

    Its proof of work, its merkle root, its witness commitment, its height, and all that a node looks at besides
    the coins that it spends.
    """
    block = Block.parse(found.raw)
    header = block.header
    place = Place(header.prev_hash, found.height, header.nbits, header.ntime - 1, 0)
    it = Candidate(block, place, header.ntime)
    return verdict(PROOF, it) or verdict(BODY, it) or verdict(PLACED, it)


async def give(nodes: Sequence[Node], found: FoundBlock) -> list[Outcome]:
    """What comes of one attempt on each route of each node."""
    routes = [route for node in nodes for route in node.routes]
    return list(await asyncio.gather(*(_attempt(route, found) for route in routes)))


async def sights(nodes: Sequence[Node], height: int) -> list[Sight]:
    """What each node that can tell shows at `height`."""
    seen = await asyncio.gather(*(_look(node, height) for node in nodes))
    return [sight for sight in seen if sight is not None]


async def _attempt(route: Route, found: FoundBlock) -> Outcome:
    try:
        async with asyncio.timeout(NODE_SECONDS):
            return await route.submit(found)
    except TimeoutError:
        return Outcome(route.node, route.name, Answer.SILENT, f"no answer within {NODE_SECONDS:g} s")


async def _look(node: Node, height: int) -> Sight | None:
    try:
        async with asyncio.timeout(NODE_SECONDS):
            return await node.look(height)
    except TimeoutError:
        return None
