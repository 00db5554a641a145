"""One connection to a provider, and every way for it to end."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import pytest

from sluice.node.provider import link as provider_link
from sluice.node.provider.link import Link, LinkLost, Way
from sluice.noise.authority import PoolUrl
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.templates import CoinbaseOutputConstraints, RequestTransactionData, SubmitSolution
from sluice.tdp.client import TemplateClient
from sluice.tdp.memory import Memory
from sluice.work.template import Template
from support.noise import AUTHORITY
from support.provider import PLAN, ScriptedProvider, providing, usual
from support.serving import run_on, until
from support.work import spend, template

FULL = template(transactions=(spend(1),))
SOLUTION = SubmitSolution(1, 0, 0, 0, b"")


def link_to(url: PoolUrl, *, plain: bool = False) -> Link:
    return Link(Way(url, plain), TemplateClient(PLAN, Memory(), count(1).__next__))


async def lost(link: Link) -> LinkLost:
    """How it ends."""
    try:
        await link.open()
        while True:
            await link.hear()
    except LinkLost as end:
        return end
    finally:
        await link.close()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def end_with(serve: Serve, *, plain: bool = False) -> LinkLost:
    """How a connection ends with a server that does this."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        return await lost(link_to(PoolUrl("127.0.0.1", port, None if plain else AUTHORITY), plain=plain))


def test_from_the_first_message_to_a_template() -> None:
    async def scenario() -> None:
        async with providing(usual(FULL)) as provider:
            link = link_to(provider.url)
            assert not link.send(SOLUTION)  # nobody listens yet
            await link.open()
            heard: list[Template] = []
            while not heard:
                heard = await link.hear()
            assert heard[0].transactions == FULL.transactions
            assert link.news.is_set()
            assert link.send(SOLUTION)
            await until(lambda: provider.of(SubmitSolution) == [SOLUTION])
            await link.close()
            assert not link.send(SOLUTION)

    run_on("asyncio", scenario())


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid", "x" * 70])
def test_nobody_is_there(host: str) -> None:
    async def scenario() -> LinkLost:
        return await lost(link_to(PoolUrl(host, 1, AUTHORITY)))

    end = run_on("asyncio", scenario())
    assert re.match(
        r"no template provider answers at .*:1 \(.+\): start it, or correct the node's url", str(end)
    )
    assert not end.stops


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(64)


async def _babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(bytes(1_000))
    await reader.read()


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def test_who_hangs_up_in_the_handshake_may_be_there_later() -> None:
    end = asyncio.run(end_with(_hang_up))
    assert not end.stops
    assert "it is tried again" in end.reason


def test_who_speaks_otherwise_is_not_who_is_wanted() -> None:
    end = asyncio.run(end_with(_babble))
    assert end.stops
    assert "is not the provider that is wanted" in end.reason
    # Without encryption a strange message is only that: nobody has said who is wanted.
    assert not asyncio.run(end_with(_babble, plain=True)).stops


def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_link, "HANDSHAKE_SECONDS", 0.02)
    monkeypatch.setattr(provider_link, "TICK_SECONDS", 0.01)
    end = asyncio.run(end_with(_say_nothing))
    assert "gives no handshake" in end.reason
    assert not end.stops


@pytest.mark.parametrize(
    ("owes", "complaint"),
    [
        ("SETUP_SECONDS", "does not answer SetupConnection"),
        ("WORK_SECONDS", "does not give the transactions of template 1"),
    ],
)
def test_who_owes_us_something_is_not_waited_for(
    owes: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"sluice.tdp.client.{owes}", 0.02)
    monkeypatch.setattr(provider_link, "TICK_SECONDS", 0.01)

    def answers(message: Message) -> Sequence[Message]:
        if isinstance(message, RequestTransactionData) or owes == "SETUP_SECONDS":
            return []
        return usual(FULL)(message)

    async def scenario() -> LinkLost:
        async with providing(answers) as provider:
            return await lost(link_to(provider.url))

    end = run_on("asyncio", scenario())
    assert complaint in end.reason or "gives no template to work on" in end.reason
    assert not end.stops


def test_a_provider_that_dies_in_the_middle_of_a_word() -> None:
    async def scenario() -> LinkLost:
        provider = ScriptedProvider(_setup_only)
        await provider.listen()
        link = link_to(provider.url)
        await link.open()
        await until(lambda: bool(provider.of(CoinbaseOutputConstraints)))
        provider.writers[-1].write(b"half a header")
        provider.writers[-1].close()
        end = await lost_on(link)
        await provider.leave()
        return end

    assert "the middle of a message" in run_on("asyncio", scenario()).reason


def _setup_only(message: Message) -> Sequence[Message]:
    return [SetupConnectionSuccess(2, 0)] if isinstance(message, SetupConnection) else []


async def lost_on(link: Link) -> LinkLost:
    """How an open one ends."""
    try:
        while True:
            await link.hear()
    except LinkLost as end:
        return end
    finally:
        await link.close()


def test_a_provider_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_link, "MOST_UNREAD", 1)

    async def scenario() -> LinkLost:
        async with providing(usual(FULL)) as provider:
            link = link_to(provider.url)
            await link.open()
            provider.writers[-1].transport.pause_reading()  # type: ignore[attr-defined]
            for _ in range(1_000):
                if not link.send(SubmitSolution(1, 0, 0, 0, bytes(60_000))):
                    break
            else:
                raise AssertionError("it goes on writing")
            return await lost_on(link)

    assert not run_on("asyncio", scenario()).stops
