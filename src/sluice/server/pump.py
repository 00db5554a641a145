"""One socket and one Connection: bytes in, events to the owner, bytes out.

Rule: nothing is decided here. What leaves in one turn of the loop leaves in one write.
"""

from asyncio import BaseTransport, BufferedProtocol, Protocol, Transport
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from typing import Protocol as Port

from sluice.noise.handshake import Responder
from sluice.pool.inputs import Event, PeerId, Wire
from sluice.server.clock import steady
from sluice.server.detect import Language, Opening, Recognised
from sluice.server.limits import Limits
from sluice.server.meter import Meter
from sluice.sv2 import connection as sv2
from sluice.sv2.connection import PeerClosed, Refused, Secured, Tagged
from sluice.sv2.messages.mining import SubmitSharesExtended, SubmitSharesStandard
from sluice.tlv import connection as tlv
from sluice.tlv.messages import SubmitShares
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side

#: Bytes read at once under plain asyncio.
READ_SIZE = 65_536


class Speaker(Port):
    """A connection on whichever wire: the seam that all of them have."""

    def receive_data(self, data: bytes, /) -> None:
        """Take bytes; RemoteProtocolError is final."""

    def events(self) -> Sequence[Any]:
        """What they said."""

    def send(self, message: Any, /) -> None:
        """Queue a message. LocalProtocolError if it is not its moment."""

    def send_frame(self, packed: bytes, /) -> None:
        """Queue one that is packed already."""

    def data_to_send(self) -> bytes:
        """All that is to be written, once."""


Shake = Callable[[], Responder]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language that is served: the pool's name for its wire, and a connection that speaks it."""

    wire: Wire
    speaker: Callable[[Shake], Speaker]
    #: Whether a handshake comes first; without one a peer is the pool's at once.
    shakes: bool


SPOKEN: Mapping[Language, Spoken] = {
    Language.NOISE: Spoken(Wire.SV2, lambda shake: sv2.Connection(Side.SERVER, shake()), shakes=True),
    Language.TLV: Spoken(Wire.TLV, lambda shake: tlv.Connection(Side.SERVER), shakes=False),
}
#: Where nothing else is served, Stratum V2 may do without encryption (spec 4).
SV2 = SPOKEN[Language.NOISE]
PLAIN_SV2 = Spoken(Wire.SV2, lambda shake: sv2.Connection(Side.SERVER), shakes=False)
#: Languages that are not, and what people are told.
TURNED_AWAY: Mapping[Language, str] = {
    Language.JSON: "speaks JSON; a Stratum V1 miner needs a translating proxy in between",
    Language.HTTP: "speaks HTTP, and this port is for miners",
    Language.TLS: "speaks TLS; a miner comes without it, as Stratum V2 has encryption of its own",
    Language.TEXT: "speaks plain text, no protocol of miners",
}


#: What a connection tells of itself; all else is the peer's word, and the pool's to hear.
_OURS = frozenset({Secured, Recognised, PeerClosed})
#: Shares, as they come: how long the answer to a read takes is measured when one of them ends it.
_SHARES = frozenset({SubmitSharesStandard, SubmitSharesExtended, Tagged, Refused, SubmitShares})


class PumpOwner(Port):
    """What a pump needs of the world."""

    limits: Limits
    meter: Meter
    read_buffer: memoryview

    def arrived(self, pump: "Pump", /) -> None:
        """A socket was accepted."""

    def secured(self, pump: "Pump", /) -> None:
        """Its peer has finished the handshake, or needs none."""

    def hear(self, peer: PeerId, event: Event, /) -> None:
        """The peer said something."""

    def flush(self) -> None:
        """What was said before may be answered now."""

    def stalled(self, pump: "Pump", /) -> None:
        """The peer does not read as fast as it is written to."""

    def recovered(self, pump: "Pump", /) -> None:
        """It has caught up."""

    def parting(self, pump: "Pump", /) -> None:
        """The connection ends once what was written has left."""

    def left(self, pump: "Pump", reason: str, /) -> None:
        """The socket is gone."""


