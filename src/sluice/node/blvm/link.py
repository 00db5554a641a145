"""One connection to a blvm-node's module socket.

Rule: a node that loses a peer before it has answered its handshake serves no module ever again (B3 of
docs/blvm.md). So connecting and sending the handshake are one step without an await in it, which nobody can
cancel, and its answer is waited for without limit: whoever loses patience leaves the link as it is.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sluice.blvm.connection import Answered, Connection, Event, Identity, PeerClosed, Ready, Unreadable
from sluice.blvm.envelopes import EventMessage, InvocationMessage, LogMessage
from sluice.blvm.modules import Call, Result, RpcCall
from sluice.blvm.requests import Request
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError

CHUNK = 262_144
MAX_UNSENT = 48 * 2**20  # one message of the largest size, and some: a node that reads nothing gets no more
NO_JSON = "calls whose parameters are JSON cannot be read inside bincode"


class LinkLost(Exception):
    """The node has closed, or what it sent were no frames; `unanswered` is what it had been asked."""

    def __init__(self, reason: str, unanswered: Request | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unanswered = unanswered


class Link:
    """Mutable. `heard` is called for each event and `invoked` for each call, both at once and while nobody waits:
    a call is answered without asking the node anything, which would wait for us (B11).
    """

    __slots__ = (
        "_answer",
        "_connection",
        "_heard",
        "_invoked",
        "_lost",
        "_ready",
        "_socket",
        "_unsent",
        "skipped",
    )

    def __init__(
        self,
        path: Path,
        identity: Identity,
        heard: Callable[[EventMessage], None],
        invoked: Callable[[Call], Result | str],
    ) -> None:
        """Connects and sends the handshake. OSError if nobody listens there."""
        loop = asyncio.get_running_loop()
        self._heard = heard
        self._invoked = invoked
        self._connection = Connection(identity)
        self._ready: asyncio.Future[str] = loop.create_future()
        self._answer: asyncio.Future[Answered] | None = None
        self._lost: LinkLost | None = None
        self._unsent = bytearray()
        #: Frames that could not be understood.
        self.skipped = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            self._socket.connect(str(path))
        except BaseException:  # whatever it is, nobody gets this object to close it
            self._socket.close()
            raise
        loop.add_reader(self._socket, self._read)
        self._flush()

    @property
    def lost(self) -> LinkLost | None:
        """Why it is over; None while it is not."""
        return self._lost

    async def ready(self) -> str:
        """The node's version, once it has let us in. Raises LinkLost. A cancelled wait leaves the link alone."""
        return await asyncio.shield(self._ready)

    async def ask(self, request: Request) -> Answered:
        """The node's answer. Raises LinkLost if it closes instead, LocalProtocolError if it cannot be asked."""
        if self._lost is not None:
            raise self._lost
        self._connection.request(request)
        self._answer = asyncio.get_running_loop().create_future()
        self._flush()
        return await asyncio.shield(self._answer)

    async def settled(self) -> None:
        """Until nothing is asked any more: who asked before may have lost patience. Raises LinkLost."""
        if self._answer is not None and not self._answer.done():
            await asyncio.shield(self._answer)

    def log(self, line: LogMessage) -> bool:
        """A line for the node's log; whether it could be sent."""
        if self._lost is not None or not self._connection.ready:
            return False
        self._connection.log(line)
        self._flush()
        return True

    def close(self, reason: str = "closed on our side") -> None:
        """Let go. Before `ready` this costs the node its module socket: only at the end of our process."""
        self._end(reason)

    def _read(self) -> None:
        try:
            data = self._socket.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        if not data:
            self._end("the node has closed the connection")
            return
        broken = ""
        try:
            self._connection.receive_data(data)
        except RemoteProtocolError as error:
            broken = f"what it sends is not the protocol of blvm-node's modules: {error}"
        for event in self._connection.events():
            self._happened(event)
        self._flush()
        if broken:
            self._end(broken)

    def _happened(self, event: Event) -> None:
        match event:
            case Ready():
                if not self._ready.done():
                    self._ready.set_result(event.node_version)
            case Answered():
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(event)
            case EventMessage():
                self._heard(event)
            case InvocationMessage():
                result = NO_JSON if isinstance(event.call, RpcCall) else self._invoked(event.call)
                try:
                    self._connection.answer(event, result)
                except LocalProtocolError as error:
                    self._connection.answer(event, f"the answer could not be sent: {error}")
            case Unreadable():
                self.skipped += 1
            case PeerClosed():
                pass  # `_end` asks for it

    def _flush(self) -> None:
        """Send what can be sent now; the rest follows when there is room."""
        if self._lost is not None:
            return
        self._unsent += self._connection.data_to_send()
        try:
            sent = self._socket.send(self._unsent) if self._unsent else 0
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            return  # reading will say why, after all that had come before
        del self._unsent[:sent]
        loop = asyncio.get_running_loop()
        if len(self._unsent) > MAX_UNSENT:
            self._end("the node does not read")
        elif self._unsent:
            loop.add_writer(self._socket, self._flush)
        else:
            loop.remove_writer(self._socket)

    def _end(self, reason: str) -> None:
        if self._lost is not None:
            return
        self._connection.receive_eof()
        closed = [event for event in self._connection.events() if isinstance(event, PeerClosed)]
        self._lost = LinkLost(reason, closed[0].unanswered)
        with suppress(RuntimeError):  # the loop is closed already
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)
        self._socket.close()
        for waited in (self._ready, self._answer):
            if waited is not None and not waited.done():
                waited.set_exception(self._lost)
                waited.exception()  # nobody may be waiting, which is no mistake
