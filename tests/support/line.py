"""A pump with a client at its other end, and nothing but memory between them."""

import asyncio
from typing import Any

from sluice.bitcoin.network import REGTEST
from sluice.pool.policy import Policy
from sluice.pool.pool import Pool
from sluice.pool.state import PoolState
from sluice.server.limits import Limits
from sluice.server.loop import Owner
from sluice.server.pump import StreamPump
from sluice.sv2.connection import Connection, Event
from sluice.sv2.message import Message
from sluice.tlv import connection as tlv
from sluice.tlv.message import Message as TlvMessage
from sluice.wire.side import Side
from support.noise import initiator, responder
from support.serving import QUICK
from support.wire import setup
from support.work import NTIME, PAYOUT


def an_owner(policy: Policy = QUICK, limits: Limits | None = None) -> tuple[Owner, list[Any]]:
    """An owner of an empty pool, and all that it told or wanted to submit."""
    told: list[Any] = []
    pool = Pool(PoolState(policy, PAYOUT, REGTEST, NTIME))
    return Owner(pool, limits or Limits(), told.append, told.append), told


class MemoryTransport(asyncio.Transport):
    """What was written, and whether it was closed. Like a real one, it never calls back by itself."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.7", 4321)})
        self.written: list[bytes] = []
        self.ended = ""
        self.reading = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Line:
    """A connection that was accepted; nothing was said yet."""

    def __init__(self, owner: Owner) -> None:
        self.client = Connection(Side.CLIENT, initiator())
        self.transport = MemoryTransport()
        self.pump = owner.new_pump(StreamPump, responder)
        self.pump.connection_made(self.transport)

    @property
    def peer(self) -> int:
        return self.pump.peer

    def shake(self) -> "Line":
        """Finish the handshake."""
        self.pass_on()
        self.hear()
        return self

    def set_up(self, flags: int = 0) -> "Line":
        """As far as channels can be opened."""
        self.shake().say(setup(flags=flags))
        self.hear()
        return self

    def say(self, *messages: Message) -> None:
        for message in messages:
            self.client.send(message)
        self.pass_on()

    def pass_on(self) -> None:
        """What the client has to say arrives, in one piece."""
        self.pump.received(self.client.data_to_send())

    def hear(self) -> list[Event]:
        """What has been written since the last time."""
        self.client.receive_data(b"".join(self.transport.written))
        self.transport.written.clear()
        return self.client.events()

    def drop(self) -> None:
        """The connection is gone."""
        self.pump.connection_lost(None)


class TlvLine:
    """A connection that speaks the dialect, and says what it is told to."""

    def __init__(self, owner: Owner) -> None:
        self.client = tlv.Connection(Side.CLIENT)
        self.transport = MemoryTransport()
        self.pump = owner.new_pump(StreamPump, responder)
        self.pump.connection_made(self.transport)

    def say(self, *messages: TlvMessage) -> list[TlvMessage]:
        """What has been written in answer, and since it last spoke."""
        for message in messages:
            self.client.send(message)
        self.pump.received(self.client.data_to_send())
        return self.hear()

    def hear(self) -> list[TlvMessage]:
        """What has been written since the last time."""
        self.client.receive_data(b"".join(self.transport.written))
        self.transport.written.clear()
        return self.client.events()
