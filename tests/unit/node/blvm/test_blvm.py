"""A blvm-node as the pool's node: what it is taken for, what it offers, and how it goes and comes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import fields, replace
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.blvm.connection import Identity
from sluice.blvm.events.chain import BlockTemplateUpdated
from sluice.node.bitcoind.rpc import Access
from sluice.node.blvm import blvm as adapter
from sluice.node.blvm.blvm import SUBSCRIBED, Blvm, BlvmSettings
from sluice.node.blvm.client import Attachment
from sluice.pool.ports import NodeError, Sight, Trouble
from sluice.work.template import Template
from support.blocks import found as mined
from support.found import whole
from support.scripted_blvm import CREDENTIALS, EVERYTHING, Quirks, ScriptedBlvm, serving_blvm
from support.serving import until

NAME = "blvm-stratum-v2"
NEVER = 3_600.0
SECONDS = 30
News = AsyncIterator[Template | Trouble]


def settings_of(node: ScriptedBlvm, *, rpc: bool = True) -> BlvmSettings:
    """Nothing comes by waiting: what is heard in these tests was told."""
    user, _, password = CREDENTIALS.partition(":")
    return BlvmSettings(
        Attachment(node.socket, Identity(NAME, NAME, "0.1.0"), subscribed=SUBSCRIBED),
        routes=("submitblock",) if rpc else ("QueueReceivedBlock",),
        access=Access(node.url, user, password) if rpc else None,
        refresh_seconds=NEVER,
        ask_seconds=NEVER,
        patience=(0.05,),
    )


def play(
    node: ScriptedBlvm,
    what: Callable[[Blvm, News], Awaitable[None]],
    *,
    rpc: bool = True,
    **changes: object,
) -> list[str]:
    """What is told while `what` happens to a watched node."""
    told: list[str] = []

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            settings = replace(settings_of(node, rpc=rpc), **changes)  # type: ignore[arg-type]
            blvm = Blvm(settings, lambda trouble: told.append(trouble.reason))
            try:
                assert await blvm.start() == REGTEST
                async with aclosing(blvm.watch()) as news:  # type: ignore[type-var]
                    await what(blvm, news)
            finally:
                await blvm.close()

    asyncio.run(run())
    return told


async def template(news: News) -> Template:
    each = await anext(news)
    assert isinstance(each, Template), each
    return each


def refusal(settings: BlvmSettings) -> str:
    async def run() -> str:
        blvm = Blvm(settings, lambda _: None)
        async with asyncio.timeout(SECONDS):
            with pytest.raises(NodeError) as caught:
                await blvm.start()
        await blvm.close()
        return str(caught.value)

    return asyncio.run(run())


async def submit(blvm: Blvm, template: Template) -> bool:
    (route,) = blvm.routes
    outcome = await route.submit(whole(mined(template), template.height))
    return outcome.accepted


# Templates


@pytest.mark.parametrize("version", ["0.1.13", "0.1.83"])
@pytest.mark.parametrize("rpc", [True, False])
def test_blocks_from_genesis_on(tmp_path: Path, version: str, rpc: bool) -> None:
    """Nothing has to be mined by hand on a fresh chain."""
    node = ScriptedBlvm(tmp_path, version=version)
    node.manifest[NAME] = EVERYTHING

    async def story(blvm: Blvm, news: News) -> None:
        for height in range(1, 5):
            each = await template(news)
            assert (each.height, each.prev_hash) == (height, node.chain.tip)
            assert await submit(blvm, each)
        assert node.chain.height == 4
        assert await blvm.look(4) == Sight("blvm", node.chain.tip, 4)
        assert await blvm.look(2) == Sight("blvm", node.chain.hash_at(2), 4)
        assert await blvm.look(5) == Sight("blvm", None, 4)

    play(node, story, rpc=rpc)


@pytest.mark.parametrize("rpc", [True, False])
def test_a_template_without_transactions_comes_first_and_then_the_nodes(tmp_path: Path, rpc: bool) -> None:
    node = ScriptedBlvm(tmp_path)
    node.manifest[NAME] = EVERYTHING
    node.with_witnesses = False
    node.spend(60)

    async def story(blvm: Blvm, news: News) -> None:
        empty, full = await template(news), await template(news)
        assert (empty.transactions, empty.fees) == ((), 0)
        assert full.transactions
        assert full.fees > 0
        assert full.coinbase_value == empty.coinbase_value + full.fees
        assert full.template_id > empty.template_id
        assert bool(full.coinbase_outputs) is rpc  # with witnesses over JSON-RPC alone
        assert await submit(blvm, full)
        assert (await template(news)).height == 2

    assert play(node, story, rpc=rpc) == []


@pytest.mark.parametrize(
    ("version", "rpc", "why"),
    [
        ("0.1.83", False, "need a witness"),
        ("0.1.13", False, "it would be block 0"),
        ("0.1.13", True, "not those that it names"),
    ],
)
def test_why_the_nodes_transactions_are_not_mined_is_told_once(
    tmp_path: Path, version: str, rpc: bool, why: str
) -> None:
    node = ScriptedBlvm(tmp_path, version=version)
    node.manifest[NAME] = EVERYTHING
    node.spend(40)

    async def story(blvm: Blvm, news: News) -> None:
        for _ in range(3):
            each = await template(news)
            assert not each.transactions
            await asyncio.sleep(0)
            assert blvm._filling is None or not blvm._filling.cancelled()
            waiting = asyncio.ensure_future(anext(news))
            await until(lambda: blvm._filling is not None and blvm._filling.done())
            node.mine()
            found = await waiting
            assert isinstance(found, Template)
            assert await submit(blvm, found)

    told = play(node, story, rpc=rpc)
    assert len(told) == 1
    assert why in told[0]


def test_transactions_for_a_tip_that_has_passed_are_not_offered(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path, Quirks(silent=True))
    node.spend(20)

    async def story(blvm: Blvm, news: News) -> None:
        await template(news)
        full = await template(news)
        assert full.transactions
        node.mine()
        blvm._offer = full  # it has come at the very moment
        assert (await template(news)).height == 2

    play(node, story, ask_seconds=0.05)


def test_a_node_that_says_that_its_template_is_new_is_asked_for_it(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    node.with_witnesses = False

    async def story(blvm: Blvm, news: News) -> None:
        assert not (await template(news)).transactions
        waiting = asyncio.ensure_future(anext(news))
        await until(lambda: blvm._filling is not None and blvm._filling.done())
        node.spend(60)
        node.say(BlockTemplateUpdated(node.chain.tip, 1, 60))
        full = await waiting
        assert isinstance(full, Template)
        assert full.transactions

    play(node, story, rpc=False)


def test_who_does_not_want_them_does_not_ask(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    node.spend(40)

    async def story(blvm: Blvm, news: News) -> None:
        assert await submit(blvm, await template(news))
        assert not (await template(news)).transactions
        assert node.calls["getblocktemplate"] == 0

    play(node, story, full=False)


def test_a_fresh_template_now_and_then(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(_blvm: Blvm, news: News) -> None:
        first, second = await template(news), await template(news)
        assert (first.prev_hash, first.template_id) == (second.prev_hash, second.template_id - 1)

    play(node, story, refresh_seconds=0.05, full=False)


def test_what_was_full_stays_so(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    node.spend(30)

    async def story(_blvm: Blvm, news: News) -> None:
        assert not (await template(news)).transactions
        for _ in range(4):
            assert (await template(news)).transactions

    play(node, story, refresh_seconds=0.05)


SWITCHES = [field.name for field in fields(Quirks) if isinstance(getattr(Quirks(), field.name), bool)]


@pytest.mark.parametrize("on", [True, False], ids=["alone", "all but"])
@pytest.mark.parametrize("name", SWITCHES)
def test_blocks_with_each_quirk_alone_and_with_all_but_that(tmp_path: Path, name: str, on: bool) -> None:
    node = ScriptedBlvm(tmp_path, Quirks(**{each: (each == name) is on for each in SWITCHES}))
    node.manifest[NAME] = EVERYTHING
    node.spend(10)

    async def story(blvm: Blvm, news: News) -> None:
        while node.chain.height < 2:
            each = await anext(news)
            if isinstance(each, Template) and each.height == node.chain.height + 1:
                await submit(blvm, each)
        assert not node.dead

    play(node, story, rpc=True, ask_seconds=0.1)


# News


@pytest.mark.parametrize("silent", [False, True], ids=["events", "polling alone"])
def test_a_block_of_somebody_elses(tmp_path: Path, silent: bool) -> None:
    node = ScriptedBlvm(tmp_path, Quirks(silent=silent))

    async def story(_blvm: Blvm, news: News) -> None:
        await template(news)
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        node.mine(2)
        each = await waiting
        assert isinstance(each, Template)
        assert (each.height, each.prev_hash) == (3, node.chain.tip)

    play(node, story, full=False, ask_seconds=0.05 if silent else NEVER)


def test_a_node_that_shuts_down_says_so_and_is_waited_for(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(_blvm: Blvm, news: News) -> None:
        await template(news)
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0.05)
        await node.stop("SIGTERM")
        trouble = await waiting
        assert isinstance(trouble, Trouble)
        assert trouble.reason == "the node is shutting down (SIGTERM): it is waited for"
        gone = await anext(news)
        assert isinstance(gone, Trouble)
        assert "nobody answers at" in gone.reason
        await node.start()
        assert (await template(news)).height == 1

    play(node, story, full=False)


def test_a_node_that_is_back_before_anybody_noticed_is_mined_on(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(blvm: Blvm, news: News) -> None:
        await template(news)
        await node.stop("SIGTERM")
        await node.start()
        for _ in range(1_000):  # as a found block does, which meets the new node first
            if await blvm.look(0) is not None:
                break
            await asyncio.sleep(0.01)
        node.mine(1)
        assert (await template(news)).height == 2

    play(node, story, full=False)


def test_a_node_that_is_killed_is_told_once(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(_blvm: Blvm, news: News) -> None:
        await template(news)
        await node.stop()
        told = [await anext(news)]
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0.3)
        while not waiting.done() or isinstance(waiting.result(), Trouble):
            if waiting.done():
                told.append(waiting.result())
                waiting = asyncio.ensure_future(anext(news))
            if len(told) <= 2 and not node.calls["restarted"]:
                node.calls["restarted"] += 1
                await node.start()
            await asyncio.sleep(0.02)
        assert len(told) <= 2  # that it closed, and that nobody answers

    play(node, story, full=False, ask_seconds=0.05)


def test_look_cannot_tell_when_nobody_answers(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(blvm: Blvm, _news: News) -> None:
        await node.stop()
        assert await blvm.look(1) is None

    play(node, story)


def test_a_watch_ends_when_the_node_is_let_go(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(blvm: Blvm, news: News) -> None:
        await template(news)
        await blvm.close()
        with pytest.raises(StopAsyncIteration):
            await anext(news)

    play(node, story)


# Meeting it


def test_a_node_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    told: list[str] = []

    async def run() -> None:
        blvm = Blvm(
            replace(settings_of(node, rpc=False), patience=(0.02,)), lambda each: told.append(each.reason)
        )
        async with asyncio.timeout(SECONDS):
            starting = asyncio.create_task(blvm.start())
            await until(lambda: bool(told))
            async with serving_blvm(node):
                assert await starting == REGTEST
                await blvm.close()

    asyncio.run(run())
    assert len(told) == 1
    assert "start the node with [modules] enabled, or correct node.socket" in told[0]


def test_a_node_that_serves_another_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """B1, B2: told with the way out, and never given up in a way that would hurt the node (B3)."""
    monkeypatch.setattr(adapter, "MEET_SECONDS", 0.1)
    node = ScriptedBlvm(tmp_path)
    told: list[str] = []

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            blvm = Blvm(settings_of(node, rpc=False), lambda each: told.append(each.reason))
            async with node.occupied():
                starting = asyncio.create_task(blvm.start())
                await asyncio.sleep(0.5)
            assert await starting == REGTEST
            assert (node.connections, node.dead) == (2, False)
            await blvm.close()

    asyncio.run(run())
    assert len(told) == 1
    assert "it serves one module at a time" in told[0]


def serving_refusal(node: ScriptedBlvm, **changes: object) -> str:
    async def run() -> str:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            blvm = Blvm(replace(settings_of(node), **changes), lambda _: None)  # type: ignore[arg-type]
            with pytest.raises(NodeError) as caught:
                await blvm.start()
            await blvm.close()
            return str(caught.value)

    return asyncio.run(run())


def test_another_network_than_wanted(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    assert "is on regtest, and mainnet is wanted" in serving_refusal(node, network=MAINNET)


def test_an_unknown_chain(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    node.blocks = {}
    told: list[str] = []

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            blvm = Blvm(settings_of(node), lambda each: told.append(each.reason))
            starting = asyncio.create_task(blvm.start())
            await until(lambda: bool(told))
            starting.cancel()
            await blvm.close()

    asyncio.run(run())
    assert "has no network's first block" in told[0]


def test_wrong_credentials(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def run() -> str:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            wrong = replace(settings_of(node), access=Access(node.url, "someone", "wrong"))
            blvm = Blvm(wrong, lambda _: None)
            with pytest.raises(NodeError) as caught:
                await blvm.start()
            await blvm.close()
            return str(caught.value)

    assert "does not accept user 'someone'" in asyncio.run(run())


def test_json_rpc_of_another_node(tmp_path: Path) -> None:
    node, other = ScriptedBlvm(tmp_path), ScriptedBlvm(tmp_path)
    other.chain._known = {BlockHash(b"\x22" * 32): 0}

    async def run() -> str:
        async with serving_blvm(other):
            url = other.url
            async with serving_blvm(node), asyncio.timeout(SECONDS):
                user, _, password = CREDENTIALS.partition(":")
                blvm = Blvm(replace(settings_of(node), access=Access(url, user, password)), lambda _: None)
                with pytest.raises(NodeError) as caught:
                    await blvm.start()
                await blvm.close()
                return str(caught.value)

    assert "is on another network than the node at" in asyncio.run(run())


def test_a_socket_that_is_not_ours_to_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may open any, so the system's word is put into its mouth."""
    import socket

    class Forbidden(socket.socket):
        def connect(self, _address: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", Forbidden)
    reason = refusal(settings_of(ScriptedBlvm(tmp_path), rpc=False))
    assert "run Sluice as the node's user" in reason
