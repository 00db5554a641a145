"""One connection over a real socket: how it begins, and every way in which it ends."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from sluice.bitcoin.target import Target
from sluice.noise.authority import PoolUrl
from sluice.noise.curve import x_only_public_key
from sluice.sim.miner import session as miner_session
from sluice.sim.miner import submissions
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.deeds import Deed, Mine, SharesAccepted
from sluice.sim.miner.session import Ending, Kind, Session, why_unreached
from sluice.sim.miner.work_unit import WorkUnit
from sluice.sv2.connection import Secured
from sluice.sv2.message import Message
from sluice.sv2.messages.common import Reconnect, SetupConnection, SetupConnectionError
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenStandardMiningChannel,
    SetNewPrevHash,
    SubmitSharesExtended,
    SubmitSharesStandard,
)
from support.mining import CHANNEL, EXTENDED, STANDARD, find, standard_opened
from support.mining_server import MiningServer, serving

Talking = Callable[[Session, MiningServer], object]


class Doer:
    """Does what a session wants done: finds two shares of each unit, then stops."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.units: list[WorkUnit] = []
        self.accepted = 0

    def __call__(self, deed: Deed) -> None:
        assert self.session is not None
        if isinstance(deed, Mine):
            self.units.append(deed.unit)
            for share in find(deed.unit, 2):
                assert self.session.submit(deed.unit, share)
        if isinstance(deed, SharesAccepted):
            self.accepted += deed.count
            if self.accepted == 2:
                self.session.stop()


def run(
    plan: ClientPlan = STANDARD,
    answers: Callable[[MiningServer, Message], Sequence[Message] | None] | None = None,
    url: Callable[[PoolUrl], PoolUrl] = lambda url: url,
) -> tuple[Ending, MiningServer, Doer]:
    """A session with a server that answers as usual, except where `answers` says otherwise."""

    async def scenario() -> tuple[Ending, MiningServer, Doer]:
        def say(message: Message) -> Sequence[Message]:
            said = answers(server, message) if answers else None
            return server.usual(message) if said is None else said

        async with serving(say) as server:
            doer = Doer()
            doer.session = Session(url(server.url), plan, doer)
            async with asyncio.timeout(30):
                ending = await doer.session.run()
                if ending.kind is Kind.STOPPED:
                    await server.until(lambda: isinstance(server.heard[-1], CloseChannel))
        return ending, server, doer

    return asyncio.run(scenario())


@pytest.mark.parametrize("plan", [STANDARD, EXTENDED], ids=["standard", "extended"])
def test_shares_are_found_sent_and_accepted_and_the_channel_is_closed(plan: ClientPlan) -> None:
    ending, server, doer = run(plan)
    assert ending == Ending(Kind.STOPPED, "stopped")
    kind = SubmitSharesExtended if plan is EXTENDED else SubmitSharesStandard
    assert [type(share) for share in server.shares] == [kind, kind]
    assert doer.accepted == 2
    heard = [type(event) for event in server.heard]
    assert heard[:2] == [Secured, SetupConnection]
    assert heard[-1] is CloseChannel


def test_nobody_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]

        async def scenario() -> Ending:
            return await Session(PoolUrl("127.0.0.1", port), STANDARD, Doer()).run()

        ending = asyncio.run(scenario())
    assert ending.kind is Kind.LOST
    assert ending.reason == f"cannot connect to 127.0.0.1:{port}: nobody listens there"


@pytest.mark.parametrize("host", ["a" * 70, "caf\udce9"])
def test_a_host_that_is_none(host: str) -> None:
    async def scenario() -> Ending:
        return await Session(PoolUrl(host, 1), STANDARD, Doer()).run()

    ending = asyncio.run(scenario())
    assert ending == Ending(Kind.LOST, f"cannot connect to {host}:1: that is no host's name")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('::1', 1, 0, 0)"), "nobody listens there"),
        (
            OSError(
                "Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), "
                "[Errno 111] Connect call failed ('127.0.0.1', 1)"
            ),
            "nobody listens there",
        ),
        (OSError(113, "Connect call failed ('10.0.0.1', 1)"), "No route to host"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (OSError("no words"), "no words"),
    ],
)
def test_why_a_server_was_not_reached_is_said_in_plain_words(error: OSError, why: str) -> None:
    assert why_unreached(error) == why


def test_a_host_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose queue is full takes no connection and refuses none."""
    monkeypatch.setattr(miner_session, "CONNECT_SECONDS", 0.1)
    with full_listener() as port:

        async def scenario() -> Ending:
            return await Session(PoolUrl("127.0.0.1", port), STANDARD, Doer()).run()

        ending = asyncio.run(scenario())
    assert ending == Ending(Kind.LOST, f"cannot connect to 127.0.0.1:{port}: no answer in 0.1 s")


def test_stopping_does_not_wait_for_a_connection() -> None:
    with full_listener() as port:

        async def scenario() -> Ending:
            session = Session(PoolUrl("127.0.0.1", port), STANDARD, Doer())
            running = asyncio.create_task(session.run())
            await asyncio.sleep(0.05)
            session.stop()
            async with asyncio.timeout(miner_session.CONNECT_SECONDS / 2):
                return await running

        assert asyncio.run(scenario()).kind is Kind.STOPPED


@contextmanager
def full_listener() -> Iterator[int]:
    """Its port."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        yield port


def test_a_server_with_another_authority_is_refused() -> None:
    stranger = x_only_public_key(b"\x21" * 32)
    ending, server, _ = run(url=lambda url: replace(url, authority_key=stranger))
    assert ending.kind is Kind.REFUSED
    assert "not the server that the URL names" in ending.reason
    assert not any(isinstance(event, Message) for event in server.heard)


