"""A running template provider in this process, and our own client of it, on both loops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from os import urandom

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.node.provider.link import Way
from sluice.node.provider.template_provider import ProviderSettings, TemplateProvider
from sluice.noise.authority import PoolUrl
from sluice.pool.events import BlockAccepted, BlockFound, Happening, NodeTroubled, TurnedAway
from sluice.pool.ports import Answer, FoundBlock, Route, Trouble
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.listener import ListenError
from sluice.server.templates import TemplatePlan, serve_templates
from sluice.tdp.desk import DeskPolicy
from sluice.tdp.events import ClientArrived, ClientLeft
from sluice.work.template import Template
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY
from support.provider import ROOM
from support.serving import H, Puppet, run_on, until
from support.solutions import mined
from support.work import EASY_NBITS, HEIGHT, spend, template

FIRST = template(nbits=EASY_NBITS, transactions=(spend(1), spend(2)))
both_loops = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


@dataclass
class Provider:
    """A template provider that runs; what it told is in `told`."""

    url: PoolUrl
    node: Puppet
    told: list[Happening] = field(default_factory=list)

    def events(self, kind: type[H]) -> list[H]:
        return [event for event in self.told if isinstance(event, kind)]


def plan(node: Puppet, *, noise: bool = True, limits: Limits | None = None, port: int = 0) -> TemplatePlan:
    credentials = Credentials(AUTHORITY_SECRET, DAY, unix_time(), urandom) if noise else None
    return TemplatePlan(
        node,
        REGTEST,
        DeskPolicy(fee_growth=1, pause=0.0),
        limits or Limits(drain_seconds=0.2),
        credentials,
        "127.0.0.1",
        port,
    )


@asynccontextmanager
async def providing(*, noise: bool = True, limits: Limits | None = None) -> AsyncIterator[Provider]:
    """A provider on a puppet with a first template; told to stop, and waited for, at the end."""
    node, stop, told = Puppet(), asyncio.Event(), list[Happening]()
    node.news.put_nowait(FIRST)
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            serve_templates(plan(node, noise=noise, limits=limits), told.append, ready.set_result, stop)
        )
        try:
            yield Provider(PoolUrl("127.0.0.1", await ready, AUTHORITY if noise else None), node, told)
        finally:
            stop.set()
    assert node.closed


@asynccontextmanager
async def client_of(
    provider: Provider,
) -> AsyncIterator[tuple[TemplateProvider, AsyncIterator[Template | Trouble]]]:
    troubles: list[Trouble] = []
    way = Way(provider.url, plain=provider.url.authority_key is None)
    node = TemplateProvider(ProviderSettings(way, ROOM, REGTEST, patience=(0.01,)), troubles.append, count(1))
    assert await node.start() == REGTEST
    try:
        yield node, node.watch()
    finally:
        await node.close()
        assert troubles == []


async def answer_of(route: Route, found: FoundBlock) -> Answer:
    return (await route.submit(found)).answer


async def next_template(news: AsyncIterator[Template | Trouble]) -> Template:
    found = await anext(news)
    assert isinstance(found, Template), found
    return found


@both_loops
@pytest.mark.parametrize("noise", [True, False], ids=["Noise", "plain"])
def test_from_a_nodes_template_to_a_clients_block(loop: str, noise: bool) -> None:
    async def scenario() -> None:
        async with providing(noise=noise) as provider, client_of(provider) as (client, news):
            offered = await next_template(news)
            assert offered.transactions == FIRST.transactions
            found = mined(offered)
            (route,) = client.routes
            async with asyncio.TaskGroup() as group:
                submitting = group.create_task(answer_of(route, found))
                watching = group.create_task(next_template(news))
                await until(lambda: bool(provider.node.blocks))
                on_top = template(HEIGHT + 1, prev_hash=found.block_hash, nbits=EASY_NBITS)
                provider.node.news.put_nowait(on_top)
                assert await submitting is Answer.ACCEPTED
                assert (await watching).prev_hash == found.block_hash
            assert [block.raw for block in provider.node.blocks] == [found.raw]
            await until(lambda: bool(provider.events(BlockAccepted)))
        (told,) = provider.events(BlockFound)
        assert told.user.startswith("Sluice at 127.0.0.1:")
        assert len(provider.events(ClientArrived)) == 1
        assert len(provider.events(ClientLeft)) == 1

    run_on(loop, scenario())


def test_clients_keep_what_they_have_while_the_node_is_away() -> None:
    async def scenario() -> None:
        async with providing() as provider, client_of(provider) as (_, news):
            await next_template(news)
            provider.node.news.put_nowait(Trouble("puppet", "it sleeps"))
            await until(lambda: bool(provider.events(NodeTroubled)))
            better = template(nbits=EASY_NBITS, transactions=(spend(1), spend(2), spend(3)))
            provider.node.news.put_nowait(better)
            assert (await next_template(news)).transactions == better.transactions

    run_on("asyncio", scenario())


def test_a_whole_block_of_transactions_passes() -> None:
    heavy = tuple(spend(number) for number in range(1, 4_000))
    large = template(HEIGHT + 1, nbits=EASY_NBITS, transactions=heavy)

    async def scenario() -> None:
        async with providing() as provider, client_of(provider) as (_, news):
            await next_template(news)
            provider.node.news.put_nowait(large)
            assert (await next_template(news)).transactions == ()  # the empty one that was ahead
            assert (await next_template(news)).transactions == large.transactions

    run_on("uvloop", scenario())


def test_there_are_only_so_many_clients() -> None:
    async def scenario() -> None:
        limits = Limits(max_connections=1, drain_seconds=0.2)
        async with providing(limits=limits) as provider, client_of(provider) as (_, news):
            await next_template(news)
            reader, writer = await asyncio.open_connection("127.0.0.1", provider.url.port)
            assert await reader.read() == b""
            writer.close()
            await until(lambda: bool(provider.events(TurnedAway)))

    run_on("asyncio", scenario())


def test_garbage_without_encryption_is_the_senders_alone() -> None:
    async def scenario() -> None:
        async with providing(noise=False) as provider, client_of(provider) as (_, news):
            await next_template(news)
            for garbage in (b"GET / HTTP/1.1\r\n\r\n", bytes(2_000), b"\xff" * 100):
                reader, writer = await asyncio.open_connection("127.0.0.1", provider.url.port)
                writer.write(garbage)
                writer.write_eof()
                assert await reader.read() == b""
                writer.close()
            provider.node.news.put_nowait(template(HEIGHT + 1))
            assert (await next_template(news)).height == HEIGHT + 1

    run_on("asyncio", scenario())


def test_a_port_that_cannot_be_had_names_the_flag() -> None:
    async def scenario() -> str:
        async with providing() as provider:
            with pytest.raises(ListenError) as error:
                told: list[Happening] = []
                await serve_templates(
                    plan(Puppet(), port=provider.url.port), told.append, print, asyncio.Event()
                )
            return str(error.value)

    assert "choose another port with --templates-listen" in run_on("asyncio", scenario())
