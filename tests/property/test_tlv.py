"""What holds for the dialect whatever is said, however it is cut, and wherever it is damaged."""

from hypothesis import given
from hypothesis import strategies as st

from sluice.tlv.connection import Connection
from sluice.tlv.frame import frame
from sluice.tlv.message import Message
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side
from support.tlv import WELCOME, said_by
from support.wire import cut

PIECES = st.lists(st.integers(1, 200), max_size=20)


def listener(side: Side) -> Connection:
    """One that hears all that `side` may say."""
    connection = Connection(side.peer)
    if side is Side.SERVER:
        connection.receive_data(frame(WELCOME))
        assert connection.events() == [WELCOME]
    return connection


@given(data=st.data(), side=st.sampled_from([Side.CLIENT, Side.SERVER]), sizes=PIECES)
def test_whatever_is_said_is_heard_however_it_is_cut(
    data: st.DataObject, side: Side, sizes: list[int]
) -> None:
    said: list[Message] = data.draw(st.lists(said_by(side), max_size=6))
    wire = b"".join(map(frame, said))
    connection, heard = listener(side), []
    for piece in cut(wire, sizes):
        connection.receive_data(piece)
        heard += connection.events()
    assert heard == said
    connection.receive_eof()


@given(
    said=st.lists(said_by(Side.CLIENT), min_size=1, max_size=4),
    at=st.integers(0, 10_000),
    octet=st.integers(0, 255),
    sizes=PIECES,
)
def test_damage_is_heard_as_something_else_or_ends_it(
    said: list[Message], at: int, octet: int, sizes: list[int]
) -> None:
    wire = bytearray(b"".join(map(frame, said)))
    wire[at % len(wire)] = octet
    connection, heard = listener(Side.CLIENT), []
    try:
        for piece in cut(bytes(wire), sizes):
            connection.receive_data(piece)
            heard += connection.events()
    except RemoteProtocolError:
        heard += connection.events()
    assert len(heard) <= len(wire) // 10


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_end_it(data: bytes) -> None:
    connection = listener(Side.CLIENT)
    for receive in (connection.receive_data, connection.receive_body):
        try:
            receive(data)
        except RemoteProtocolError:
            continue
