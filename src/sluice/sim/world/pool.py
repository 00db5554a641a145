"""The pool's side of a simulated world: the whole brain, a Connection for each miner, and no sockets.

Rule: effects are performed as `server/` performs them: in order, and what one input brings leaves together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sluice.noise.certificate import StaticIdentity
from sluice.noise.handshake import Responder
from sluice.pool.effects import BlockEffect, Broadcast, Close, Effect, Send, Tell
from sluice.pool.events import Happening
from sluice.pool.inputs import CaughtUp, Connected, Event, Gone, Input, PeerId, Said, Ticked, Wire
from sluice.pool.pool import Pool
from sluice.server.pump import Speaker
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.link import Link
from sluice.sim.world.node import EPOCH
from sluice.sv2.connection import Connection, PeerClosed, Secured
from sluice.sv2.frame import frame
from sluice.tlv import connection as tlv
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side

#: Seconds between two ticks: answers may wait for so long, but an hour is only 36,000 of them.
TICK_SECONDS = 0.1
CLIENT_END, POOL_END = 0, 1


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who else wants to know: of what a peer said, before the pool does; of what the pool tells; whom blocks go to."""

    heard: Callable[[PeerId, Event], None]
    told: Callable[[Happening], None]
    blocks: Callable[[BlockEffect], None]


class Seat:
    """One connection as the pool's side has it: the world's form of `server.pump`. Mutable; one owner."""

    __slots__ = ("connection", "link", "peer", "side")

    def __init__(self, side: "WorldPool", peer: PeerId, connection: Speaker) -> None:
        self.side = side
        self.peer = peer
        self.connection = connection
        self.link: Link | None = None

    def receive(self, data: bytes) -> None:
        """Bytes arrived."""
        broken = ""
        try:
            self.connection.receive_data(data)
        except RemoteProtocolError as error:
            broken = f"protocol error: {error}"
        for event in self.connection.events():
            self.side.hear(self, event)
        self.side.feed(CaughtUp())
        self.flush()
        if broken:
            self.side.end(self, broken)

    def lost(self, reason: str) -> None:
        """The link has ended."""
        self.side.forget(self, reason)

    def flush(self) -> None:
        """What there is to say goes on its way."""
        data = self.connection.data_to_send()
        if data and self.link is not None:
            self.link.send(CLIENT_END, data)


class WorldPool:
    """Owns the pool and its seats. Mutable; one owner."""

    def __init__(
        self, clock: JumpingClock, noise: Random, pool: Pool, identity: StaticIdentity | None, hooks: Hooks
    ) -> None:
        """`identity` None: everybody talks in plaintext."""
        self.pool = pool
        self.seats: dict[PeerId, Seat] = {}
        self._clock = clock
        self._noise = noise
        self._identity = identity
        self._hooks = hooks
        self._peers = 0
        clock.every(TICK_SECONDS, self._tick)

    def seat(self, wire: Wire = Wire.SV2) -> Seat:
        """One for a connection that is about to come; its link is put in afterwards."""
        self._peers += 1
        if wire is Wire.TLV:
            seat = self.seats[self._peers] = Seat(self, self._peers, tlv.Connection(Side.SERVER))
            self.feed(Connected(seat.peer, "plaintext", wire))
            return seat
        handshake = None
        if self._identity is not None:
            handshake = Responder(self._identity, self._noise.randbytes(32), self._noise.randbytes(32))
        seat = self.seats[self._peers] = Seat(self, self._peers, Connection(Side.SERVER, handshake))
        if handshake is None:
            self.feed(Connected(seat.peer, "plaintext"))
        return seat

    def feed(self, happened: Input) -> None:
        """Something happened; what is to be done about it is done."""
        touched: dict[PeerId, Seat] = {}
        for effect in self.pool.react(happened, self._clock.now):
            self._perform(effect, touched)
        for seat in touched.values():
            seat.flush()

    def hear(self, seat: Seat, event: Event) -> None:
        """A peer said something."""
        if isinstance(event, Secured):
            self.feed(Connected(seat.peer, "sealed"))
        elif not isinstance(event, PeerClosed):
            self._hooks.heard(seat.peer, event)
            self.feed(Said(seat.peer, event))

    def forget(self, seat: Seat, reason: str) -> None:
        """A connection is no more."""
        if self.seats.pop(seat.peer, None):
            self.feed(Gone(seat.peer, reason))

    def end(self, seat: Seat, reason: str) -> None:
        """Close a connection once what was said has arrived."""
        if seat.link is not None:
            seat.link.close(POOL_END)
        self.forget(seat, reason)

    def _tick(self) -> None:
        self.feed(Ticked(EPOCH + int(self._clock.now)))

    def _perform(self, effect: Effect, touched: dict[PeerId, Seat]) -> None:
        match effect:
            case Send():
                if seat := self.seats.get(effect.peer):
                    seat.connection.send(effect.message)
                    touched[seat.peer] = seat
            case Broadcast():
                packed = frame(effect.message)
                for seat in filter(None, map(self.seats.get, effect.peers)):
                    seat.connection.send_frame(packed)
                    touched[seat.peer] = seat
            case Close():
                if seat := self.seats.get(effect.peer):
                    seat.flush()
                    self.end(seat, effect.reason)
            case Tell():
                self._hooks.told(effect.event)
            case _:
                self._hooks.blocks(effect)