def test_without_a_key_any_server_is_believed() -> None:
    ending, _, doer = run(url=lambda url: replace(url, authority_key=None))
    assert ending.kind is Kind.STOPPED
    assert doer.accepted == 2


def test_a_server_that_refuses_the_setup() -> None:
    def refuse(_: MiningServer, message: Message) -> Sequence[Message] | None:
        return [SetupConnectionError(0, "go-away")] if isinstance(message, SetupConnection) else None

    ending, _, _ = run(answers=refuse)
    assert ending.kind is Kind.REFUSED
    assert "go-away" in ending.reason


def test_a_server_that_breaks_a_rule() -> None:
    def break_it(_: MiningServer, message: Message) -> Sequence[Message] | None:
        if isinstance(message, OpenStandardMiningChannel):
            return [standard_opened(), SetNewPrevHash(CHANNEL, 1, bytes(32), 1, 0x207FFFFF)]
        return None

    ending, _, doer = run(answers=break_it)
    assert ending.kind is Kind.BROKEN
    assert "5.3.15" in ending.reason
    assert doer.units == []


def test_a_server_that_sends_us_elsewhere() -> None:
    def move(_: MiningServer, message: Message) -> Sequence[Message] | None:
        return [Reconnect("b.example", 4444)] if isinstance(message, SubmitSharesStandard) else None

    ending, _, _ = run(answers=move)
    assert (ending.kind, ending.host, ending.port) == (Kind.MOVED, "b.example", 4444)


def test_a_server_that_hangs_up() -> None:
    def hang_up(server: MiningServer, message: Message) -> Sequence[Message] | None:
        if isinstance(message, SubmitSharesStandard):
            server.cut()
            return []
        return None

    ending, _, _ = run(answers=hang_up)
    assert ending.kind is Kind.LOST


def test_a_server_that_resets_the_connection() -> None:
    def reset(server: MiningServer, message: Message) -> Sequence[Message] | None:
        if isinstance(message, SubmitSharesStandard):
            server.reset()
            return []
        return None

    ending, _, _ = run(answers=reset)
    assert ending.kind is Kind.LOST
    assert "the connection broke" in ending.reason


def test_a_server_that_answers_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "MAX_WAITING", 2)

    async def scenario() -> Ending:
        async with serving(
            lambda message: () if isinstance(message, SubmitSharesStandard) else usual(message)
        ) as server:
            units: asyncio.Queue[WorkUnit] = asyncio.Queue()
            session = Session(server.url, STANDARD, lambda deed: collect(deed, units))
            running = asyncio.create_task(session.run())
            unit = await units.get()
            answered = [session.submit(unit, share) for share in find(unit, 3)]
            assert answered == [True, True, False]
            return await running

    ending = asyncio.run(scenario())
    assert ending.kind is Kind.BROKEN
    assert "are without an answer" in ending.reason


def test_a_rule_that_is_broken_by_silence() -> None:
    """UpdateChannel was sent eleven seconds ago, and no SetTarget has followed."""

    async def scenario() -> Ending:
        async with serving() as server:
            units: asyncio.Queue[WorkUnit] = asyncio.Queue()
            session = Session(server.url, STANDARD, lambda deed: collect(deed, units))
            running = asyncio.create_task(session.run())
            await units.get()
            assert isinstance(session.client, MiningClient)
            (channel,) = session.client.channels
            session.client.update(channel, 1e6, Target(1), time.monotonic() - 11)
            return await running

    ending = asyncio.run(scenario())
    assert ending.kind is Kind.BROKEN
    assert "5.3.7" in ending.reason


def usual(message: Message) -> Sequence[Message]:
    return MiningServer().usual(message)


def collect(deed: Deed, units: "asyncio.Queue[WorkUnit]") -> None:
    if isinstance(deed, Mine):
        units.put_nowait(deed.unit)


def test_a_server_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miner_session, "_MAX_UNREAD", -1)
    ending, _, _ = run()
    assert ending == Ending(Kind.LOST, "the server does not read what we send")


def raw(answer: Callable[[bytes], bytes]) -> Ending:
    """A session with a server that answers act 1 so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(await reader.read(65536)))
        await reader.read()
        writer.close()

    async def scenario() -> Ending:
        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            async with asyncio.timeout(30):
                return await Session(PoolUrl("127.0.0.1", port), STANDARD, Doer()).run()

    return asyncio.run(scenario())


def test_a_server_that_speaks_something_else() -> None:
    ending = raw(lambda _: b'{"id":1,"error":"what?"}\n' * 20)
    assert ending.kind is Kind.REFUSED


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miner_session, "HANDSHAKE_SECONDS", 0.1)
    ending = raw(lambda _: b"")
    assert ending == Ending(Kind.LOST, "no handshake in 0.1 s")


def test_garbage_under_the_cipher() -> None:
    """A server that is authentic, but sends bytes that no key has sealed."""

    async def scenario() -> Ending:
        async with serving() as server:
            doer = Doer()
            session = doer.session = Session(server.url, STANDARD, doer)
            running = asyncio.create_task(session.run())
            await server.until(lambda: any(isinstance(event, SetupConnection) for event in server.heard))
            server.write_raw(bytes(100))
            return await running

    ending = asyncio.run(scenario())
    assert ending.kind is Kind.BROKEN
    assert "broke the wire's rules" in ending.reason


def test_stopping_before_the_handshake_is_no_trouble() -> None:
    async def scenario() -> Ending:
        async with serving() as server:
            session = Session(server.url, STANDARD, Doer())
            session.stop()
            return await session.run()

    assert asyncio.run(scenario()).kind is Kind.STOPPED
