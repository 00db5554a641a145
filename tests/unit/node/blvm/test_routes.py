"""How a blvm-node is given blocks, and what its answers are worth."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sluice.bitcoin.block import Block
from sluice.blvm import structures as s
from sluice.blvm.connection import Identity
from sluice.node.bitcoind.rpc import Access
from sluice.node.blvm import routes as blvm_routes
from sluice.node.blvm.blvm import SUBSCRIBED, Blvm, BlvmSettings
from sluice.node.blvm.chain import GLANCE_SECONDS
from sluice.node.blvm.client import Attachment
from sluice.node.blvm.routes import WAYS, block_of
from sluice.pool.ports import Answer, FoundBlock, Outcome, Trouble
from support.blocks import found as mined
from support.found import as_found, whole
from support.scripted_blvm import CREDENTIALS, EVERYTHING, Quirks, ScriptedBlvm, serving_blvm
from support.scripted_node import ScriptedNode, error, scripted

NAME = "blvm-stratum-v2"
NEWEST, OLD = "0.1.83", "0.1.40"
Story = Callable[[ScriptedBlvm, Blvm], Awaitable[None]]


def play(
    path: Path, what: Story, quirks: Quirks | None = None, *, password: str = "", rpc: bool = True
) -> None:
    async def run() -> None:
        node = ScriptedBlvm(path, quirks)
        async with serving_blvm(node), asyncio.timeout(30):
            user, _, real = CREDENTIALS.partition(":")
            attachment = Attachment(node.socket, Identity(NAME, NAME, "1"), subscribed=SUBSCRIBED)
            access = Access(node.url, user, password or real) if rpc else None
            blvm = Blvm(BlvmSettings(attachment, tuple(WAYS), access), _unheard)
            try:
                await what(node, blvm)
            finally:
                await blvm.close()

    asyncio.run(run())


def _unheard(trouble: Trouble) -> None:
    raise AssertionError(trouble)


def next_block(node: ScriptedBlvm, extranonce: int = 0) -> FoundBlock:
    template = node.chain.template(0, 0)
    return whole(mined(template, extranonce), template.height)


async def submitted(blvm: Blvm, name: str, block: FoundBlock) -> tuple[Answer, str]:
    (route,) = (each for each in blvm.routes if each.name == name)
    outcome = await route.submit(block)
    assert isinstance(outcome, Outcome)
    assert (outcome.node, outcome.route) == ("blvm", name)
    return outcome.answer, outcome.reason


@pytest.mark.parametrize("queued", [False, True], ids=[NEWEST, OLD])
def test_submitblock_is_accepted_when_the_chain_shows_it(tmp_path: Path, queued: bool) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        block = next_block(node)
        assert await submitted(blvm, "submitblock", block) == (Answer.ACCEPTED, "")
        assert node.chain.tip == block.block_hash

    play(tmp_path, story, Quirks(null_means_queued=queued, slow_validation=0.05))


def test_again_it_is_a_duplicate(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        block = next_block(node)
        await submitted(blvm, "submitblock", block)
        answer = await submitted(blvm, "submitblock", block)
        assert answer == (Answer.DUPLICATE, "block header is already stored")

    play(tmp_path, story)


def test_null_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sibling of the tip is stored and answered with null, too."""
    monkeypatch.setattr(blvm_routes, "VERDICT_SECONDS", 0.1)

    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        sibling = next_block(node, extranonce=1)
        node.mine()
        assert await submitted(blvm, "submitblock", sibling) == (Answer.INCONCLUSIVE, blvm_routes.RIVAL)

    play(tmp_path, story)


def test_a_queue_that_takes_its_time_is_inconclusive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blvm_routes, "VERDICT_SECONDS", 0.1)

    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        answer = await submitted(blvm, "submitblock", next_block(node))
        assert answer == (Answer.INCONCLUSIVE, blvm_routes.STORED)

    play(tmp_path, story, Quirks(null_means_queued=True, slow_validation=5))


def test_refusals_have_the_nodes_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blvm_routes, "VERDICT_SECONDS", 0.1)

    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        block = next_block(node)
        torn = as_found(block.raw[:-1], block.height)
        answer, reason = await submitted(blvm, "submitblock", torn)
        assert answer is Answer.REFUSED
        assert reason.startswith("Failed to deserialize block")
        foreign = as_found(block.raw[:4] + b"\x77" * 32 + block.raw[36:], block.height)
        assert await submitted(blvm, "submitblock", foreign) == (
            Answer.INCONCLUSIVE,
            "prev_block_hash is not a stored header",
        )

    play(tmp_path, story)


