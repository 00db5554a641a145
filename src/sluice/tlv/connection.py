"""One peer's connection: bytes in, events out; messages in, bytes out. No socket, no clock, no encryption.

    connection.receive_data(data)          # or receive_body(body), or receive_eof()
    for event in connection.events(): ...  # also after a RemoteProtocolError: what came before it counts
    connection.send(message)
    write(connection.data_to_send())

The seam of sv2.connection. A RemoteProtocolError is final: the connection is to be closed without a word, as the
origin does. A LocalProtocolError is our mistake: nothing was sent and nothing has changed.
"""

from sluice.tlv.frame import FrameReader, frame, opened
from sluice.tlv.life import CHANGES, FLOWS, State
from sluice.tlv.message import REGISTRY, Message
from sluice.wire.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from sluice.wire.side import Side


class Connection:
    """One side of one connection. Mutable; one owner."""

    __slots__ = ("_events", "_failure", "_out", "_reader", "side", "state")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.state = State.SETUP
        self._reader = FrameReader()
        self._events: list[Message] = []
        self._out: list[bytes] = []
        self._failure: str | None = None

    def receive_data(self, data: bytes) -> None:
        """Take what a stream brought. RemoteProtocolError, at once and from then on, if it is against the rules."""
        self._check_receiving()
        try:
            self._reader.feed(data)
            while (tag := self._reader.tag()) is not None:
                self._admit(tag)
                payload = self._reader.payload()
                if payload is None:
                    return
                self._take(tag, payload)
        except ProtocolError as error:
            self._fail(str(error))

    def receive_body(self, body: bytes) -> None:
        """Take a frame without its outer length, where the transport knows its end (a node's P2P layer)."""
        self._check_receiving()
        try:
            tag, payload = opened(body)
            self._admit(tag)
            self._take(tag, payload)
        except ProtocolError as error:
            self._fail(str(error))

    def receive_eof(self) -> None:
        """The peer has closed its side. RemoteProtocolError if that was in the middle of something."""
        self._check_receiving()
        if not self._reader.whole:
            self._fail("the peer closed in the middle of a message")
        self._failure = "the peer had closed its side"

    def events(self) -> list[Message]:
        """What was said since the last call, in order."""
        events, self._events = self._events, []
        return events

    def send(self, message: Message) -> None:
        """Queue a message. LocalProtocolError if it is not its moment, or a value does not fit."""
        if message.tag not in FLOWS[self.state][self.side]:
            raise LocalProtocolError(
                f"{message.wire_name} from the {self.side.value} while {self.state.value}"
            )
        self._out.append(frame(message))
        self._pass(message)

    def send_frame(self, packed: bytes) -> None:
        """Queue a frame of `frame(message)` as it is: one that changes nothing. LocalProtocolError before the setup."""
        if self.state is not State.OPEN:
            raise LocalProtocolError(f"a frame while {self.state.value}")
        self._out.append(packed)

    def data_to_send(self) -> bytes:
        """All that is to be written, once."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def _admit(self, tag: int) -> None:
        """ProtocolError unless the peer may send such a message now: before its payload is waited for."""
        if tag not in FLOWS[self.state][self.side.peer]:
            name = REGISTRY[tag].wire_name if tag in REGISTRY else f"an unknown message ({tag:#06x})"
            raise ProtocolError(f"{name} from the {self.side.peer.value} while {self.state.value}")

    def _take(self, tag: int, payload: bytes) -> None:
        message, _ = REGISTRY[tag].layout.read(payload, 0)
        self._pass(message)
        self._events.append(message)

    def _pass(self, message: Message) -> None:
        self.state = CHANGES[self.state].get(type(message), self.state)

    def _check_receiving(self) -> None:
        if self._failure is not None:
            raise RemoteProtocolError(self._failure)

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self._reader = FrameReader()
        raise RemoteProtocolError(reason)