class Pump:
    """The part that does not care how bytes come in. Mutable; one owner."""

    __slots__ = ("_shake", "_speaks", "address", "connection", "owner", "peer", "reason", "transport", "wire")

    def __init__(self, owner: PumpOwner, peer: PeerId, shake: Shake, spoken: Spoken | None = None) -> None:
        """`shake` makes our end of a handshake, if there is to be one; `spoken` is what the peer must speak.

        Without that, the peer's first bytes tell.
        """
        self.owner = owner
        self.peer = peer
        self.connection: Speaker = Opening() if spoken is None else spoken.speaker(shake)
        self.wire = Wire.SV2 if spoken is None else spoken.wire
        self._shake = shake
        self._speaks = spoken is not None and not spoken.shakes
        self.transport: Transport | None = None
        self.address = ""
        #: Why the connection ended, once it is known.
        self.reason = ""

    def connection_made(self, transport: BaseTransport) -> None:
        """A socket was accepted."""
        self.transport = cast(Transport, transport)
        self.address = _written(transport.get_extra_info("peername"))
        self.transport.set_write_buffer_limits(high=self.owner.limits.send_queue_bytes)
        self.owner.arrived(self)
        if self._speaks and not self.transport.is_closing():
            self.owner.secured(self)

    def received(self, data: bytes) -> None:
        """Bytes came in: what they say goes to the owner, what is to be answered goes out."""
        began = steady()
        connection = self.connection
        broken = ""
        kind: type | None = None
        try:
            connection.receive_data(data)
        except RemoteProtocolError as error:
            broken = f"protocol error: {error}"
        # What came before a broken rule counts: it may be a share.
        owner = self.owner
        for event in connection.events():
            kind = type(event)
            if kind not in _OURS:
                owner.hear(self.peer, event)
            elif kind is Secured:
                owner.secured(self)
            elif kind is Recognised:
                self._become(event)
                return
        owner.flush()
        self.flush()
        if kind in _SHARES:
            owner.meter.answer.observe(steady() - began)
        if broken:
            self.end(broken)

    def still_opening(self) -> bool:
        """Whether it is open still what the peer speaks, now that it has waited for a while."""
        opening = self.connection
        if isinstance(opening, Opening):
            opening.waited()
            self.received(b"")
        return isinstance(self.connection, Opening) and not self.reason

    def _become(self, recognised: Recognised) -> None:
        """It is known what the peer speaks: go on in that, with what it has said already."""
        language = recognised.language
        if language in TURNED_AWAY:
            self.end(TURNED_AWAY[language])
            return
        spoken = SPOKEN[language]
        self.wire = spoken.wire
        self.connection = spoken.speaker(self._shake)
        if not spoken.shakes:
            self.owner.secured(self)
        self.received(recognised.opening)

    def flush(self) -> None:
        """Write what the connection has to say."""
        data = self.connection.data_to_send()
        if data and self.transport is not None:
            self.owner.meter.sent += len(data)
            self.transport.write(data)

    def end(self, reason: str) -> None:
        """Close once what was written has left."""
        self.reason = self.reason or reason
        if self.transport is not None:
            self.transport.close()
            self.owner.parting(self)

    def abort(self, reason: str) -> None:
        """Close at once; what was not sent is lost."""
        self.reason = self.reason or reason
        if self.transport is not None:
            self.transport.abort()

    def eof_received(self) -> bool:
        """The peer sends no more: then we do not either."""
        self.end("closed by the peer")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self.owner.left(self, self.reason or ("connection lost" if exc else "closed by the peer"))
        self.transport = None

    def pause_writing(self) -> None:
        """The peer's queue is at the bound: until it reads, we do not, as answers would only add to it."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()
            self.owner.stalled(self)

    def resume_writing(self) -> None:
        """The peer has read."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
            self.owner.recovered(self)


class StreamPump(Pump, Protocol):
    """For uvloop, which hands over bytes that are already read."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        self.owner.meter.received += len(data)
        self.received(data)


class BufferedPump(Pump, BufferedProtocol):
    """For plain asyncio, which otherwise makes a new buffer of 256 KiB for each read."""

    __slots__ = ()

    def get_buffer(self, sizehint: int) -> memoryview:
        """One buffer for all connections: it is emptied before anybody reads again."""
        return self.owner.read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came in."""
        self.owner.meter.received += nbytes
        self.received(bytes(self.owner.read_buffer[:nbytes]))


def _written(peer: tuple[str, int] | None) -> str:
    """A socket's other end, as people write it; IPv6 has more fields than two."""
    if not peer:
        return "unknown"
    host, port = peer[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
