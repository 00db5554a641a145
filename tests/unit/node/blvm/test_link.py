"""One connection to a module socket: what is sent at once, what is waited for, and how it ends."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sluice.blvm.editions import FIRST_EDITION
from sluice.blvm.envelopes import (
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.events.chain import NewBlock
from sluice.blvm.events.types import EventType
from sluice.blvm.frame import LENGTH, frame
from sluice.blvm.modules import Call, CliCall, CliResult, LogLevel, Result, RpcCall
from sluice.blvm.requests import GetChainTip, QueueReceivedBlock
from sluice.blvm.responses import HandshakeAck, Hash, Response
from sluice.node.blvm import link as blvm_link
from sluice.node.blvm.link import Link, LinkLost
from support.blvm import IDENTITY
from support.serving import until

SECONDS = 10
TIP = Hash(b"\x11" * 32)
NEWS = EventMessage(EventType.NewBlock, NewBlock(bytes(32), 1))


class Peer:
    """A node's end, which says what a test wants it to say."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[EventMessage] = []
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(1)

    def link(self, invoked: Callable[[Call], Result | str] = lambda _: "no") -> Link:
        return Link(self.path, IDENTITY, self.heard.append, invoked)

    async def accept(self) -> RequestMessage:
        """The handshake of who has connected."""
        self._listening.setblocking(False)
        accepted, _ = await asyncio.get_running_loop().sock_accept(self._listening)
        self.reader, self.writer = await asyncio.open_unix_connection(sock=accepted)
        request = await self.next()
        assert isinstance(request, RequestMessage)
        return request

    async def next(self) -> object:
        (size,) = LENGTH.unpack(await self.reader.readexactly(LENGTH.size))
        return FIRST_EDITION.read(await self.reader.readexactly(size))

    def say(self, message: object) -> None:
        self.writer.write(frame(FIRST_EDITION.pack(message)))  # type: ignore[arg-type]

    def answer(self, number: int, payload: Response) -> None:
        self.say(ResponseMessage(number, success=True, payload=payload, error=None))

    async def let_in(self, link: Link) -> Link:
        await self.accept()
        self.answer(1, HandshakeAck("0.1.13"))
        assert await link.ready() == "0.1.13"
        return link

    def close(self) -> None:
        self._listening.close()
        if hasattr(self, "writer"):
            self.writer.close()


def play(path: Path, what: Callable[[Peer], Awaitable[None]]) -> None:
    async def run() -> None:
        peer = Peer(path / "node.sock")
        try:
            async with asyncio.timeout(SECONDS):
                await what(peer)
        finally:
            peer.close()

    asyncio.run(run())


def test_the_handshake_is_on_its_way_before_anybody_can_cancel(tmp_path: Path) -> None:
    """Nothing was awaited, so nothing could come in between (B3)."""

    async def story(peer: Peer) -> None:
        link = peer.link()
        handshake = await peer.accept()
        assert handshake.request_type == "Handshake"
        link.close()

    play(tmp_path, story)


