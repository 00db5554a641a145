"""One socket and one connection, over real sockets: uvloop's kind and plain asyncio's."""

import asyncio
import gc
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from sluice.noise.certificate import issue_identity
from sluice.noise.handshake import Initiator, Responder
from sluice.pool.inputs import Event, PeerId
from sluice.server.clock import unix_time
from sluice.server.limits import Limits
from sluice.server.meter import Meter
from sluice.server.pump import READ_SIZE, BufferedPump, Pump, StreamPump
from sluice.sv2.connection import Connection, Secured
from sluice.sv2.frame import HEADER
from sluice.sv2.message import Message
from sluice.sv2.messages.common import Reconnect, SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.mining import CloseChannel, UpdateChannel
from sluice.wire.side import Side
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY, entropy
from support.serving import run_on, until
from support.wire import setup

PAIRS = [("asyncio", BufferedPump), ("asyncio", StreamPump), ("uvloop", StreamPump), ("uvloop", BufferedPump)]
LAST_WORDS = Reconnect("elsewhere.example", 3333)


class Listener:
    """Owns pumps and does what a test wants; all that it was told is in `log`, in order."""

    def __init__(self, send_queue_bytes: int = 65_536) -> None:
        self.limits = Limits(send_queue_bytes=send_queue_bytes)
        self.meter = Meter()
        self.read_buffer = memoryview(bytearray(READ_SIZE))
        self.log: list[object] = []
        self.pump: Pump | None = None
        self.react: Callable[[Pump, Event], None] = lambda pump, event: None

    def arrived(self, pump: Pump) -> None:
        self.pump = pump
        self.log.append("arrived")

    def secured(self, pump: Pump) -> None:
        self.log.append("secured")

    def hear(self, peer: PeerId, event: Event) -> None:
        self.log.append(event)
        assert self.pump is not None
        self.react(self.pump, event)

    def flush(self) -> None:
        self.log.append("flush")

    def stalled(self, pump: Pump) -> None:
        self.log.append("stalled")

    def recovered(self, pump: Pump) -> None:
        self.log.append("recovered")

    def parting(self, pump: Pump) -> None:
        self.log.append("parting")

    def left(self, pump: Pump, reason: str) -> None:
        self.log.append(("left", reason))
        self.pump = None

    def heard(self) -> list[Message]:
        return [event for event in self.log if isinstance(event, Message)]

    @property
    def ending(self) -> str | None:
        last = self.log[-1] if self.log else None
        return last[1] if isinstance(last, tuple) else None

    async def ended(self) -> str:
        """Why the connection ended, once it has."""
        await until(lambda: self.ending is not None)
        assert self.ending is not None
        return self.ending


