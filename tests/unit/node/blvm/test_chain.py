"""What a node's chain is, put together from answers that belong together, or refused."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import BlockHash
from sluice.blvm.connection import Identity
from sluice.blvm.requests import GetBlockHeight, Request
from sluice.blvm.responses import Response
from sluice.node.blvm import chain as blvm_chain
from sluice.node.blvm.chain import BlvmChain, Place
from sluice.node.blvm.client import Attachment, BlvmClient, CallFailed, Fault
from sluice.node.embedded.chain import GENESIS
from sluice.pool.ports import Sight
from support.scripted_blvm import ScriptedBlvm, serving_blvm


class Restless(BlvmClient):
    """The real client, of a node that finds a block whenever it is asked how high it is."""

    __slots__ = ("left", "node")
    node: ScriptedBlvm
    left: int

    async def request(self, request: Request) -> Response:
        answer = await super().request(request)
        if isinstance(request, GetBlockHeight) and self.left:
            self.left -= 1
            self.node.mine()
        return answer


def play(path: Path, what: Callable[[ScriptedBlvm, BlvmChain], Awaitable[None]], restless: int = 0) -> None:
    async def run() -> None:
        node = ScriptedBlvm(path)
        async with serving_blvm(node), asyncio.timeout(20):
            client = Restless(Attachment(node.socket, Identity("m", "m", "1")))
            client.node, client.left = node, restless
            await what(node, BlvmChain(client))
            client.close()

    asyncio.run(run())


def test_tip_height_and_headers(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, chain: BlvmChain) -> None:
        assert await chain.place() == Place(GENESIS.hash(), 0)
        node.mine(3)
        assert await chain.tip() == node.chain.tip
        assert await chain.place() == Place(node.chain.tip, 3)
        assert (await chain.by_hash(node.chain.tip)).hash() == node.chain.tip
        assert (await chain.at_height(2)).hash() == node.chain.hash_at(2)
        assert await chain.at_height(0) == GENESIS  # of which it has the header alone
        assert await chain.has(GENESIS.hash())
        assert not await chain.has(BlockHash(b"\x22" * 32))

    play(tmp_path, story)


def test_a_tip_that_moves_meanwhile_is_asked_for_again(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, chain: BlvmChain) -> None:
        assert await chain.place() == Place(node.chain.tip, 3) == Place(node.chain.tip, node.chain.height)

    play(tmp_path, story, restless=3)


def test_a_tip_that_never_stands_still(tmp_path: Path) -> None:
    async def story(_node: ScriptedBlvm, chain: BlvmChain) -> None:
        with pytest.raises(CallFailed, match="does not stand still"):
            await chain.place()

    play(tmp_path, story, restless=100)


def test_what_is_seen_at_a_height(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(node: ScriptedBlvm, chain: BlvmChain) -> None:
        node.mine(3)
        assert await chain.sight("n", 3) == Sight("n", node.chain.tip, 3)
        assert await chain.sight("n", 2) == Sight("n", node.chain.hash_at(2), 3)
        assert await chain.sight("n", 4) == Sight("n", None, 3)
        assert await chain.sight("n", 0) == Sight("n", GENESIS.hash(), 3)
        asked = node.calls["GetBlockHeader"]
        assert await chain.sight("n", 1) == Sight("n", node.chain.hash_at(1), 3)
        assert node.calls["GetBlockHeader"] == asked == 3  # headers are asked for once
        assert node.calls["GetBlockByHeight"] == 0
        monkeypatch.setattr(blvm_chain, "NEAR", 1)
        assert await chain.sight("n", 1) == Sight("n", node.chain.hash_at(1), 3)
        assert node.calls["GetBlockByHeight"] == 1

    play(tmp_path, story)


def test_who_looks_at_the_same_time_looks_together(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, chain: BlvmChain) -> None:
        node.mine(2)
        seen = await asyncio.gather(*(chain.sight("n", 2) for _ in range(40)))
        assert seen == [Sight("n", node.chain.tip, 2)] * 40
        assert node.calls["GetBlockHeight"] == 1
        node.mine()
        await asyncio.sleep(blvm_chain.GLANCE_SECONDS + 0.01)
        assert await chain.sight("n", 3) == Sight("n", node.chain.tip, 3)

    play(tmp_path, story)


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blvm_chain, "REMEMBERED", 4)

    async def story(node: ScriptedBlvm, chain: BlvmChain) -> None:
        node.mine(9)
        await chain.sight("n", 0)
        assert len(chain._headers) == 4

    play(tmp_path, story)


def test_what_a_node_cannot_mean(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, chain: BlvmChain) -> None:
        node.mine(2)
        with pytest.raises(CallFailed) as unknown:
            await chain.by_hash(BlockHash(b"\x22" * 32))
        with pytest.raises(CallFailed) as too_high:
            await chain.at_height(9)
        node.blocks[BlockHash(b"\x22" * 32)] = node.blocks[node.chain.tip]
        with pytest.raises(CallFailed, match="another block's header") as other:
            await chain.by_hash(BlockHash(b"\x22" * 32))
        assert {each.value.fault for each in (unknown, too_high, other)} == {Fault.ILLEGIBLE}

    play(tmp_path, story)
