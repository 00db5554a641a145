"""One peer's connection: bytes in, events out; messages in, bytes out. No socket, no clock.

    connection.receive_data(data)          # or receive_eof()
    for event in connection.events(): ...  # also after a RemoteProtocolError: what came before it counts
    connection.send(message)
    write(connection.data_to_send())       # after each of them: Noise answers by itself

A RemoteProtocolError is final: nothing more is received; what came before it can still be answered, then
close. A LocalProtocolError is our mistake: nothing was sent and nothing has changed.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from sluice.noise.cipher import CipherError
from sluice.noise.handshake import ACT1_SIZE, ACT2_SIZE, HandshakeError, Initiator, Responder
from sluice.sv2.bounds import MAX_RECEIVED, MAX_UNKNOWN
from sluice.sv2.frame import FrameReader, frame
from sluice.sv2.life import Flow, Life, State
from sluice.sv2.message import REGISTRY, Message, decode
from sluice.sv2.sealing import SealedReader, seal_frame
from sluice.sv2.tlv import Tlv, decode_tlvs, encode_tlvs, too_long
from sluice.wire.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from sluice.wire.side import Side


class Tagged(Struct, frozen=True, gc=False):
    """A message with optional fields of a negotiated extension."""

    message: Message
    tlvs: tuple[Tlv, ...]


class Refused(Struct, frozen=True, gc=False):
    """A message that MUST be rejected, and it alone: an optional field is too long (spec 3.4.3).

    Whoever owns its channel may answer it with an error; the connection and other channels go on.
    """

    message: Message
    reason: str


class Unknown(Struct, frozen=True, gc=False):
    """A message that no declaration covers: skipped (spec 3.4.1), and the connection lives."""

    extension_type: int
    msg_type: int
    size: int


class Secured(Struct, frozen=True, gc=False):
    """The handshake is done; `authority` is the x-only key that vouched for the server, if one was asked for."""

    authority: bytes | None = None


class PeerClosed(Struct, frozen=True, gc=False):
    """The peer sends no more. What we send may still reach it."""


Event = Message | Tagged | Refused | Unknown | Secured | PeerClosed


class Connection:
    """One side of one connection; `handshake` None means plaintext (spec 4: only where the network is trusted).

    The handshake and its keys are dropped once it is done, and no buffer is kept while it is empty.
    """

    __slots__ = (
        "_events",
        "_failure",
        "_handshake",
        "_incoming",
        "_out",
        "_outgoing",
        "_reader",
        "_seal",
        "life",
        "side",
    )

    def __init__(self, side: Side, handshake: Responder | Initiator | None = None) -> None:
        self.side = side
        self.life = Life(State.SETUP if handshake is None else State.HANDSHAKE)
        self._handshake = handshake
        self._reader = FrameReader()
        self._seal: Callable[[bytes], bytes] | None = None
        self._events: list[Event] = []
        self._out: list[bytes] = []
        self._failure: str | None = None
        self._incoming: Flow = self.life.quiet(side.peer)
        self._outgoing: Flow = self.life.quiet(side)
        if isinstance(handshake, Initiator):
            self._out.append(handshake.act_1())

    @property
    def negotiated(self) -> frozenset[int]:
        """The extensions that RequestExtensions.Success has named, whoever sent it."""
        return self.life.negotiated

    def receive_data(self, data: bytes) -> None:
        """Take what was received. RemoteProtocolError, at once and from then on, if it is against the rules.

        The events that came before the offence can still be had.
        """
        self._check_receiving()
        try:
            self._reader.feed(data)
            if self._handshake is None or self._shaken(self._handshake):
                self._read()
        except (ProtocolError, HandshakeError, CipherError) as error:
            self._fail(str(error))
            raise RemoteProtocolError(str(error)) from error

    def receive_eof(self) -> None:
        """The peer has closed its side. RemoteProtocolError if that was in the middle of something."""
        self._check_receiving()
        if not self._reader.whole:
            self._fail("the peer closed in the middle of a message")
            self._check_receiving()
        self._failure = "the peer had closed its side"
        self._events.append(PeerClosed())

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        events = self._events
        if events:
            self._events = []
            return events
        return []

    def send(self, message: Message, tlvs: Sequence[Tlv] = ()) -> None:
        """Queue a message. LocalProtocolError if it is not its moment, or a value does not fit."""
        area = encode_tlvs(type(message), tlvs, self.negotiated) if tlvs else b""
        packed = frame(message, area)
        if message.code not in self._outgoing:
            self._pass_out(message)
        self._put(packed)

    def send_frame(self, packed: bytes) -> None:
        """Queue a frame of `frame(message)` as it is: a broadcast is packed once and sealed for each.

        It must be a message that flows and changes nothing; only that something flows is checked here.
        """
        if not self._outgoing:
            raise LocalProtocolError(f"a frame while {self.life.state.value}")
        self._put(packed)

    def data_to_send(self) -> bytes:
        """All that is to be written, once."""
        out = self._out
        if not out:
            return b""
        data = b"".join(out)
        out.clear()
        return data

    def _put(self, packed: bytes) -> None:
        seal = self._seal
        if seal is None:
            self._out.append(packed)
        else:
            self._out += seal_frame(packed, seal)

    def _pass_out(self, message: Message) -> None:
        try:
            self.life.passes(self.side, message)
        except ProtocolError as error:
            raise LocalProtocolError(str(error)) from None
        self._look_up_flows()

    def _look_up_flows(self) -> None:
        self._incoming = self.life.quiet(self.side.peer)
        self._outgoing = self.life.quiet(self.side)

    def _shaken(self, handshake: Responder | Initiator) -> bool:
        """Whether the handshake is done now; its acts have fixed sizes and no length before them (spec 4.5)."""
        if isinstance(handshake, Responder):
            act = self._reader.take(ACT1_SIZE)
            if act is None:
                return False
            answer, ciphers = handshake.act_1(act)
            self._out.append(answer)
            authority = None
        else:
            act = self._reader.take(ACT2_SIZE)
            if act is None:
                return False
            ciphers = handshake.act_2(act)
            authority = handshake.authority
        self._handshake = None
        self._seal = ciphers.send.seal
        self._reader = SealedReader(ciphers.receive.open, self._reader.rest())
        self.life.secured()
        self._events.append(Secured(authority))
        return True

    def _read(self) -> None:
        """The hot path: a message that flows is read here, everything else in `_read_rare`."""
        reader, events = self._reader, self._events
        while (header := reader.header()) is not None:
            code, size = header
            cls = self._incoming.get(code)
            if cls is None or size > MAX_RECEIVED[code]:
                if not self._read_rare(code, size):
                    return
                continue
            payload = reader.payload()
            if payload is None:
                return
            message, end = cls.layout.read(payload, 0)
            if end != size and self.life.negotiated:
                message = self._with_tlvs(message, payload[end:])
            events.append(message)

    def _read_rare(self, code: int, size: int) -> bool:
        """Read a message that moves the life, or skip one we do not know; False: it is not all there yet.

        Whether it may come at all, and so large, is judged before a byte of it is kept.
        """
        cls = REGISTRY.get(code)
        if cls is None:
            return self._skip(code, size)
        self.life.admits(self.side.peer, cls)
        if size > MAX_RECEIVED[code]:
            raise ProtocolError(f"{cls.wire_name} of {size} bytes, {MAX_RECEIVED[code]} at most")
        payload = self._reader.payload()
        if payload is None:
            return False
        message, _ = decode(cls, payload)
        self.life.passes(self.side.peer, message)
        self._look_up_flows()
        self._events.append(message)
        return True

    def _skip(self, code: int, size: int) -> bool:
        self.life.admits_unknown()
        if size > MAX_UNKNOWN:
            raise ProtocolError(f"an unknown message of {size} bytes, {MAX_UNKNOWN} at most")
        if not self._reader.skip():
            return False
        self._events.append(Unknown(code >> 8, code & 0xFF, size))
        return True

    def _with_tlvs(self, message: Message, area: bytes) -> Event:
        tlvs = decode_tlvs(type(message), area, self.life.negotiated)
        reason = too_long(tlvs)
        if reason is not None:
            return Refused(message, reason)
        return Tagged(message, tlvs) if tlvs else message

    def _check_receiving(self) -> None:
        if self._failure is not None:
            raise RemoteProtocolError(self._failure)

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self._handshake = None
        self._reader = FrameReader()