def test_wrong_credentials_are_no_verdict(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        answer, reason = await submitted(blvm, "submitblock", next_block(node))
        assert (answer, reason) == (Answer.SILENT, "HTTP 401")

    play(tmp_path, story, password="another")


def test_without_json_rpc_that_way_is_unfit(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        answer, _ = await submitted(blvm, "submitblock", next_block(node))
        assert answer is Answer.UNFIT

    play(tmp_path, story, rpc=False)


def test_a_node_that_is_gone_is_no_verdict(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        block = next_block(node)
        await node.stop()
        for name in WAYS:
            assert (await submitted(blvm, name, block))[0] is Answer.SILENT

    play(tmp_path, story)


def test_the_queue_is_accepted_when_the_chain_shows_it(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        node.manifest[NAME] = EVERYTHING
        block = next_block(node)
        assert await submitted(blvm, "QueueReceivedBlock", block) == (Answer.ACCEPTED, "")
        assert node.chain.tip == block.block_hash

    play(tmp_path, story, Quirks(slow_validation=0.1))


def test_what_the_queue_found_invalid_is_told_by_an_event(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        node.manifest[NAME] = EVERYTHING
        block = next_block(node)
        broken = as_found(block.raw[:4] + b"\x77" * 32 + block.raw[36:], block.height)
        answer, reason = await submitted(blvm, "QueueReceivedBlock", broken)
        assert answer is Answer.REFUSED
        assert reason in ("high-hash", "prev-blk-not-found")

    play(tmp_path, story, Quirks(slow_validation=0.1))


def test_without_the_permission_the_queue_costs_a_connection_once(tmp_path: Path) -> None:
    """B4, B5."""

    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        first, second = [await submitted(blvm, "QueueReceivedBlock", next_block(node)) for _ in range(2)]
        assert first[0] is Answer.SILENT
        assert "instead of an answer" in first[1]
        assert second == (Answer.SILENT, "the node closed the connection when it was asked that")
        assert node.calls["QueueReceivedBlock"] == 1

    play(tmp_path, story)


def test_a_node_that_starts_anew_is_asked_anew(tmp_path: Path) -> None:
    """It may permit now what it did not before, and a block is worth asking for."""

    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        block = next_block(node)
        assert (await submitted(blvm, "QueueReceivedBlock", block))[0] is Answer.SILENT
        await blvm.look(0)
        await node.stop()
        await asyncio.sleep(GLANCE_SECONDS)
        for _ in range(2):
            assert await blvm.look(0) is None
        node.manifest[NAME] = EVERYTHING
        await node.start()
        assert await submitted(blvm, "QueueReceivedBlock", block) == (Answer.ACCEPTED, "")

    play(tmp_path, story)


def test_what_a_repaired_node_declines_is_no_word_about_the_block(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        answer = await submitted(blvm, "QueueReceivedBlock", next_block(node))
        assert answer == (Answer.SILENT, "permission denied")

    play(tmp_path, story, Quirks(hangs_up=False))


@pytest.mark.parametrize("broken", [True, False])
def test_submit_block_works_on_a_repaired_node_alone(tmp_path: Path, broken: bool) -> None:
    """B6. Its blocks have no witnesses, so neither may these."""

    async def story(node: ScriptedBlvm, blvm: Blvm) -> None:
        node.manifest[NAME] = EVERYTHING
        template = node.chain.template(0, 0)
        bare = type(template)(
            **{name: getattr(template, name) for name in template.__slots__} | {"coinbase_outputs": ()}
        )
        block = whole(mined(bare), bare.height)
        if broken:
            assert (await submitted(blvm, "SubmitBlock", block))[0] is Answer.SILENT
            assert node.chain.height == 0
            return
        assert await submitted(blvm, "SubmitBlock", block) == (Answer.ACCEPTED, "")
        assert await submitted(blvm, "SubmitBlock", block) == (Answer.DUPLICATE, "duplicate")
        answer, reason = await submitted(blvm, "SubmitBlock", whole(mined(bare, 1), bare.height))
        assert (answer, reason) == (Answer.REFUSED, "inconclusive")

    play(tmp_path, story, Quirks(no_submit_block=broken))


def test_a_block_in_the_form_of_the_module_api(tmp_path: Path) -> None:
    raw = mined(ScriptedBlvm(tmp_path).chain.template(0, 0))
    block, told = Block.parse(raw), block_of(raw)
    assert told.header.prev_block_hash == block.header.prev_hash
    assert told.header.nonce == block.header.nonce
    assert [each.lock_time for each in told.transactions] == [each.locktime for each in block.transactions]
    assert told.transactions[0].inputs[0].prevout == s.OutPoint(bytes(32), 0xFFFFFFFF)


def test_a_node_that_has_had_too_many_calls_has_said_nothing_about_the_block(tmp_path: Path) -> None:
    busy = ScriptedNode(submitblock=error(429, "User rate limit exceeded"))

    async def run() -> tuple[Answer, str]:
        node = ScriptedBlvm(tmp_path)
        async with serving_blvm(node), scripted(busy), asyncio.timeout(30):
            attachment = Attachment(node.socket, Identity(NAME, NAME, "1"), subscribed=SUBSCRIBED)
            blvm = Blvm(BlvmSettings(attachment, tuple(WAYS), Access(busy.url, "u")), _unheard)
            try:
                return await submitted(blvm, "submitblock", next_block(node))
            finally:
                await blvm.close()

    assert asyncio.run(run()) == (Answer.SILENT, "User rate limit exceeded")
