"""A module's end of one connection to a blvm-node: no socket, no clock.

    connection = Connection(Identity("blvm-stratum-v2", "blvm-stratum-v2", "0.1.0"))
    write(connection.data_to_send())       # the handshake: at once, a node waits for nothing else
    connection.receive_data(data)
    for event in connection.events(): ...  # Ready first; also after a RemoteProtocolError
    connection.request(GetChainTip())      # one at a time: its Answered, then the next

Rule: what of a frame cannot be understood costs that frame alone, and is told as Unreadable; only bytes that are
no frames, or an answer to the handshake that is none, are a RemoteProtocolError, and final.
"""

from msgspec import Struct

from sluice.blvm.editions import FIRST_EDITION, Edition, edition_of, kind_of, number_of
from sluice.blvm.envelopes import (
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    Kind,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.frame import FrameReader, frame
from sluice.blvm.modules import Result
from sluice.blvm.requests import Handshake, Request
from sluice.blvm.responses import HandshakeAck, Response
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError


class Identity(Struct, frozen=True):
    """Who we say we are. The node looks permissions up by `module_id`, whatever it is (B5 of our docs/blvm.md)."""

    module_id: str
    module_name: str
    version: str


class Ready(Struct, frozen=True, gc=False):
    """The node has let us in."""

    node_version: str


class Answered(Struct, frozen=True, gc=False):
    """The answer to `request`: `payload`, or why there is none.

    `legible` is False where the node did answer and it is beyond us.
    """

    request: Request
    payload: Response | None
    reason: str = ""
    legible: bool = True


class Unreadable(Struct, frozen=True, gc=False):
    """A frame that we skipped. `kind` is None if even that is new to us."""

    kind: Kind | None
    size: int
    reason: str


class PeerClosed(Struct, frozen=True, gc=False):
    """The node has closed. `unanswered`: what it had been asked, which then has failed (B4)."""

    unanswered: Request | None


Event = Ready | Answered | EventMessage | InvocationMessage | Unreadable | PeerClosed


class Connection:
    """One connection. Mutable; bounded by one frame that is on its way, and what `events` has not fetched."""

    __slots__ = (
        "_asked",
        "_edition",
        "_events",
        "_failure",
        "_identity",
        "_next_id",
        "_out",
        "_reader",
        "ready",
    )

    def __init__(self, identity: Identity) -> None:
        self.ready = False
        self._identity = identity
        self._edition = FIRST_EDITION  # the handshake is the same in all
        self._reader = FrameReader()
        self._events: list[Event] = []
        self._out: list[bytes] = []
        self._failure: str | None = None
        self._next_id = 1
        self._asked: tuple[int, Request] | None = None
        self._ask(Handshake(identity.module_id, identity.module_name, identity.version))

    @property
    def edition(self) -> Edition:
        """How the node speaks: of the oldest kind until it has said its version."""
        return self._edition

    @property
    def asked(self) -> Request | None:
        """What waits for its answer."""
        return self._asked[1] if self._asked else None

    def receive_data(self, data: bytes) -> None:
        """Take what was received. RemoteProtocolError, at once and from then on, if these are no frames."""
        if self._failure is not None:
            raise RemoteProtocolError(self._failure)
        try:
            self._reader.feed(data)
            while (body := self._reader.body()) is not None:
                self._read(body)
        except RemoteProtocolError as error:
            self._failure = str(error)
            raise

    def receive_eof(self) -> None:
        """The node sends no more."""
        self._events.append(PeerClosed(self.asked))
        self._asked = None
        self._failure = "the node has closed the connection"

    def events(self) -> list[Event]:
        """What has happened since the last call."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> bytes:
        """What is to be written, once."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def request(self, payload: Request) -> int:
        """Ask; the correlation id. LocalProtocolError while another question is open, or before Ready.

        A node answers one at a time, and closes if one fails: with several open, nobody knew which.
        """
        if not self.ready:
            raise LocalProtocolError(f"{payload.wire_name} before the handshake is answered")
        if self._asked is not None:
            raise LocalProtocolError(f"{payload.wire_name} while {self._asked[1].wire_name} is not answered")
        return self._ask(payload)

    def log(self, message: LogMessage) -> None:
        """A line for the node's log; nothing answers it. Needs Ready: before, a node takes it for an offence."""
        if not self.ready:
            raise LocalProtocolError("a log line before the handshake is answered")
        self._out.append(frame(self._edition.pack(message)))

    def answer(self, invocation: InvocationMessage, result: Result | str) -> None:
        """What came of a call; a text says why nothing did."""
        failed = isinstance(result, str)
        answer = InvocationResultMessage(
            invocation.correlation_id,
            success=not failed,
            payload=None if isinstance(result, str) else result,
            error=result if isinstance(result, str) else None,
        )
        self._out.append(frame(self._edition.pack(answer)))

    def _ask(self, payload: Request) -> int:
        number = self._next_id
        body = self._edition.pack(RequestMessage(number, payload.wire_name, payload))
        self._out.append(frame(body))
        self._next_id += 1
        self._asked = number, payload
        return number

    def _read(self, body: bytes) -> None:
        try:
            envelope = self._edition.read(body)
        except RemoteProtocolError as error:
            self._skip(body, str(error))
            return
        match envelope:
            case ResponseMessage():
                self._answered(envelope)
            case EventMessage() | InvocationMessage():
                self._events.append(envelope)
            case _:
                self._events.append(Unreadable(kind_of(body), len(body), "only modules send this"))

    def _answered(self, message: ResponseMessage) -> None:
        request = self._closing(message.correlation_id)
        if request is None:
            self._events.append(
                Unreadable(Kind.RESPONSE, 0, f"number {message.correlation_id} was not asked")
            )
        elif isinstance(request, Handshake):
            self._let_in(message)
        elif message.success and message.payload is not None:
            self._events.append(Answered(request, message.payload))
        else:
            self._events.append(Answered(request, None, message.error or "the node does not say why"))

    def _let_in(self, message: ResponseMessage) -> None:
        ack = message.payload
        if not message.success or not isinstance(ack, HandshakeAck):
            raise RemoteProtocolError(f"the handshake was answered with {ack or message.error!r}")
        self._edition = edition_of(ack.node_version)
        self.ready = True
        self._events.append(Ready(ack.node_version))

    def _skip(self, body: bytes, reason: str) -> None:
        """A frame that cannot be read; if it answers something, then so that nobody waits for it."""
        try:
            kind = kind_of(body)
        except RemoteProtocolError:
            self._events.append(Unreadable(None, len(body), reason))
            return
        number = number_of(body) if kind in (Kind.RESPONSE, Kind.INVOCATION) else None
        request = self._closing(number) if kind is Kind.RESPONSE and number is not None else None
        if isinstance(request, Handshake):
            raise RemoteProtocolError(f"the handshake's answer cannot be read: {reason}")
        if request is not None:
            self._events.append(Answered(request, None, reason, legible=False))
            return
        if kind is Kind.INVOCATION and number is not None:
            refusal = InvocationResultMessage(
                number, success=False, payload=None, error=f"not known: {reason}"
            )
            self._out.append(frame(self._edition.pack(refusal)))
        self._events.append(Unreadable(kind, len(body), reason))

    def _closing(self, number: int) -> Request | None:
        """The question of that number, which is answered now."""
        if self._asked is None or self._asked[0] != number:
            return None
        _, request = self._asked
        self._asked = None
        return request
