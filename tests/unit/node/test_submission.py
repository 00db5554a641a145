"""A block is submitted until the node has said something about it."""

import asyncio

import pytest

from sluice.node.rpc import Access, Rpc
from sluice.node.submission import submit
from sluice.pool.ports import Outcome
from support.found import as_found, untimed, verdict
from support.scripted_node import DROP, Reply, ScriptedNode, error, http, result, scripted
from support.vectors import MAINNET_BLOCK, vector_bytes

BLOCK = as_found(vector_bytes(MAINNET_BLOCK))
BLOCK_HASH = "000000000000000000000c835b2adcaedc20fdf6ee440009c249452c726dafae"
PATIENCE = (0.0, 0.01, 0.01)
HERE, ASIDE = result({"confirmations": 1}), result({"confirmations": -1})


def submitted(*answers: Reply, place: Reply = ASIDE) -> tuple[Outcome, ScriptedNode]:
    node = ScriptedNode(submitblock=list(answers), getblockheader=place)

    async def conversation() -> Outcome:
        async with scripted(node), asyncio.timeout(20):
            rpc = Rpc(Access(node.url, "u"))
            try:
                return await submit(rpc, "a node", BLOCK, PATIENCE)
            finally:
                await rpc.close()

    return untimed(asyncio.run(conversation())), node


def outcome(*answers: Reply, place: Reply = ASIDE) -> Outcome:
    return submitted(*answers, place=place)[0]


def test_a_block_goes_whole_and_is_taken() -> None:
    found, node = submitted(result(None))
    assert found == verdict("a node")
    assert node.calls["submitblock"] == [[BLOCK.raw.hex()]]


@pytest.mark.parametrize("word", ["duplicate", "inconclusive", "high-hash", "bad-cb-amount"])
def test_a_refusal_is_final_and_in_the_nodes_words(word: str) -> None:
    found, node = submitted(result(word), place=HERE)
    assert found == verdict("a node", word)
    assert len(node.calls["submitblock"]) == 1


def test_an_older_nodes_prefix_is_no_word() -> None:
    assert outcome(result("rejected: high-hash")) == verdict("a node", "high-hash")


def test_an_rpc_error_is_a_refusal() -> None:
    found, node = submitted(error(-22, "Block decode failed"))
    assert found == verdict("a node", "Block decode failed")
    assert len(node.calls["submitblock"]) == 1


@pytest.mark.parametrize(
    "trouble", [DROP, http(503, b""), http(401, b""), error(-28, "Loading…"), http(502, b"<html>")]
)
def test_a_block_goes_again_after_trouble(trouble: Reply) -> None:
    assert outcome(trouble, trouble, result(None)) == verdict("a node")
    assert outcome(trouble, result("high-hash")) == verdict("a node", "high-hash")


def test_a_block_whose_answer_was_lost_is_found_in_the_chain() -> None:
    found, node = submitted(DROP, result("duplicate"), place=HERE)
    assert found == verdict("a node")
    assert node.calls["getblockheader"] == [[BLOCK_HASH]]


@pytest.mark.parametrize("place", [ASIDE, error(-5, "Block not found"), DROP])
def test_a_duplicate_that_is_not_in_the_chain_is_none_of_ours(place: Reply) -> None:
    assert outcome(DROP, result("duplicate"), place=place) == verdict("a node", "duplicate")


def test_even_patience_ends() -> None:
    found, node = submitted(DROP)
    assert not found.accepted
    assert found.reason.startswith("no verdict, after 4 attempts: ")
    assert len(node.calls["submitblock"]) == 4
