"""The least a server can do for a share: the same sockets, ciphers and frames, one hash, an answer; no pool.

Measured in the same run, it tells what of a share's cost is the machine's and what is ours.
"""

import asyncio
import sys
from hashlib import sha256
from os import urandom
from struct import Struct
from typing import cast

import uvloop

from bench.control import answer_commands
from sluice.bitcoin.target import MAX_TARGET, target_to_wire
from sluice.noise.handshake import Responder
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.sv2.connection import Connection, Event
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.mining import (
    NewMiningJob,
    OpenStandardMiningChannel,
    OpenStandardMiningChannelSuccess,
    SetNewPrevHash,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.wire.side import Side

_HEADER = Struct("<I32s32sIII")
_ANYTHING = target_to_wire(MAX_TARGET)


class Bare(asyncio.Protocol):
    """One connection that believes everything."""

    accepted = 0

    def __init__(self, credentials: Credentials) -> None:
        responder = Responder(credentials.at(unix_time()), urandom(32), urandom(32))
        self.connection = Connection(Side.SERVER, responder)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        connection = self.connection
        connection.receive_data(data)
        for event in connection.events():
            if type(event) is SubmitSharesStandard:
                header = _HEADER.pack(event.version, bytes(32), bytes(32), event.ntime, 0, event.nonce)
                digest = sha256(sha256(header).digest()).digest()
                if int.from_bytes(digest, "little") <= MAX_TARGET:
                    Bare.accepted += 1
                    connection.send(SubmitSharesSuccess(event.channel_id, event.sequence_number, 1, 1))
            else:
                self._rare(event)
        out = connection.data_to_send()
        if out:
            self.transport.write(out)

    def _rare(self, event: Event) -> None:
        send = self.connection.send
        match event:
            case SetupConnection():
                send(SetupConnectionSuccess(2, 0))
            case OpenStandardMiningChannel():
                send(OpenStandardMiningChannelSuccess(event.request_id, 2, _ANYTHING, bytes(16), 1))
                send(NewMiningJob(2, 1, None, 0x20000000, bytes(32)))
                send(SetNewPrevHash(2, 1, bytes(32), unix_time(), 0x207FFFFF))


async def main() -> int:
    """Serve until stdin ends."""
    credentials = Credentials(urandom(32), 86_400, unix_time(), urandom)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Bare(credentials), "127.0.0.1", 0, backlog=4096)
    await answer_commands(
        server.sockets[0].getsockname()[1], {"usage": lambda: {"accepted": Bare.accepted, "refused": 0}}
    )
    server.close()
    return 0


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main()))