def test_who_loses_patience_leaves_the_handshake_pending(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = peer.link()
        await peer.accept()
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await link.ready()
        assert link.lost is None
        peer.answer(1, HandshakeAck("0.1.13"))
        assert await link.ready() == "0.1.13"
        link.close()

    play(tmp_path, story)


def test_a_question_and_events_beside_it(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        asking = asyncio.create_task(link.ask(GetChainTip()))
        await peer.next()
        peer.say(NEWS)
        peer.answer(2, TIP)
        assert (await asking).payload == TIP
        assert peer.heard == [NEWS]
        link.close()

    play(tmp_path, story)


def test_a_question_that_nobody_waits_for_any_more_comes_to_its_end_first(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        asking = asyncio.create_task(link.ask(GetChainTip()))
        await peer.next()
        asking.cancel()
        settled = asyncio.create_task(link.settled())
        await asyncio.sleep(0.02)
        assert not settled.done()
        peer.answer(2, TIP)
        await settled
        again = asyncio.create_task(link.ask(GetChainTip()))
        await peer.next()
        peer.answer(3, Hash(b"\x22" * 32))
        assert (await again).payload == Hash(b"\x22" * 32)
        link.close()

    play(tmp_path, story)


def test_a_node_that_closes_says_what_it_left_unanswered(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        asking = asyncio.create_task(link.ask(GetChainTip()))
        await peer.next()
        peer.writer.close()
        with pytest.raises(LinkLost) as caught:
            await asking
        assert caught.value.unanswered == GetChainTip()
        assert link.lost is caught.value
        with pytest.raises(LinkLost):
            await link.ask(GetChainTip())
        assert not link.log(LogMessage(LogLevel.INFO, "m", "hi", "m", 0))

    play(tmp_path, story)


def test_a_node_that_closes_before_it_let_us_in(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = peer.link()
        await peer.accept()
        peer.writer.close()
        with pytest.raises(LinkLost):
            await link.ready()

    play(tmp_path, story)


def test_what_are_no_frames_end_it_after_what_came_before(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        peer.say(NEWS)
        peer.writer.write(b"\xff" * 8)
        await until(lambda: link.lost is not None)
        assert link.lost is not None
        assert "not the protocol of blvm-node's modules" in link.lost.reason
        assert peer.heard == [NEWS]

    play(tmp_path, story)


def test_calls_are_answered_at_once(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        answers = {"status": CliResult("ok\n", "", 0), "torn": CliResult("\udcff", "", 0)}
        link = await peer.let_in(
            peer.link(
                lambda call: answers.get(call.subcommand, "what?") if isinstance(call, CliCall) else "no"
            )
        )
        for number, name in enumerate(("status", "other", "torn")):
            peer.say(InvocationMessage(number, CliCall(name, ())))
        told = [await peer.next() for _ in range(3)]
        assert told[:2] == [
            InvocationResultMessage(0, success=True, payload=answers["status"], error=None),
            InvocationResultMessage(1, success=False, payload=None, error="what?"),
        ]
        assert isinstance(told[2], InvocationResultMessage)
        assert "could not be sent" in str(told[2].error)
        link.close()

    play(tmp_path, story)


def test_a_call_in_json_is_declined_without_asking_anybody(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link(lambda _: CliResult("", "", 0)))
        peer.say(InvocationMessage(5, RpcCall("getstuff")))
        told = await peer.next()
        assert told == InvocationResultMessage(5, success=False, payload=None, error=blvm_link.NO_JSON)
        link.close()

    play(tmp_path, story)


def test_a_frame_that_cannot_be_understood_is_counted(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        peer.writer.write(frame(b"junk") + frame(b""))
        peer.say(NEWS)
        await until(lambda: bool(peer.heard))
        assert link.skipped == 2
        assert link.lost is None
        link.close()

    play(tmp_path, story)


def test_a_large_message_leaves_in_pieces(tmp_path: Path) -> None:
    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        block = QueueReceivedBlock(bytes(range(256)) * 16_000)
        asking = asyncio.create_task(link.ask(block))
        told = await peer.next()
        assert isinstance(told, RequestMessage)
        assert told.payload == block
        asking.cancel()
        link.close()

    play(tmp_path, story)


def test_a_node_that_reads_nothing_gets_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blvm_link, "MAX_UNSENT", 1_000_000)

    async def story(peer: Peer) -> None:
        link = await peer.let_in(peer.link())
        line = LogMessage(LogLevel.INFO, "m", "x" * 500_000, "m", 0)
        while link.log(line):
            pass
        assert link.lost is not None
        assert "does not read" in link.lost.reason

    play(tmp_path, story)


def test_nobody_listens(tmp_path: Path) -> None:
    async def story() -> None:
        for path in (tmp_path / "nothing.sock", tmp_path / "dead.sock"):
            dead = socket.socket(socket.AF_UNIX)
            if path.name == "dead.sock":
                dead.bind(str(path))
            dead.close()
            with pytest.raises(OSError):
                Link(path, IDENTITY, lambda _: None, lambda _: "no")

    asyncio.run(story())
