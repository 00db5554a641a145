"""Two connections back to back, plain or under Noise, and ways to cut what goes between them."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from sluice.sv2.connection import Connection, Event, Secured
from sluice.sv2.flags import Protocol
from sluice.sv2.frame import HEADER, frame
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.extensions import RequestExtensions, RequestExtensionsSuccess
from sluice.sv2.sealing import seal_frame
from sluice.wire.side import Side
from support.noise import initiator, responder


def setup(protocol: int = Protocol.MINING, flags: int = 0) -> SetupConnection:
    return SetupConnection(int(protocol), 2, 2, flags, "pool.example", 3333, "vendor", "hw", "fw", "")


class Pair:
    """A client and a server; what one sends the other gets when told to."""

    def __init__(self, *, noise: bool) -> None:
        self.client = Connection(Side.CLIENT, initiator() if noise else None)
        self.server = Connection(Side.SERVER, responder() if noise else None)
        if noise:
            assert self.to_server() == [Secured(None)]
            assert [type(event) for event in self.to_client()] == [Secured]

    def open(self, protocol: int = Protocol.MINING) -> "Pair":
        """As far as the chapter's messages flow."""
        self.say(self.client, setup(protocol))
        self.say(self.server, SetupConnectionSuccess(2, 0))
        return self

    def negotiate(self, *extensions: int) -> "Pair":
        self.say(self.client, RequestExtensions(1, extensions))
        self.say(self.server, RequestExtensionsSuccess(1, extensions))
        return self

    def say(self, speaker: Connection, message: Message) -> None:
        """Send, deliver, and see that it arrived as it left."""
        speaker.send(message)
        assert (self.to_server() if speaker is self.client else self.to_client()) == [message]

    def to_server(self) -> list[Event]:
        return deliver(self.client, self.server)

    def to_client(self) -> list[Event]:
        return deliver(self.server, self.client)


class Rogue:
    """A client that knows the wire but not the rules: it sends what it is told to."""

    def __init__(self, *, noise: bool) -> None:
        self.server = Connection(Side.SERVER, responder() if noise else None)
        self._seal: Callable[[bytes], bytes] | None = None
        if noise:
            mine = initiator()
            self.server.receive_data(mine.act_1())
            self._seal = mine.act_2(self.server.data_to_send()).send.seal
            assert self.server.events() == [Secured(None)]

    def open(self, protocol: int = Protocol.MINING, *extensions: int) -> "Rogue":
        """As far as the chapter's messages flow, with these extensions negotiated."""
        self.send(frame(setup(protocol)))
        self.server.send(SetupConnectionSuccess(2, 0))
        if extensions:
            self.send(frame(RequestExtensions(1, extensions)))
            self.server.send(RequestExtensionsSuccess(1, extensions))
        self.server.events()
        self.server.data_to_send()
        return self

    def wire(self, *frames: bytes) -> bytes:
        """The bytes that carry these frames, whatever they say."""
        if self._seal is None:
            return b"".join(frames)
        return b"".join(piece for packed in frames for piece in seal_frame(packed, self._seal))

    def send(self, *frames: bytes) -> None:
        self.server.receive_data(self.wire(*frames))

    def say(self, *frames: bytes) -> list[Event]:
        """What the server makes of them."""
        self.send(*frames)
        return self.server.events()


def any_frame(code: int, payload: bytes, size: int | None = None) -> bytes:
    """A frame of any code, extension in the upper bits, around any payload; `size` is what its header says."""
    announced = len(payload) if size is None else size
    return HEADER.pack(code >> 8, code & 0xFF, announced & 0xFFFF, announced >> 16) + payload


def deliver(sender: Connection, receiver: Connection) -> list[Event]:
    receiver.receive_data(sender.data_to_send())
    return receiver.events()


def cut(data: bytes, places: Iterable[int]) -> Sequence[bytes]:
    """The same bytes in pieces; a place beyond the end cuts nothing."""
    edges = [0, *sorted({place for place in places if 0 < place < len(data)}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def one_by_one(data: bytes) -> Sequence[bytes]:
    return cut(data, range(len(data)))
