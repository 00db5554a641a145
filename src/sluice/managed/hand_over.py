"""The one connection that a blvm-node serves, handed to the node itself and taken back (docs/blvm.md, B1, B2, B5).

Having started a module, the node opens a connection of its own under the module's id and waits until that is served,
which happens when ours ends; only then is the module loaded, and has the permissions of its manifest, under its name.
After that the node asks on its connection every few seconds, and would keep the one place for ever. So ours ends
right after it has used up what a node allows an id in a second: the node's own question is one too many, and by its
own rule it drops itself.

Rule: a connection of ours ends in no other way before the module is loaded, or nobody but the node is ever served.
"""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sluice.blvm.connection import Identity
from sluice.blvm.editions import FIRST_EDITION, Edition, edition_of
from sluice.blvm.envelopes import Envelope, EventMessage, RequestMessage, ResponseMessage
from sluice.blvm.events.modules import ModuleLoaded
from sluice.blvm.events.types import EventType
from sluice.blvm.frame import FrameReader, frame
from sluice.blvm.requests import GetChainTip, Handshake, Request, SubscribeEvents
from sluice.blvm.responses import HandshakeAck
from sluice.wire.errors import RemoteProtocolError

#: What a node allows one id in a second of the clock.
ALLOWANCE = 100
#: Into a second, so that the node's clock has seen it begin.
INTO_THE_SECOND = 0.005
#: Tries, one a second: the node comes after its module_startup_wait_millis, which it does not tell.
ROUNDS = 60
READ_SIZE = 65_536


class NodeLeft(Exception):
    """The node has closed, or does not speak as a node does."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One blocking connection that was let in."""

    socket: socket.socket
    reader: FrameReader
    edition: Edition

    def use_up(self, identity: Identity) -> bool:
        """All questions of a second at once; whether the node says that the module is loaded."""
        questions: list[Request] = [SubscribeEvents((EventType.ModuleLoaded,))]
        questions += [GetChainTip()] * (ALLOWANCE - len(questions))
        packed = [
            self.edition.pack(RequestMessage(number, question.wire_name, question))
            for number, question in enumerate(questions, 2)
        ]
        self.socket.sendall(b"".join(map(frame, packed)))
        answered, loaded = 0, False
        for envelope in self.envelopes():
            answered += isinstance(envelope, ResponseMessage)
            loaded = loaded or _is_loaded(envelope, identity.module_name)
            if answered == len(questions):
                break
        return loaded

    def envelopes(self) -> Iterator[Envelope]:
        """What the node says, for ever. Raises NodeLeft."""
        for body in _bodies(self.socket, self.reader):
            try:
                yield self.edition.read(body)
            except RemoteProtocolError as error:
                raise NodeLeft(str(error)) from error


def hand_over(path: Path, identity: Identity) -> bool:
    """Whether the module is loaded, and is to call itself by its name from now on.

    Waits as long as the node lets us wait. Raises NodeLeft.
    """
    for _ in range(ROUNDS):
        with socket.socket(socket.AF_UNIX) as connection:
            line = _let_in(connection, path, identity)
            _wait_for_a_second()
            try:
                loaded = line.use_up(identity)
            except OSError as error:
                raise NodeLeft(str(error)) from error
        if loaded:
            return True
    return False


def _let_in(connection: socket.socket, path: Path, identity: Identity) -> _Line:
    handshake = Handshake(identity.module_id, identity.module_name, identity.version)
    reader = FrameReader()
    try:
        connection.connect(str(path))
        connection.sendall(frame(FIRST_EDITION.pack(RequestMessage(1, handshake.wire_name, handshake))))
        answer = FIRST_EDITION.read(next(_bodies(connection, reader)))
    except (OSError, RemoteProtocolError) as error:
        raise NodeLeft(str(error)) from error
    if not isinstance(answer, ResponseMessage) or not isinstance(answer.payload, HandshakeAck):
        raise NodeLeft("the handshake was answered with something else")
    return _Line(connection, reader, edition_of(answer.payload.node_version))


def _bodies(connection: socket.socket, reader: FrameReader) -> Iterator[bytes]:
    while True:
        while (body := reader.body()) is not None:
            yield body
        data = connection.recv(READ_SIZE)
        if not data:
            raise NodeLeft("the node has closed the connection")
        reader.feed(data)


def _wait_for_a_second() -> None:
    """Until one has just begun on the wall clock: the node counts by it."""
    time.sleep(1.0 - time.time() % 1.0 + INTO_THE_SECOND)


def _is_loaded(envelope: Envelope, name: str) -> bool:
    if not isinstance(envelope, EventMessage) or not isinstance(envelope.payload, ModuleLoaded):
        return False
    return envelope.payload.module_name == name
