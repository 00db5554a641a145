"""One attempt to give a block to a node: its answer, or its silence."""

import asyncio

import pytest

from sluice.node.bitcoind.rpc import Access, Rpc
from sluice.node.bitcoind.submission import MAX_REASON, SUBMIT_BLOCK_ROUTE, outcome_of, submit
from sluice.pool.ports import Answer, Outcome
from support.found import untimed, verdict, whole
from support.scripted_node import DROP, Reply, ScriptedNode, error, http, result, scripted
from support.vectors import MAINNET_BLOCK, vector_bytes

BLOCK = whole(vector_bytes(MAINNET_BLOCK))


def submitted(answer: Reply) -> tuple[Outcome, ScriptedNode]:
    node = ScriptedNode(submitblock=answer)

    async def conversation() -> Outcome:
        async with scripted(node), asyncio.timeout(20):
            rpc = Rpc(Access(node.url, "u"))
            try:
                return await submit(rpc, "a node", BLOCK)
            finally:
                await rpc.close()

    return asyncio.run(conversation()), node


def outcome(answer: Reply) -> Outcome:
    return untimed(submitted(answer)[0])


def test_a_block_goes_whole_and_is_taken() -> None:
    found, node = submitted(result(None))
    assert untimed(found) == verdict("a node")
    assert 0 < found.milliseconds < 20_000
    assert node.calls["submitblock"] == [[BLOCK.raw.hex()]]


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("duplicate", Answer.DUPLICATE),
        ("inconclusive", Answer.INCONCLUSIVE),
        ("duplicate-inconclusive", Answer.INCONCLUSIVE),
        ("duplicate-invalid", Answer.REFUSED),
        ("high-hash", Answer.REFUSED),
        ("bad-cb-amount", Answer.REFUSED),
        ("a word that nobody knows", Answer.REFUSED),
    ],
)
def test_each_word_is_understood_for_what_it_is(word: str, answer: Answer) -> None:
    assert outcome(result(word)) == Outcome("a node", SUBMIT_BLOCK_ROUTE, answer, word)


def test_an_older_nodes_prefix_is_no_word() -> None:
    assert outcome(result("rejected: high-hash")) == verdict("a node", "high-hash")


def test_a_block_that_the_node_cannot_read_is_refused() -> None:
    assert outcome(error(-22, "Block decode failed")) == verdict("a node", "Block decode failed")


@pytest.mark.parametrize(
    "trouble",
    [
        DROP,
        http(503, b""),
        http(401, b""),
        http(502, b"<html>"),
        http(200, b"{"),
        http(200, b"null"),
        result(7),
        result({"accepted": True}),
        error(-28, "Loading block index…"),
        error(-32601, "Method not found"),
    ],
)
def test_whatever_else_happens_is_silence_and_it_is_asked_once(trouble: Reply) -> None:
    found, node = submitted(trouble)
    assert found.answer is Answer.SILENT
    assert found.reason
    assert len(node.calls["submitblock"]) == 1


def test_a_long_speech_is_cut() -> None:
    assert len(outcome(result("x" * 10_000)).reason) == MAX_REASON
    assert outcome_of("a node", None, 7) == Outcome("a node", SUBMIT_BLOCK_ROUTE, Answer.ACCEPTED, "", 7)
