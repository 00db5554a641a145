"""A module's end of a real socket to a blvm-node, driven step by step; it connects with its handshake on its lips."""

import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sluice.blvm.connection import Answered, Connection, Event, Identity, PeerClosed, Ready
from sluice.blvm.envelopes import EventMessage
from sluice.blvm.events.payload import EventPayload
from sluice.blvm.requests import Request
from sluice.blvm.responses import Response

NAME = "blvm-stratum-v2"
PATIENCE = 30.0

E = TypeVar("E", bound=Event)


class Module:
    """`with Module(node.socket) as module:` says the handshake; `ready()` waits for its answer."""

    def __init__(self, path: Path, module_id: str = NAME) -> None:
        self._connection = Connection(Identity(module_id, NAME, "0.1.0"))
        self._socket = socket.socket(socket.AF_UNIX)
        self._unread: list[Event] = []
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def ready(self, seconds: float = PATIENCE) -> str:
        """The node's version. TimeoutError if it does not answer."""
        return self._next(Ready, seconds).node_version

    def ask(self, request: Request, seconds: float = PATIENCE) -> Response | None:
        """The answer; None if the node closed instead (B4)."""
        self._connection.request(request)
        self._write()
        try:
            return self._next(Answered, seconds).payload
        except EOFError:
            return None

    def event(self, seconds: float = PATIENCE) -> EventPayload:
        """The next one that was subscribed to. TimeoutError if none comes."""
        return self._next(EventMessage, seconds).payload

    def _next(self, kind: type[E], seconds: float) -> E:
        """The first of a kind that was not asked for yet; EOFError if the node closes before."""
        deadline = time.monotonic() + seconds
        while (found := next((each for each in self._unread if isinstance(each, kind)), None)) is None:
            if any(isinstance(each, PeerClosed) for each in self._unread):
                raise EOFError("the node has closed the connection")
            self._read(deadline - time.monotonic())
        self._unread.remove(found)
        return found

    def _read(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(seconds)
        if data := self._received():
            self._connection.receive_data(data)
        else:
            self._connection.receive_eof()
        self._unread += self._connection.events()

    def _received(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except ConnectionResetError:
            return b""

    def _write(self) -> None:
        self._socket.sendall(self._connection.data_to_send())
