"""One attempt to give a block to a bitcoind.

Rule: what the node says about the block is its answer; whatever else happens is silence. That a block goes again
is decided elsewhere (`pool/candidate.py`): a node that took it before its answer was lost says `duplicate` then.
"""

from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType

from sluice.node.bitcoind.methods import SUBMIT_BLOCK
from sluice.node.bitcoind.rpc import Failure, Fault, Rpc
from sluice.pool.ports import Answer, FoundBlock, Outcome

SUBMIT_SECONDS = 60.0  # a full block on a slow disk is judged within a few
SUBMIT_BLOCK_ROUTE = "submitblock"
#: What submitblock answers, as BIP22 and Core have it; every other word is a refusal.
ANSWERS: Mapping[str, Answer] = MappingProxyType(
    {
        "": Answer.ACCEPTED,
        "duplicate": Answer.DUPLICATE,
        "duplicate-inconclusive": Answer.INCONCLUSIVE,
        "inconclusive": Answer.INCONCLUSIVE,
    }
)
#: The node's own error for a block that it cannot read; with any other, it has not looked at the block.
NOT_A_BLOCK = -22
#: A verdict is a word or a sentence of the node's; what is longer is cut.
MAX_REASON = 200


def outcome_of(node: str, word: str | None, milliseconds: int = 0) -> Outcome:
    """A verdict of submitblock; None is its acceptance."""
    reason = (word or "").removeprefix("rejected: ")[:MAX_REASON]
    return Outcome(node, SUBMIT_BLOCK_ROUTE, ANSWERS.get(reason, Answer.REFUSED), reason, milliseconds)


async def submit(rpc: Rpc, node: str, found: FoundBlock) -> Outcome:
    """The node's verdict, or why there is none."""
    began = monotonic()
    answer = await rpc.call(SUBMIT_BLOCK, found.raw.hex(), seconds=SUBMIT_SECONDS)
    took = round((monotonic() - began) * 1000)
    if not isinstance(answer, Failure):
        return outcome_of(node, answer, took)
    refused = answer.fault is Fault.REFUSED and answer.code == NOT_A_BLOCK
    words = answer.words[:MAX_REASON]
    return Outcome(node, SUBMIT_BLOCK_ROUTE, Answer.REFUSED if refused else Answer.SILENT, words, took)
