"""A template provider behind the pool's port, over sockets on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.network import REGTEST
from sluice.node.provider import template_provider
from sluice.node.provider.link import Way
from sluice.node.provider.template_provider import ProviderSettings, TemplateProvider
from sluice.noise.authority import PoolUrl
from sluice.pool.ports import Answer, FoundBlock, Node, NodeError, Outcome, Sight, Trouble
from sluice.sv2.message import Message
from sluice.sv2.messages.common import Reconnect, SetupConnection, SetupConnectionError
from sluice.sv2.messages.templates import CoinbaseOutputConstraints, RequestTransactionData, SubmitSolution
from sluice.work.job import cut
from sluice.work.template import Template, tip_of
from support.noise import AUTHORITY
from support.provider import (
    ROOM,
    ScriptedProvider,
    at_once,
    future,
    providing,
    tip,
    usual,
)
from support.serving import run_on, until
from support.work import HEIGHT, NTIME, PAYOUT, spend, template

FULL = template(transactions=(spend(1), spend(2)))
NEXT = template(HEIGHT + 1)
PATIENCE = (0.01, 0.02)


def node_on(url: PoolUrl, told: list[Trouble] | None = None, **changes: Any) -> TemplateProvider:
    way = Way(url, plain=url.authority_key is None)
    settings = replace(ProviderSettings(way, ROOM, REGTEST, patience=PATIENCE), **changes)
    kept: list[Trouble] = [] if told is None else told
    return TemplateProvider(settings, kept.append, count(1))


Play = Callable[[ScriptedProvider, TemplateProvider, AsyncIterator[Template | Trouble]], Awaitable[None]]


def scene(play: Play, offered: Template = FULL, *, noise: bool = True, loop: str = "asyncio") -> None:
    """A provider, and a node on it that is watched."""

    async def scenario() -> None:
        async with providing(usual(offered), noise=noise) as provider:
            node = node_on(provider.url)
            assert await node.start() == REGTEST
            await play(provider, node, node.watch())
            await node.close()

    run_on(loop, scenario())


async def next_template(news: AsyncIterator[Template | Trouble]) -> Template:
    found = await anext(news)
    assert isinstance(found, Template), found
    return found


async def next_trouble(news: AsyncIterator[Template | Trouble]) -> str:
    found = await anext(news)
    assert isinstance(found, Trouble), found
    return found.reason


def block_on(offered: Template) -> FoundBlock:
    """A block on a template; nobody here asks for its proof of work."""
    job = cut(offered, PAYOUT, 1).on(tip_of(offered), NTIME)
    root = job.merkle_root(bytes(16))
    header = header_bytes(offered.version, offered.prev_hash, root, NTIME, offered.nbits, 7)
    coinbase = with_witness(job.coinbase(bytes(16)))
    parts = (offered.height, header, coinbase, offered.transactions, offered.template_id)
    return FoundBlock(sha256d(header), *parts, "alice", NTIME)


async def outcome(node: TemplateProvider, found: FoundBlock) -> Outcome:
    (route,) = node.routes
    assert (route.node, route.name) == ("template_provider", "SubmitSolution")
    return await route.submit(found)


# ── templates ──


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("noise", [True, False], ids=["Noise", "plain"])
def test_a_provider_is_a_node(noise: bool, loop: str) -> None:
    async def play(provider: ScriptedProvider, node: Node, news: AsyncIterator[Template | Trouble]) -> None:
        offered = await next_template(news)
        assert (offered.height, offered.transactions) == (HEIGHT, FULL.transactions)
        assert provider.of(CoinbaseOutputConstraints) == [CoinbaseOutputConstraints(31, 4)]
        provider.say(at_once(2, template()))
        assert (await next_template(news)).transactions == ()
        provider.say(future(3, NEXT), tip(3, NEXT))
        assert [(await next_template(news)).height] == [HEIGHT + 1]
        assert provider.of(RequestTransactionData) == [RequestTransactionData(1)]

    scene(play, noise=noise, loop=loop)


def test_where_nothing_comes_the_same_template_comes_again_with_a_later_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sluice.node.provider.link.TICK_SECONDS", 0.01)

    async def scenario() -> None:
        async with providing(usual(FULL)) as provider:
            node = node_on(provider.url, refresh_seconds=0.02)
            news = node.watch()
            first, again = await next_template(news), await next_template(news)
            assert replace(again, template_id=1, ntime=first.ntime) == first
            assert (again.template_id, len(provider.of(RequestTransactionData))) == (2, 1)
            await node.close()

    run_on("asyncio", scenario())


def test_our_numbers_are_of_one_counter_for_all_nodes() -> None:
    async def scenario() -> list[int]:
        async with providing(usual(FULL)) as provider:
            ids = count(41)
            settings = ProviderSettings(Way(provider.url), ROOM, REGTEST)
            told: list[Trouble] = []
            nodes = [TemplateProvider(settings, told.append, ids) for _ in range(2)]
            numbers = [(await next_template(node.watch())).template_id for node in nodes]
            for node in nodes:
                await node.close()
            return numbers

    assert run_on("asyncio", scenario()) == [41, 42]


# ── the beginning ──


def test_which_network_it_is_must_be_said() -> None:
    node = node_on(PoolUrl("127.0.0.1", 1, AUTHORITY), network=None)
    with pytest.raises(NodeError, match='set the node\'s network \\(network = "main"'):
        asyncio.run(node.start())


def test_it_waits_for_a_provider_that_is_not_there_yet() -> None:
    async def scenario() -> None:
        provider = ScriptedProvider(usual(FULL))
        await provider.listen()
        await provider.leave()
        told: list[Trouble] = []
        node = node_on(provider.url, told)
        async with asyncio.TaskGroup() as group:
            starting = group.create_task(node.start())
            await until(lambda: bool(told))
            await provider.listen()
            assert await starting == REGTEST
        (trouble,) = told
        assert trouble.reason.startswith(f"no template provider answers at 127.0.0.1:{provider.port} (")
        await node.close()
        await provider.leave()

    run_on("asyncio", scenario())


def refuse(message: Message) -> Sequence[Message]:
    return [SetupConnectionError(0, "unsupported-protocol")] if isinstance(message, SetupConnection) else []


@pytest.mark.parametrize(
    ("answers", "key", "complaint"),
    [
        (refuse, AUTHORITY, "refuses the connection: unsupported-protocol: correct the node's url"),
        (
            usual(FULL),
            bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
            "is not the",
        ),
    ],
    ids=["another protocol", "another key"],
)
def test_what_waiting_does_not_mend(answers: Any, key: bytes, complaint: str) -> None:
    async def scenario() -> None:
        async with providing(answers) as provider:
            with pytest.raises(NodeError, match=complaint):
                await node_on(replace(provider.url, authority_key=key)).start()

    run_on("asyncio", scenario())


# ── losing it ──


def test_a_lost_provider_is_trouble_and_another_connection() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        await next_template(news)
        await provider.leave()
        assert "the template provider at 127.0.0.1" in await next_trouble(news)
        assert "no template provider answers" in await next_trouble(news)
        assert await node.look(HEIGHT) is None
        await provider.listen()
        assert (await next_template(news)).height == HEIGHT
        assert len(provider.connections) == 2

    scene(play)


def test_a_provider_that_lies_is_left() -> None:
    async def play(provider: ScriptedProvider, _node: Any, news: AsyncIterator[Template | Trouble]) -> None:
        await next_template(news)
        provider.say(tip(99, NEXT))
        reason = await next_trouble(news)
        assert "says what cannot be (SetNewPrevHash for template 99, which it never sent)" in reason
        assert (await next_template(news)).height == HEIGHT

    scene(play)


def test_the_same_trouble_is_told_once() -> None:
    def lie(message: Message) -> Sequence[Message]:
        return [tip(9, FULL)] if isinstance(message, CoinbaseOutputConstraints) else usual(FULL)(message)

    async def scenario() -> None:
        async with providing(lie) as provider:
            node = node_on(provider.url)
            news = node.watch()
            assert "template 9" in await next_trouble(news)
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(next_template(news))
                await until(lambda: len(provider.connections) > 4)
                assert not waiting.done()
                provider.answers = usual(FULL)
                await waiting
            await node.close()

    run_on("asyncio", scenario())


def test_a_provider_that_sends_us_elsewhere() -> None:
    async def scenario() -> None:
        async with providing(usual(FULL)) as first, providing(usual(NEXT)) as second:
            node = node_on(first.url)
            news = node.watch()
            assert (await next_template(news)).height == HEIGHT
            first.say(Reconnect("", second.port))
            assert "asks to connect anew" in await next_trouble(news)
            assert (await next_template(news)).height == HEIGHT + 1
            second.cut()  # then it is where it belongs again
            await next_trouble(news)
            assert (await next_template(news)).height == HEIGHT
            await node.close()

    run_on("asyncio", scenario())


def test_without_a_key_nobody_can_send_us_elsewhere() -> None:
    async def scenario() -> None:
        async with (
            providing(usual(FULL), noise=False) as first,
            providing(usual(NEXT), noise=False) as second,
        ):
            node = node_on(first.url)
            news = node.watch()
            await next_template(news)
            first.say(Reconnect("", second.port))
            await next_trouble(news)
            assert (await next_template(news)).height == HEIGHT
            assert second.connections == []
            await node.close()

    run_on("asyncio", scenario())


def test_close_ends_the_watch() -> None:
    async def play(
        _provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        await next_template(news)
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(_rest(news))
            await asyncio.sleep(0)
            await node.close()
            assert await ending == []

    scene(play)


async def _rest(news: AsyncIterator[Template | Trouble]) -> list[Template | Trouble]:
    return [each async for each in news]


# ── blocks ──


def test_a_solution_is_accepted_when_it_is_the_providers_tip() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        found = block_on(await next_template(news))
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(outcome(node, found))
            watching = group.create_task(next_template(news))
            await until(lambda: bool(provider.of(SubmitSolution)))
            on_top = template(HEIGHT + 1, prev_hash=found.block_hash)
            provider.say(future(2, on_top), tip(2, on_top))
            assert (await submitting).answer is Answer.ACCEPTED
            assert (await watching).prev_hash == found.block_hash
        (solution,) = provider.of(SubmitSolution)
        assert (solution.template_id, solution.coinbase_tx) == (1, found.coinbase)
        assert await node.look(HEIGHT) == Sight("template_provider", found.block_hash, HEIGHT)
        # Asked again, it is known without another message.
        assert (await outcome(node, found)).answer is Answer.ACCEPTED
        assert len(provider.of(SubmitSolution)) == 1

    scene(play)


def test_without_a_tip_of_its_own_it_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_provider, "VERDICT_SECONDS", 0.05)

    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        answered = await outcome(node, block_on(await next_template(news)))
        assert answered.answer is Answer.INCONCLUSIVE
        assert answered.reason
        await until(lambda: bool(provider.of(SubmitSolution)))

    scene(play)


def test_a_block_that_lost_its_height_is_sent_once_and_holds_up_nobody() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        found = block_on(await next_template(news))
        provider.say(future(2, NEXT), tip(2, NEXT))
        await next_template(news)
        for _ in range(3):
            answered = await outcome(node, found)
            assert (answered.answer, "shows another block" in answered.reason) == (Answer.INCONCLUSIVE, True)
        await until(lambda: len(provider.of(SubmitSolution)) == 1)
        # While it waits for a verdict, the tip turns to another block.
        second = block_on(template(HEIGHT + 1))
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(outcome(node, second))
            watching = group.create_task(next_template(news))
            await until(lambda: len(provider.of(SubmitSolution)) == 2)
            provider.say(future(3, template(HEIGHT + 2)), tip(3, template(HEIGHT + 2)))
            assert (await submitting).answer is Answer.INCONCLUSIVE
            await watching

    scene(play)


def test_a_block_on_anybody_elses_template_is_unfit() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        await next_template(news)
        answered = await outcome(node, block_on(template(transactions=(spend(9),))))
        assert answered.answer is Answer.UNFIT
        assert provider.of(SubmitSolution) == []

    scene(play)


def test_without_a_connection_there_is_no_verdict() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        assert (await outcome(node, block_on(FULL))).answer is Answer.SILENT  # no template yet
        found = block_on(await next_template(news))
        await provider.leave()
        await next_trouble(news)
        assert (await outcome(node, found)).answer is Answer.SILENT
        # Another connection, and the same template under whatever number: it fits again.
        await provider.listen()
        while not isinstance(await anext(news), Template):
            pass
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(outcome(node, found))
            watching = group.create_task(next_template(news))
            await until(lambda: bool(provider.of(SubmitSolution)))
            on_top = template(HEIGHT + 1, prev_hash=found.block_hash)
            provider.say(future(2, on_top), tip(2, on_top))
            assert (await submitting).answer is Answer.ACCEPTED
            await watching

    scene(play)


def test_a_connection_that_ends_while_a_verdict_is_waited_for_gives_none() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        found = block_on(await next_template(news))
        async with asyncio.TaskGroup() as group:
            submitting = group.create_task(outcome(node, found))
            watching = group.create_task(next_trouble(news))
            await until(lambda: bool(provider.of(SubmitSolution)))
            provider.cut()
            assert (await submitting).answer is Answer.INCONCLUSIVE
            await watching

    scene(play)


# ── its chain ──


def test_what_can_be_known_of_its_chain() -> None:
    async def play(
        provider: ScriptedProvider, node: TemplateProvider, news: AsyncIterator[Template | Trouble]
    ) -> None:
        assert await node.look(HEIGHT) is None
        await next_template(news)
        below = Sight("template_provider", FULL.prev_hash, HEIGHT - 1)
        assert await node.look(HEIGHT - 1) == below
        assert await node.look(HEIGHT) == Sight("template_provider", None, HEIGHT - 1)
        assert await node.look(HEIGHT - 2) is None
        provider.say(future(2, NEXT), tip(2, NEXT))
        await next_template(news)
        assert await node.look(HEIGHT - 1) == replace(below, tip_height=HEIGHT)
        assert await node.look(HEIGHT) == Sight("template_provider", NEXT.prev_hash, HEIGHT)

    scene(play)
