"""Two connections back to back, and every way in which a peer breaks the rules."""

import pytest

from sluice.tlv.connection import Connection
from sluice.tlv.frame import HEADER, MAX_BODY, frame
from sluice.tlv.life import State
from sluice.tlv.message import Message
from sluice.tlv.messages import (
    OpenMiningChannel,
    OpenMiningChannelError,
    OpenMiningChannelSuccess,
    SetupConnectionError,
    SubmitShares,
    SubmitSharesSuccess,
)
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from sluice.wire.side import Side
from support.tlv import SETUP, WELCOME, WRITTEN

OPEN = OpenMiningChannel(1, 42, 1)
OPENED = OpenMiningChannelSuccess(1, 42, b"\xff" * 32, 10)


class Pair:
    """A client and a server; what one says the other hears at once."""

    def __init__(self) -> None:
        self.client, self.server = Connection(Side.CLIENT), Connection(Side.SERVER)

    def say(self, sender: Connection, *messages: Message) -> list[Message]:
        for message in messages:
            sender.send(message)
        receiver = self.server if sender is self.client else self.client
        receiver.receive_data(sender.data_to_send())
        return receiver.events()

    def open(self) -> "Pair":
        assert self.say(self.client, SETUP) == [SETUP]
        assert self.say(self.server, WELCOME) == [WELCOME]
        return self


def test_a_conversation() -> None:
    pair = Pair().open()
    assert pair.client.state is pair.server.state is State.OPEN
    assert pair.say(pair.client, OPEN) == [OPEN]
    assert pair.say(pair.server, OPENED) == [OPENED]
    assert pair.say(pair.client, SubmitShares(1, ()), SETUP) == [SubmitShares(1, ()), SETUP]
    assert pair.say(pair.server, SubmitSharesSuccess(1, 0), WELCOME) == [SubmitSharesSuccess(1, 0), WELCOME]
    assert pair.client.events() == []
    assert pair.server.data_to_send() == b""


def test_what_comes_too_early_can_be_answered_and_changes_nothing() -> None:
    pair = Pair()
    assert pair.say(pair.client, OPEN) == [OPEN]
    refusal = OpenMiningChannelError(42, 2, "no")
    assert pair.say(pair.server, refusal, SetupConnectionError(1, "no")) == [
        refusal,
        SetupConnectionError(1, "no"),
    ]
    assert pair.server.state is State.SETUP
    assert pair.open().server.state is State.OPEN


def test_bytes_one_by_one() -> None:
    server, events = Connection(Side.SERVER), []
    for octet in frame(SETUP) + frame(OPEN):
        server.receive_data(bytes((octet,)))
        events += server.events()
    assert events == [SETUP, OPEN]


def test_a_body_without_its_outer_length() -> None:
    server = Connection(Side.SERVER)
    server.receive_body(frame(SETUP)[4:])
    server.receive_body(frame(OPEN)[4:] + b"ignored")
    assert server.events() == [SETUP, OPEN]
    server.send(WELCOME)
    assert server.data_to_send().hex() == WRITTEN[1][1]  # the answer has one: the origin's has, too


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (HEADER.pack(6, 0x0099, 0), r"an unknown message \(0x0099\) from the client"),
        (frame(WELCOME), r"SetupConnection\.Success from the client"),
        (HEADER.pack(8, 0x0001, 2) + b"\x02\x00", "SetupConnection: "),
        (HEADER.pack(MAX_BODY + 1, 0x0001, 0), "a frame of 1048577 bytes"),
        (HEADER.pack(6, 0x0001, 1), "7 are announced"),
        (frame(SETUP).replace(b"m1", b"\xff\xff"), "no UTF-8"),
        (
            HEADER.pack(22, 0x0030, 16) + b"\x01\x00\x00\x00" + b"\xff" * 8 + bytes(4),
            "SubmitShares ends early|SubmitShares: ",
        ),
    ],
)
def test_what_breaks_a_rule_is_final(wire: bytes, reason: str) -> None:
    server = Connection(Side.SERVER)
    with pytest.raises(RemoteProtocolError, match=reason):
        server.receive_data(frame(SETUP) + wire + frame(OPEN))
    assert server.events() == [SETUP]
    for again in (server.receive_data, server.receive_body):
        with pytest.raises(RemoteProtocolError, match=reason):
            again(frame(SETUP))
    with pytest.raises(RemoteProtocolError, match=reason):
        server.receive_eof()
    server.send(WELCOME)  # what came before can be answered


def test_an_unwanted_message_is_refused_before_its_payload_is_waited_for() -> None:
    server = Connection(Side.SERVER)
    with pytest.raises(RemoteProtocolError):
        server.receive_data(HEADER.pack(MAX_BODY, 0x0020, MAX_BODY - 6))


@pytest.mark.parametrize("body", [b"", bytes(6), frame(WELCOME)[4:], frame(SETUP)[4:-1]])
def test_a_body_that_breaks_a_rule_is_final(body: bytes) -> None:
    server = Connection(Side.SERVER)
    with pytest.raises(RemoteProtocolError):
        server.receive_body(body)
    with pytest.raises(RemoteProtocolError):
        server.receive_body(frame(SETUP)[4:])


def test_the_end_of_a_stream() -> None:
    whole, torn = Connection(Side.SERVER), Connection(Side.SERVER)
    whole.receive_data(frame(SETUP))
    whole.receive_eof()
    torn.receive_data(frame(SETUP)[:-1])
    with pytest.raises(RemoteProtocolError, match="in the middle of a message"):
        torn.receive_eof()
    with pytest.raises(RemoteProtocolError, match="had closed its side"):
        whole.receive_data(b"")


@pytest.mark.parametrize(
    ("side", "message"),
    [(Side.SERVER, OPENED), (Side.SERVER, SETUP), (Side.CLIENT, WELCOME)],
)
def test_our_own_mistakes_leave_no_trace(side: Side, message: Message) -> None:
    connection = Connection(side)
    with pytest.raises(LocalProtocolError):
        connection.send(message)
    with pytest.raises(LocalProtocolError):
        connection.send(OpenMiningChannel(-1, 0, 0) if side is Side.CLIENT else SetupConnectionError(-1, ""))
    assert connection.data_to_send() == b""
    assert connection.state is State.SETUP


def test_a_frame_that_is_packed_already() -> None:
    pair = Pair()
    with pytest.raises(LocalProtocolError):
        pair.server.send_frame(frame(OPENED))
    pair.open().server.send_frame(frame(OPENED))
    pair.client.receive_data(pair.server.data_to_send())
    assert pair.client.events() == [OPENED]