class Client:
    """The other end, on a socket that the test reads when it wants to."""

    def __init__(self, sock: socket.socket) -> None:
        initiator = Initiator(AUTHORITY, unix_time(), entropy("client"), entropy("client aux"))
        self.connection = Connection(Side.CLIENT, initiator)
        self.socket = sock
        self.pieces = 0

    async def say(self, *messages: Message) -> None:
        for message in messages:
            self.connection.send(message)
        await self.write(self.connection.data_to_send())

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def hear(self) -> Sequence[Event]:
        """The events of one read; [] at the end."""
        data = await asyncio.get_running_loop().sock_recv(self.socket, 1 << 20)
        if data:
            self.connection.receive_data(data)
        self.pieces += 1
        return self.connection.events()

    async def hear_all(self) -> Sequence[Event]:
        """Every event until the end."""
        heard: list[Event] = []
        while events := await self.hear():
            heard += events
        return heard

    async def open(self) -> "Client":
        """From the socket to messages that flow."""
        await self.say()
        assert await self.hear() == [Secured(AUTHORITY)]
        await self.say(setup())
        assert await self.hear() == [SetupConnectionSuccess(2, 0)]
        return self

    def reset(self) -> None:
        """Ends with a RST, as a machine that crashed."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def answer_setup(pump: Pump, event: Event) -> None:
    if isinstance(event, SetupConnection):
        pump.connection.send(SetupConnectionSuccess(2, 0))


@asynccontextmanager
async def connected(kind: type[Pump], listener: Listener, host: str = "127.0.0.1") -> AsyncIterator[Client]:
    """A client of a server that has one pump of this kind for each connection."""
    loop = asyncio.get_running_loop()
    listener.react = answer_setup
    identity = issue_identity(AUTHORITY_SECRET, unix_time(), DAY, entropy("identity", 96))

    def accept() -> asyncio.BaseProtocol:
        pump = kind(listener, 7, lambda: Responder(identity, entropy("server"), entropy("server aux")))
        assert isinstance(pump, asyncio.BaseProtocol)
        return pump

    server = await loop.create_server(accept, host, 0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        await loop.sock_connect(sock, server.sockets[0].getsockname()[:2])
        yield Client(sock)
    server.close()
    if listener.pump is not None:
        listener.pump.abort("the test is over")
    await until(lambda: listener.pump is None)


each = pytest.mark.parametrize(
    ("loop", "kind"), PAIRS, ids=[f"{loop}-{kind.__name__}" for loop, kind in PAIRS]
)


@each
def test_what_is_said_is_heard_and_answered(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.open()
            assert listener.pump is not None
            host, port = client.socket.getsockname()
            assert listener.pump.address == f"{host}:{port}"
            client.socket.close()
            await listener.ended()
        assert listener.log == [
            *("arrived", "secured", "flush", setup(), "flush"),
            *("parting", ("left", "closed by the peer")),
        ]

    run_on(loop, scenario())


@each
def test_what_comes_at_once_is_answered_at_once(loop: str, kind: type[Pump]) -> None:
    def answer(pump: Pump, event: Event) -> None:
        answer_setup(pump, event)
        if isinstance(event, UpdateChannel):
            pump.connection.send(CloseChannel(event.channel_id, "as you wish"))

    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.open()
            listener.react = answer
            client.pieces = 0
            await client.say(*(UpdateChannel(number, 1.0, bytes(32)) for number in range(3)))
            assert await client.hear() == [CloseChannel(number, "as you wish") for number in range(3)]
            assert client.pieces == 1
        assert [entry for entry in listener.log[5:9] if entry == "flush"] == ["flush"]

    run_on(loop, scenario())


@each
def test_any_cut_of_the_bytes_is_the_same_to_it(loop: str, kind: type[Pump]) -> None:
    """A read buffer that all share holds nothing for anybody: what is half there was copied."""
    said = [UpdateChannel(number, 1.0, bytes([number]) * 32) for number in range(4)]

    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.open()
            for message in said:
                client.connection.send(message)
            data = client.connection.data_to_send()
            for at in range(0, len(data), 11):
                await client.write(data[at : at + 11])
                await asyncio.sleep(0.001)
                listener.read_buffer[:] = b"\xee" * READ_SIZE
            await until(lambda: len(listener.heard()) == 5)
            assert listener.heard()[1:] == said

    run_on(loop, scenario())


@each
def test_what_came_before_a_broken_rule_counts(loop: str, kind: type[Pump]) -> None:
    share = UpdateChannel(1, 1.0, bytes(32))

    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.open()
            client.connection.send(share)
            client.connection.send_frame(HEADER.pack(0, 0x01, 0, 0))  # only a server says that
            await client.write(client.connection.data_to_send())
            assert await client.hear_all() == []
            await listener.ended()
        assert listener.heard()[1:] == [share]
        assert listener.ending is not None
        assert listener.ending.startswith("protocol error: SetupConnection.Success from the client")

    run_on(loop, scenario())


@each
def test_garbage_for_act_1_is_a_protocol_error_at_the_next_message(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.write(bytes(range(200)))
            await listener.ended()
        assert listener.ending is not None
        assert listener.ending.startswith("protocol error: ")

    run_on(loop, scenario())


@each
def test_last_words_arrive_before_the_end(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        listener = Listener(send_queue_bytes=1 << 24)
        async with connected(kind, listener) as client:
            await client.open()
            pump = listener.pump
            assert pump is not None
            for number in range(20_000):  # far more than the kernel takes at once
                pump.connection.send(CloseChannel(number, "x" * 200))
            pump.connection.send(LAST_WORDS)
            pump.flush()
            pump.end("enough")
            heard = await client.hear_all()
            assert len(heard) == 20_001
            assert heard[-1] == LAST_WORDS
            await listener.ended()
        assert listener.log[-2:] == ["parting", ("left", "enough")]

    run_on(loop, scenario())


@each
def test_nothing_is_called_back_while_a_connection_is_ended(loop: str, kind: type[Pump]) -> None:
    """The owner may be in the middle of a reaction: hearing of the end then would let another one in."""

    async def scenario() -> None:
        for end in (Pump.end, Pump.abort):
            listener = Listener()
            async with connected(kind, listener) as client:
                await client.open()
                pump = listener.pump
                assert pump is not None
                end(pump, "first")
                pump.end("second")
                pump.abort("third")
                assert listener.ending is None
                await listener.ended()
            assert listener.ending == "first"

    run_on(loop, scenario())


@each
def test_writing_to_a_peer_that_is_gone_calls_nothing_back(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.open()
            pump = listener.pump
            assert pump is not None
            client.reset()
            for _ in range(100):
                pump.connection.send(LAST_WORDS)
                pump.flush()
                assert listener.ending is None
            await listener.ended()
            pump.connection.send(LAST_WORDS)
            pump.flush()
            pump.end("late")
            pump.abort("late")
        assert listener.ending in ("connection lost", "closed by the peer")

    run_on(loop, scenario())


@each
def test_a_peer_that_does_not_read_is_not_read_from_until_it_does(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        listener = Listener(send_queue_bytes=65_536)
        async with connected(kind, listener) as client:
            await client.open()
            pump = listener.pump
            assert pump is not None
            sent = 0
            while "stalled" not in listener.log:
                for _ in range(100):
                    pump.connection.send(CloseChannel(sent, "x" * 200))
                    sent += 1
                pump.flush()
                await asyncio.sleep(0)
            await client.say(UpdateChannel(1, 1.0, bytes(32)))
            await asyncio.sleep(0.05)
            assert len(listener.heard()) == 1  # the setup, and no more
            heard: list[Event] = []
            while len(heard) < sent:
                heard += await client.hear()
            await until(lambda: len(listener.heard()) == 2)
        assert listener.log.count("stalled") == listener.log.count("recovered") == 1
        assert heard == [CloseChannel(number, "x" * 200) for number in range(sent)]

    run_on(loop, scenario())


@each
def test_a_peer_that_stalls_can_be_ended(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener) as client:
            await client.open()
            pump = listener.pump
            assert pump is not None
            while "stalled" not in listener.log:
                pump.connection.send(CloseChannel(1, "x" * 250))
                pump.flush()
                await asyncio.sleep(0)
            pump.end("go")
            await asyncio.sleep(0.05)
            assert listener.ending is None  # its last words have not left
            pump.abort("now")
            await listener.ended()
        assert listener.ending == "go"

    run_on(loop, scenario())


@each
def test_nothing_keeps_a_pump_alive(loop: str, kind: type[Pump]) -> None:
    async def scenario() -> None:
        for _ in range(3):
            listener = Listener()
            async with connected(kind, listener) as client:
                await client.open()
                client.reset()
                await listener.ended()
        await asyncio.sleep(0.01)

    run_on(loop, scenario())
    gc.collect()
    assert [known for known in gc.get_objects() if isinstance(known, Pump)] == []


@each
def test_an_ipv6_address_is_written_with_brackets(loop: str, kind: type[Pump]) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 on this machine")

    async def scenario() -> None:
        listener = Listener()
        async with connected(kind, listener, "::1") as client:
            await client.open()
            assert listener.pump is not None
            assert listener.pump.address == f"[::1]:{client.socket.getsockname()[1]}"

    run_on(loop, scenario())
