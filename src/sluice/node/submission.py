"""A block goes to a node, and is not given up lightly.

Rule: what the node says about the block is final; silence and broken connections are not, the block goes
again. A node that took it before its answer was lost calls it a duplicate then: it is asked whether it has it.
"""

import asyncio
from itertools import chain

from sluice.bitcoin.hashes import sha256d, to_display
from sluice.bitcoin.header import HEADER_SIZE
from sluice.node.methods import GET_BLOCK_HEADER, SUBMIT_BLOCK
from sluice.node.rpc import Failure, Fault, Rpc
from sluice.pool.ports import Outcome

SUBMIT_SECONDS = 60.0  # a full block on a slow disk is judged within a few
PATIENCE = (
    0.25,
    0.5,
    1.0,
    2.0,
    4.0,
    8.0,
    16.0,
    30.0,
)  # a minute: a node's restart; later, the block is stale
WARMING_UP = -28
ALREADY_HERE = ("duplicate", "duplicate-inconclusive", "inconclusive")


async def submit(rpc: Rpc, node: str, block: bytes, patience: tuple[float, ...] = PATIENCE) -> Outcome:
    """The node's verdict, or why there is none after all the `patience` (seconds between attempts)."""
    words = ""
    for again, pause in enumerate(chain((0.0,), patience)):
        await asyncio.sleep(pause)
        answer = await rpc.call(SUBMIT_BLOCK, block.hex(), seconds=SUBMIT_SECONDS)
        if answer is None:
            return Outcome(node, True, "")
        if isinstance(answer, str):
            accepted = bool(again) and answer in ALREADY_HERE and await _has(rpc, block)
            return Outcome(node, accepted, "" if accepted else answer.removeprefix("rejected: "))
        words = answer.words
        if answer.fault is Fault.REFUSED and answer.code != WARMING_UP:
            return Outcome(node, False, words)
    return Outcome(node, False, f"no verdict, after {1 + len(patience)} attempts: {words}")


async def _has(rpc: Rpc, block: bytes) -> bool:
    """Whether the block is in the node's best chain."""
    place = await rpc.call(GET_BLOCK_HEADER, to_display(sha256d(block[:HEADER_SIZE])))
    return not isinstance(place, Failure) and place.confirmations > 0
