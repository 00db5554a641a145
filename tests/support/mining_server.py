"""A small mining server on loopback, written down message by message: what the pool must never be.

It judges each share by the specification's words, and does what a test tells it to on each event.
"""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.target import Target
from sluice.noise.authority import PoolUrl
from sluice.noise.certificate import issue_identity
from sluice.sv2.connection import Connection, Event, Tagged
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.mining import (
    OpenExtendedMiningChannel,
    OpenStandardMiningChannel,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side
from support.mining import (
    CHANNEL,
    NTIME,
    PREFIX_SIZE,
    coinbase,
    extended_job,
    extended_opened,
    standard_job,
    standard_opened,
    tip,
)
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY, entropy, responder

#: Some twenty shares a second from one processor, every second of them a block.
LIVE = Target(2**241)
LIVE_NBITS = 0x1F00FFFF

Share = SubmitSharesStandard | SubmitSharesExtended
Answers = Callable[[Message], Sequence[Message]]


class MiningServer:
    """Answers every connection alike; `heard` is all that came, `shares` those that are valid."""

    def __init__(self, answers: Answers | None = None) -> None:
        self._answers = answers or self.usual
        self.heard: list[Event] = []
        self.shares: list[Share] = []
        self._seen: set[bytes] = set()  # of this connection
        self.connections = 0
        self.port = 0
        self._identity = issue_identity(AUTHORITY_SECRET, int(time.time()), DAY, entropy("identity", 96))
        self._writers: list[asyncio.StreamWriter] = []
        self._something = asyncio.Condition()

    @property
    def url(self) -> PoolUrl:
        return PoolUrl("127.0.0.1", self.port, AUTHORITY)

    def usual(self, message: Message) -> Sequence[Message]:
        """What a lawful server says."""
        match message:
            case SetupConnection():
                self._seen.clear()
                return [SetupConnectionSuccess(2, 0)]
            case OpenStandardMiningChannel():
                return [standard_opened(target=LIVE), standard_job(1), tip(1, nbits=LIVE_NBITS)]
            case OpenExtendedMiningChannel():
                return [extended_opened(target=LIVE), extended_job(1), tip(1, nbits=LIVE_NBITS)]
            case SubmitSharesStandard() | SubmitSharesExtended():
                self.judge(message)
                return [SubmitSharesSuccess(CHANNEL, message.sequence_number, 1, 0)]
        return []

    def judge(self, share: Share) -> None:
        """The share's hash, from scratch."""
        job_byte = bytes([share.job_id])
        root = job_byte * 32
        if isinstance(share, SubmitSharesExtended):
            split = coinbase()
            whole = split.prefix + bytes([CHANNEL]) * PREFIX_SIZE + share.extranonce + split.suffix
            root = fold_merkle_path(sha256d(whole), (job_byte * 32, b"\x77" * 32))
        header = header_bytes(share.version, b"\x11" * 32, root, share.ntime, LIVE_NBITS, share.nonce)
        assert int.from_bytes(sha256d(header), "little") <= LIVE
        assert share.ntime >= NTIME
        assert header not in self._seen
        self._seen.add(header)
        self.shares.append(share)

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until it is so, with a long patience."""
        async with asyncio.timeout(30), self._something:
            await self._something.wait_for(done)

    def cut(self) -> None:
        """Drop all connections."""
        for writer in self._writers:
            writer.close()

    def reset(self) -> None:
        """Drop all connections with what is on its way, as a crash does."""
        for writer in self._writers:
            with_a_bang = struct.pack("ii", 1, 0)  # linger, for no time
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, with_a_bang)
            writer.transport.abort()

    def write_raw(self, data: bytes) -> None:
        """Bytes that nobody sealed, on all connections."""
        for writer in self._writers:
            writer.write(data)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        connection = Connection(Side.SERVER, responder(self._identity))
        try:
            while data := await reader.read(65536):
                connection.receive_data(data)
                for event in connection.events():
                    await self._hear(event, connection)
                writer.write(connection.data_to_send())
        except (OSError, RemoteProtocolError):
            pass
        finally:
            writer.close()

    async def _hear(self, event: Event, connection: Connection) -> None:
        async with self._something:
            self.heard.append(event)
            message = event.message if isinstance(event, Tagged) else event
            if isinstance(message, Message):
                for answer in self._answers(message):
                    connection.send(answer)
            self._something.notify_all()


@asynccontextmanager
async def serving(answers: Answers | None = None) -> AsyncIterator[MiningServer]:
    """A server on some port of this machine."""
    server = MiningServer(answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
        server.cut()
