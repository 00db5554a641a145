"""Miners that reach us over the node's own peers, in the origin's dialect: no socket of ours, the node hands frames on.

Best effort, as the node is: it does not say when a peer has gone, and closes our connection if one has that we write
to. Whoever is silent for too long goes by the pool's own rule.
Rule: strangers decide how many there are and how much is sent to them, so both are bounded.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NoReturn

from sluice.blvm.events.modules import StratumV2MessageReceived
from sluice.server.detect import Language
from sluice.server.loop import Owner
from sluice.server.pump import SPOKEN, Pump

#: A node has some dozens of peers; each that mines costs us what a miner costs.
MAX_PEERS = 64
#: Frames that wait for the node; it takes one at a time, fifty a second at most.
MAX_WAITING = 1_024

Send = Callable[[str, bytes], Awaitable[None]]


class PeerTransport(asyncio.Transport):
    """What a pump takes for its socket. Mutable; one owner: the event loop."""

    def __init__(self, peers: "NodePeers", address: str) -> None:
        host, _, port = address.rpartition(":")
        super().__init__({"peername": (host.strip("[]"), port)})
        self.address = address
        self._peers = peers
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self._peers.queue(self, bytes(data))

    def close(self) -> None:
        """What was written leaves, if it can."""
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._peers.forget, self.address)

    def abort(self) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self._closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """One bound for all of them, in `NodePeers`."""

    def pause_reading(self) -> None:
        """The node hands frames on whether we like it or not."""

    def resume_reading(self) -> None:
        """As above."""


class NodePeers:
    """All such miners. Mutable; one owner: the event loop."""

    __slots__ = ("_arrived", "_owner", "_pumps", "_waiting")

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._pumps: dict[str, Pump] = {}
        self._waiting: deque[tuple[PeerTransport, bytes]] = deque()
        self._arrived = asyncio.Event()

    def heard(self, event: StratumV2MessageReceived) -> None:
        """A peer of the node's has sent a frame, without the length that stood before it."""
        pump = self._pumps.get(event.peer_addr) or self._welcome(event.peer_addr)
        if pump is not None:
            pump.received(len(event.message_data).to_bytes(4, "little") + event.message_data)

    def queue(self, transport: PeerTransport, data: bytes) -> None:
        """Something is to be sent to a peer; too much for all of them ends this one."""
        if len(self._waiting) >= MAX_WAITING:
            self._end(transport.address, "does not read")
            return
        self._waiting.append((transport, data))
        self._arrived.set()

    def forget(self, address: str) -> None:
        """A peer's connection, if one may call it so, has ended."""
        pump = self._pumps.pop(address, None)
        if pump is not None:
            pump.connection_lost(None)

    async def run(self, send: Send) -> None:
        """Send what is to be sent, for ever. A peer that `send` raises ConnectionError for is gone."""
        while True:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            transport, data = self._waiting.popleft()
            try:
                await send(transport.address, data)
            except ConnectionError as error:
                self._end(transport.address, str(error))

    def _welcome(self, address: str) -> Pump | None:
        if len(self._pumps) >= MAX_PEERS:
            return None
        pump = self._pumps[address] = self._owner.new_pump(Pump, _no_handshake, SPOKEN[Language.TLV])
        pump.connection_made(PeerTransport(self, address))
        return pump

    def _end(self, address: str, reason: str) -> None:
        pump = self._pumps.get(address)
        if pump is not None:
            pump.abort(reason)


def _no_handshake() -> NoReturn:
    raise AssertionError("the origin's dialect has none")
