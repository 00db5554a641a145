"""Template providers and their clients among peers that keep the wire's rules and no others, over real sockets.

Frames are whole and sealed as they should be; what is in them is not.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from itertools import count
from os import urandom

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.node.provider.link import Way
from sluice.node.provider.template_provider import ProviderSettings, TemplateProvider
from sluice.noise.authority import PoolUrl
from sluice.noise.handshake import Initiator
from sluice.pool.events import Happening
from sluice.pool.ports import Trouble
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.templates import TemplatePlan, serve_templates
from sluice.sv2.frame import frame
from sluice.sv2.message import declared_in
from sluice.sv2.messages import common, extensions, jobs, mining, templates
from sluice.sv2.messages.templates import (
    CoinbaseOutputConstraints,
    RequestTransactionData,
    SubmitSolution,
)
from sluice.sv2.sealing import seal_frame
from sluice.tdp.desk import DeskPolicy
from sluice.tdp.events import ClientLeft
from sluice.work.template import Template
from support.messages import example
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY
from support.provider import ROOM, providing, tip, usual
from support.serving import Puppet, run_on
from support.wire import any_frame, setup
from support.work import EASY_NBITS, HEIGHT, spend, template

FIRST = template(nbits=EASY_NBITS, transactions=(spend(1), spend(2)))
NEXT = template(HEIGHT + 1, nbits=EASY_NBITS)
CHAPTERS = (common, mining, jobs, templates, extensions)
EVERY = [cls for chapter in CHAPTERS for cls in declared_in(chapter)]


def bad_bodies() -> list[bytes]:
    """For each message of each chapter: nothing, noise, too short, a lie about its length; from one seed."""
    noise = random.Random(7)
    frames = []
    for cls in EVERY:
        good = frame(example(cls))[6:]
        bodies = [b"", noise.randbytes(40), good[: len(good) // 2], b"\xff" * 300]
        frames += [any_frame(cls.code, body) for body in bodies]
    return frames


async def next_template(news: AsyncIterator[Template | Trouble]) -> Template:
    found = await anext(news)
    assert isinstance(found, Template), found
    return found


def client_at(url: Way, patience: tuple[float, ...] = (0.01,)) -> TemplateProvider:
    troubles: list[Trouble] = []
    return TemplateProvider(
        ProviderSettings(url, ROOM, REGTEST, patience=patience), troubles.append, count(1)
    )


class Rogue:
    """A client that knows the wire and says what it wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def shake(self) -> "Rogue":
        initiator = Initiator(AUTHORITY, int(time.time()), urandom(32), urandom(32))
        self.writer.write(initiator.act_1())
        self.seal = initiator.act_2(await self.reader.readexactly(234)).send.seal
        return self

    async def set_up(self) -> "Rogue":
        """As far as templates flow."""
        self.say(frame(setup(2)))
        await self.reader.readexactly(22 + 22)  # SetupConnection.Success under Noise
        return self

    def say(self, *frames: bytes) -> None:
        for packed in frames:
            self.writer.writelines(seal_frame(packed, self.seal))

    async def closed(self) -> None:
        """Returns when the other end has closed."""
        try:
            while await self.reader.read(65_536):
                pass
        except ConnectionResetError:
            pass
        self.writer.close()


async def rogue_at(port: int) -> Rogue:
    return await Rogue(*await asyncio.open_connection("127.0.0.1", port)).shake()


def test_a_provider_and_clients_that_say_anything(caplog: pytest.LogCaptureFixture) -> None:
    """Each of hundreds of rogues is alone with what it did; the one honest client never notices."""

    async def scenario() -> None:
        node, stop, told = Puppet(), asyncio.Event(), list[Happening]()
        node.news.put_nowait(FIRST)
        credentials = Credentials(AUTHORITY_SECRET, DAY, unix_time(), urandom)
        limits = Limits(max_connections=8, drain_seconds=0.1)
        plan = TemplatePlan(node, REGTEST, DeskPolicy(1, 0.0), limits, credentials, "127.0.0.1", 0)
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_templates(plan, told.append, ready.set_result, stop))
            port = await ready
            honest = client_at(Way(PoolUrl("127.0.0.1", port, AUTHORITY)))
            news = honest.watch()
            await next_template(news)
            for opening in (
                (),
                (frame(setup(2)),),
                (frame(setup(2)), frame(CoinbaseOutputConstraints(0, 0))),
            ):
                for bad in bad_bodies():
                    rogue = await rogue_at(port)
                    rogue.say(*opening, bad, frame(RequestTransactionData(1)))
                    rogue.writer.write_eof()
                    await rogue.closed()
            node.news.put_nowait(NEXT)
            assert (await next_template(news)).height == HEIGHT + 1
            await honest.close()
            stop.set()
        assert node.blocks == []

    run_on("uvloop", scenario())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_clients_that_ask_for_everything_at_once_are_sent_away(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        node, stop, told = Puppet(), asyncio.Event(), list[Happening]()
        node.news.put_nowait(FIRST)
        credentials = Credentials(AUTHORITY_SECRET, DAY, unix_time(), urandom)
        plan = TemplatePlan(
            node, REGTEST, DeskPolicy(1, 0.0), Limits(drain_seconds=0.1), credentials, "127.0.0.1", 0
        )
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_templates(plan, told.append, ready.set_result, stop))
            rogue = await (await rogue_at(await ready)).set_up()
            rogue.say(frame(CoinbaseOutputConstraints(0, 0)))
            rogue.say(*[frame(RequestTransactionData(1)), frame(SubmitSolution(1, 0, 0, 0, b"x"))] * 2_000)
            await rogue.closed()
            stop.set()
        assert [event.reason for event in told if isinstance(event, ClientLeft)] == ["too many requests"]

    run_on("uvloop", scenario())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_client_and_a_provider_that_says_anything() -> None:
    """Whatever it says, it is left, and it is worth another try; what it said before counts."""

    async def scenario() -> None:
        async with providing(usual(FIRST)) as provider:
            node = client_at(Way(provider.url))
            news = node.watch()
            await next_template(news)
            provider.say(tip(77, NEXT))
            for bad in bad_bodies():
                found = await anext(news)
                while not isinstance(found, Template):
                    found = await anext(news)
                connection, writer = provider.connections[-1], provider.writers[-1]
                assert connection._seal is not None
                writer.writelines(seal_frame(bad, connection._seal))
                writer.write_eof()
            assert len(provider.connections) > 100
            await node.close()

    run_on("uvloop", scenario())
