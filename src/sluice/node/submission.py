"""A block goes to a node, and is not given up lightly.

Rule: what the node says about the block is final; silence and broken connections are not, the block goes
again. A node that took it before its answer was lost calls it a duplicate then: it is asked whether it has it.
"""

import asyncio
from itertools import chain
from time import monotonic

from sluice.bitcoin.hashes import to_display
from sluice.node.methods import GET_BLOCK_HEADER, SUBMIT_BLOCK
from sluice.node.rpc import Failure, Fault, Rpc
from sluice.pool.ports import Answer, FoundBlock, Outcome

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
SUBMIT_BLOCK_ROUTE = "submitblock"
#: What submitblock answers, as BIP22 and Core have it; every other word is a refusal.
ANSWERS = {
    "": Answer.ACCEPTED,
    "duplicate": Answer.DUPLICATE,
    "duplicate-inconclusive": Answer.INCONCLUSIVE,
    "inconclusive": Answer.INCONCLUSIVE,
}
MAYBE_HERE = (Answer.DUPLICATE, Answer.INCONCLUSIVE)


def outcome_of(node: str, word: str | None, milliseconds: int = 0) -> Outcome:
    """A verdict of submitblock; None is its acceptance."""
    reason = (word or "").removeprefix("rejected: ")
    return Outcome(node, SUBMIT_BLOCK_ROUTE, ANSWERS.get(reason, Answer.REFUSED), reason, milliseconds)


async def submit(rpc: Rpc, node: str, found: FoundBlock, patience: tuple[float, ...] = PATIENCE) -> Outcome:
    """The node's verdict, or why there is none after all the `patience` (seconds between attempts)."""
    words = ""
    for again, pause in enumerate(chain((0.0,), patience)):
        await asyncio.sleep(pause)
        began = monotonic()
        answer = await rpc.call(SUBMIT_BLOCK, found.raw.hex(), seconds=SUBMIT_SECONDS)
        took = round((monotonic() - began) * 1000)
        if answer is None or isinstance(answer, str):
            outcome = outcome_of(node, answer, took)
            ours = bool(again) and outcome.answer in MAYBE_HERE and await _has(rpc, found)
            return outcome_of(node, None, took) if ours else outcome
        words = answer.words
        if answer.fault is Fault.REFUSED and answer.code != WARMING_UP:
            return Outcome(node, SUBMIT_BLOCK_ROUTE, Answer.REFUSED, words, took)
    reason = f"no verdict, after {1 + len(patience)} attempts: {words}"
    return Outcome(node, SUBMIT_BLOCK_ROUTE, Answer.SILENT, reason)


async def _has(rpc: Rpc, found: FoundBlock) -> bool:
    """Whether the block is in the node's best chain."""
    place = await rpc.call(GET_BLOCK_HEADER, to_display(found.block_hash))
    return not isinstance(place, Failure) and place.confirmations > 0
