"""The ways in which a blvm-node takes blocks, one function each.

Rule: none of them is believed. submitblock says null for a block that was merely stored, QueueReceivedBlock for one
that was merely queued, so a block is ACCEPTED when the node's chain shows it, and INCONCLUSIVE as long as not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from sluice.bitcoin.block import Block
from sluice.blvm import structures as s
from sluice.blvm.requests import QueueReceivedBlock, SubmitBlock
from sluice.blvm.responses import SubmitBlockResult
from sluice.node.bitcoind.methods import SUBMIT_BLOCK
from sluice.node.bitcoind.rpc import Failure, Rpc
from sluice.node.bitcoind.rpc import Fault as RpcFault
from sluice.node.bitcoind.submission import ANSWERS, SUBMIT_SECONDS
from sluice.node.blvm.chain import BlvmChain
from sluice.node.blvm.client import BlvmClient, CallFailed, Fault
from sluice.pool.ports import Answer, FoundBlock, Outcome, Route

#: Seconds in which a node that takes a block shows it as its tip; a queue's turn comes within one.
VERDICT_SECONDS = 8.0
GLANCE_SECONDS = 0.25  # between looks at the tip meanwhile
#: The error code of every word about a block. Others are about the call, such as 429: too many of them.
ABOUT_THE_BLOCK = -32602
#: What blvm-node's submitblock says, beginning after its name: what each means. Any other word is a refusal.
WORDS: Mapping[str, Answer] = {
    "block header is already stored": Answer.DUPLICATE,
    "prev_block_hash is not a stored header": Answer.INCONCLUSIVE,
    "prev_block_hash does not match current chain tip": Answer.INCONCLUSIVE,
    "Block size mismatch": Answer.UNFIT,  # of nodes before 0.1.60: blocks with and without witnesses mixed
}
STORED = "the node has taken it, and its chain does not show it yet"
RIVAL = "the node has taken it, and its chain shows another block at that height"

Attempt = tuple[Answer, str]


@dataclass(frozen=True, slots=True)
class Ways:
    """What blocks can be given with. `refused`: the hashes of blocks that the node has said to be invalid."""

    node: str
    client: BlvmClient
    chain: BlvmChain
    rpc: Rpc | None
    refused: Mapping[bytes, str]


async def by_rpc(ways: Ways, found: FoundBlock) -> Attempt:
    """JSON-RPC submitblock, with the node's wire format."""
    if ways.rpc is None:
        return Answer.UNFIT, "no JSON-RPC is configured for this node"
    answer = await ways.rpc.call(SUBMIT_BLOCK, found.raw.hex(), seconds=SUBMIT_SECONDS)
    if not isinstance(answer, Failure):
        return ANSWERS.get(answer or "", Answer.REFUSED), answer or ""
    if answer.fault is not RpcFault.REFUSED or answer.code != ABOUT_THE_BLOCK:
        return Answer.SILENT, answer.words
    words = answer.words.removeprefix("submitblock: ")
    return next((verdict for word, verdict in WORDS.items() if words.startswith(word)), Answer.REFUSED), words


async def by_queue(ways: Ways, found: FoundBlock) -> Attempt:
    """QueueReceivedBlock: as if a peer had sent it. Its documentation says bincode, its reader wants the wire's."""
    await ways.client.request(QueueReceivedBlock(found.raw))
    return Answer.ACCEPTED, ""


async def by_submit_block(ways: Ways, found: FoundBlock) -> Attempt:
    """SubmitBlock: broken in every published node (B6), for a patched one."""
    answer = await ways.client.ask(SubmitBlock(block_of(found.raw)), SubmitBlockResult)
    match answer.value:
        case s.Rejected(reason):
            return Answer.REFUSED, reason
        case s.Duplicate():
            return Answer.DUPLICATE, "duplicate"
    return Answer.ACCEPTED, ""


WAYS: Mapping[str, Callable[[Ways, FoundBlock], Awaitable[Attempt]]] = {
    "submitblock": by_rpc,
    "QueueReceivedBlock": by_queue,
    "SubmitBlock": by_submit_block,
}


def routes_of(ways: Ways, names: Sequence[str]) -> tuple[Route, ...]:
    """The routes of these names."""

    def route(name: str) -> Route:
        async def submit(found: FoundBlock) -> Outcome:
            return await _submitted(ways, name, found)

        return Route(ways.node, name, submit)

    return tuple(map(route, names))


def block_of(raw: bytes) -> s.Block:
    """A block as blvm-node keeps it, which is without its witnesses."""
    block = Block.parse(raw)
    header = block.header
    return s.Block(
        s.BlockHeader(
            header.version, header.prev_hash, header.merkle_root, header.ntime, header.nbits, header.nonce
        ),
        tuple(
            s.Transaction(
                each.version,
                tuple(
                    s.TransactionInput(
                        s.OutPoint(spent.previous.txid, spent.previous.index),
                        spent.sequence,
                        spent.script_sig,
                    )
                    for spent in each.inputs
                ),
                tuple(s.TransactionOutput(output.value, output.script_pubkey) for output in each.outputs),
                each.locktime,
            )
            for each in block.transactions
        ),
    )


async def _submitted(ways: Ways, name: str, found: FoundBlock) -> Outcome:
    began = monotonic()
    try:
        answer, reason = await WAYS[name](ways, found)
    except CallFailed as failed:
        # What keeps the node from taking it says nothing about the block: it may go this way later.
        answer = Answer.UNFIT if failed.fault is Fault.UNSUITABLE else Answer.SILENT
        reason = failed.reason
    if answer is not Answer.UNFIT and answer is not Answer.REFUSED:
        answer, reason = await _judged(ways, found, answer, reason)
    return Outcome(ways.node, name, answer, reason, round((monotonic() - began) * 1000))


async def _judged(ways: Ways, found: FoundBlock, answer: Answer, reason: str) -> Attempt:
    """What the chain makes of it: the last word."""
    patience = GLANCE_SECONDS if answer is Answer.SILENT else VERDICT_SECONDS
    shown: bytes | None = None
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            shown = await _shown(ways, found)
    if shown == found.block_hash:
        return (Answer.DUPLICATE, reason) if answer is Answer.DUPLICATE else (Answer.ACCEPTED, "")
    if found.block_hash in ways.refused:
        return Answer.REFUSED, ways.refused[found.block_hash]
    if answer is Answer.ACCEPTED:
        return Answer.INCONCLUSIVE, reason or (STORED if shown is None else RIVAL)
    return answer, reason


async def _shown(ways: Ways, found: FoundBlock) -> bytes | None:
    """Which block the node's best chain has at that height, once it has one; None if it has refused this one."""
    while True:
        with suppress(CallFailed):
            sight = await ways.chain.sight(ways.node, found.height)
            if sight.block_hash is not None:
                return sight.block_hash
        if found.block_hash in ways.refused:
            return None
        await asyncio.sleep(GLANCE_SECONDS)
