"""A connection's transcripts: what is sent, what arrives, and what is final.

Each in plaintext and under Noise; deeper mixtures are in tests/property.
"""

import tracemalloc

import pytest

from sluice.noise.handshake import ACT1_SIZE, ACT2_SIZE
from sluice.sv2.bounds import MAX_RECEIVED, MAX_UNKNOWN
from sluice.sv2.connection import Connection, PeerClosed, Refused, Secured, Tagged, Unknown
from sluice.sv2.flags import Protocol
from sluice.sv2.frame import frame
from sluice.sv2.life import State
from sluice.sv2.messages.common import (
    ChannelEndpointChanged,
    Reconnect,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensions, RequestExtensionsSuccess
from sluice.sv2.messages.jobs import DeclareMiningJob
from sluice.sv2.messages.mining import (
    CloseChannel,
    SetTarget,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.sv2.sealing import seal_frame
from sluice.sv2.tlv import WORKER_IDENTITY, Tlv, user_identity_tlv
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from sluice.wire.side import Side
from support.noise import AUTHORITY, initiator, responder
from support.wire import Pair, Rogue, any_frame, cut, deliver, one_by_one, setup

SHARE = SubmitSharesStandard(1, 2, 3, 4, 5, 6)
EXTENDED = SubmitSharesExtended(1, 2, 3, 4, 5, 6, b"extranonce")
ACK = SubmitSharesSuccess(1, 2, 1, 1024)
DECLARED = DeclareMiningJob(1, b"token", 1, b"", b"", (bytes(32),), b"")


@pytest.fixture(params=[False, True], ids=["plain", "noise"])
def noise(request: pytest.FixtureRequest) -> bool:
    assert isinstance(request.param, bool)
    return request.param


@pytest.fixture
def pair(noise: bool) -> Pair:
    return Pair(noise=noise).open()


@pytest.fixture
def rogue(noise: bool) -> Rogue:
    return Rogue(noise=noise).open()


@pytest.fixture
def naming(noise: bool) -> Rogue:
    """One with whom 0x0002 is negotiated."""
    return Rogue(noise=noise).open(Protocol.MINING, WORKER_IDENTITY)


# The handshake


def test_the_handshake_answers_by_itself() -> None:
    client, server = Connection(Side.CLIENT, initiator()), Connection(Side.SERVER, responder())
    act_1 = client.data_to_send()
    assert len(act_1) == ACT1_SIZE
    assert deliver(client, server) == []
    server.receive_data(act_1)
    assert server.events() == [Secured(None)]
    act_2 = server.data_to_send()
    assert len(act_2) == ACT2_SIZE
    client.receive_data(act_2)
    assert client.events() == [Secured(AUTHORITY)]
    assert (client.life.state, server.life.state) == (State.SETUP, State.SETUP)


def test_the_handshake_byte_by_byte() -> None:
    client, server = Connection(Side.CLIENT, initiator()), Connection(Side.SERVER, responder())
    for octet in one_by_one(client.data_to_send()):
        assert server.data_to_send() == b""
        server.receive_data(octet)
    for octet in one_by_one(server.data_to_send()):
        assert client.events() == []
        client.receive_data(octet)
    client.send(setup())
    assert deliver(client, server) == [Secured(None), setup()]
    assert client.events() == [Secured(AUTHORITY)]


def test_a_frame_right_behind_act_2_is_read_with_the_new_key() -> None:
    client = Connection(Side.CLIENT, initiator())
    act_2, ciphers = responder().act_1(client.data_to_send())
    frames = b"".join(seal_frame(frame(ACK), ciphers.send.seal))
    with pytest.raises(RemoteProtocolError, match=r"SubmitShares.Success from the server while .* set up"):
        client.receive_data(act_2 + frames)
    assert client.events() == [Secured(AUTHORITY)]


def test_a_server_that_the_authority_did_not_sign() -> None:
    stranger = b"\x79\xbe\x66\x7e\xf9\xdc\xbb\xac\x55\xa0\x62\x95\xce\x87\x0b\x07" * 2
    client, server = Connection(Side.CLIENT, initiator(stranger)), Connection(Side.SERVER, responder())
    server.receive_data(client.data_to_send())
    with pytest.raises(RemoteProtocolError, match="authority"):
        client.receive_data(server.data_to_send())
    assert client.events() == []


def test_garbage_instead_of_act_1_shows_with_the_first_frame() -> None:
    server = Connection(Side.SERVER, responder())
    server.receive_data(bytes(64))
    assert server.events() == [Secured(None)]  # any 64 bytes are a key
    with pytest.raises(RemoteProtocolError, match="damaged"):
        server.receive_data(b"Host: pool.example\r\n\r\n")


def test_nothing_is_sent_before_the_handshake() -> None:
    client = Connection(Side.CLIENT, initiator())
    with pytest.raises(LocalProtocolError, match="Noise acts"):
        client.send(setup())
    assert len(client.data_to_send()) == ACT1_SIZE


def test_the_handshake_is_dropped_once_it_is_done() -> None:
    pair = Pair(noise=True)
    assert pair.client._handshake is None
    assert pair.server._handshake is None


# Messages


def test_a_conversation(pair: Pair) -> None:
    pair.say(pair.client, SHARE)
    pair.say(pair.server, ACK)
    pair.say(pair.client, CloseChannel(1, "done"))
    pair.say(pair.server, CloseChannel(1, "gone"))
    assert (pair.server.data_to_send(), pair.server.events()) == (b"", [])


def test_several_messages_in_one_piece_and_one_in_several(pair: Pair) -> None:
    for _ in range(3):
        pair.client.send(SHARE)
    data = pair.client.data_to_send()
    pair.server.receive_data(data[:10])
    assert pair.server.events() == []
    pair.server.receive_data(data[10:-1])
    assert pair.server.events() == [SHARE, SHARE]
    pair.server.receive_data(data[-1:])
    assert pair.server.events() == [SHARE]


def test_a_setup_in_pieces(noise: bool) -> None:
    rogue = Rogue(noise=noise)
    for octet in one_by_one(rogue.wire(frame(setup()))):
        assert rogue.server.events() == []
        rogue.server.receive_data(octet)
    assert rogue.server.events() == [setup()]


def test_a_frame_packed_once_goes_to_many(noise: bool) -> None:
    packed = frame(SetTarget(1, bytes(32)))
    pairs = [Pair(noise=noise).open() for _ in range(3)]
    for pair in pairs:
        pair.server.send_frame(packed)
        assert pair.to_client() == [SetTarget(1, bytes(32))]
        pair.client.send_frame(frame(SHARE))
        assert pair.to_server() == [SHARE]


def test_a_frame_is_not_sent_before_the_connection_is_open(noise: bool) -> None:
    pair = Pair(noise=noise)
    with pytest.raises(LocalProtocolError, match="a frame while the client is to set up"):
        pair.server.send_frame(frame(ACK))
    pair.say(pair.client, setup())
    pair.say(pair.server, SetupConnectionError(0, "unsupported-protocol"))
    with pytest.raises(LocalProtocolError, match="refused the setup"):
        pair.server.send_frame(frame(ACK))


def test_our_own_mistake_changes_nothing(pair: Pair) -> None:
    for mistake in (SHARE, SetTarget(1, b"short"), setup(), DECLARED):
        with pytest.raises(LocalProtocolError):
            pair.server.send(mistake)
    assert pair.server.data_to_send() == b""
    pair.say(pair.server, ACK)


def test_after_reconnect_the_chapter_still_flows(pair: Pair) -> None:
    pair.say(pair.server, Reconnect("", 0))
    assert (pair.server.life.state, pair.client.life.state) == (State.LEAVING, State.LEAVING)
    pair.say(pair.client, SHARE)
    pair.say(pair.server, ACK)


def test_a_setup_for_a_protocol_nobody_knows_is_for_the_pool_to_refuse(noise: bool) -> None:
    pair = Pair(noise=noise)
    pair.say(pair.client, setup(protocol=7))
    with pytest.raises(LocalProtocolError, match="protocol 7"):
        pair.server.send(SetupConnectionSuccess(2, 0))
    pair.say(pair.server, SetupConnectionError(0, "unsupported-protocol"))
    assert pair.client.life.state is State.CLOSED


# What the peer must not do


def test_what_came_before_an_offence_counts_and_can_be_answered(rogue: Rogue) -> None:
    with pytest.raises(RemoteProtocolError, match="SetTarget from the client"):
        rogue.send(frame(SHARE), frame(SetTarget(1, bytes(32))))
    assert rogue.server.events() == [SHARE]
    rogue.server.send(ACK)
    assert rogue.server.data_to_send()


def test_an_offence_is_final(rogue: Rogue) -> None:
    with pytest.raises(RemoteProtocolError, match="SetupConnection from the client"):
        rogue.send(frame(setup()))
    for _ in range(2):
        with pytest.raises(RemoteProtocolError, match="SetupConnection from the client"):
            rogue.send(frame(SHARE))
    with pytest.raises(RemoteProtocolError, match="SetupConnection from the client"):
        rogue.server.receive_eof()
    assert rogue.server.events() == []


def test_another_chapters_message(rogue: Rogue) -> None:
    with pytest.raises(RemoteProtocolError, match=r"DeclareMiningJob from the client while .*\(protocol 0\)"):
        rogue.send(frame(DECLARED))


@pytest.mark.parametrize("packed", [frame(SHARE), frame(RequestExtensions(1, ())), any_frame(0xFE, b"")])
def test_before_the_setup_nothing_else_comes(noise: bool, packed: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="while the client is to set up the connection"):
        Rogue(noise=noise).send(packed)


def test_a_damaged_body_is_named(rogue: Rogue) -> None:
    with pytest.raises(RemoteProtocolError, match="SubmitSharesStandard of 23 bytes instead of 24"):
        rogue.send(any_frame(0x1A, bytes(23)))


def test_a_size_over_the_bound_is_refused_with_the_header(noise: bool) -> None:
    bound = MAX_RECEIVED[SubmitSharesExtended.code]
    assert len(Rogue(noise=noise).open().say(any_frame(0x1B, bytes(bound)))) == 1
    for size in (bound + 1, 2**24 - 1):
        rogue = Rogue(noise=noise).open()
        with pytest.raises(
            RemoteProtocolError, match=f"SubmitSharesExtended of {size} bytes, {bound} at most"
        ):
            rogue.send(any_frame(0x1B, b"", size))


def test_the_setups_size_is_bounded_too(noise: bool) -> None:
    with pytest.raises(RemoteProtocolError, match="SetupConnection of 65536 bytes"):
        Rogue(noise=noise).send(any_frame(0x00, b"", 65_536))


def test_bytes_of_a_later_version_are_ignored(rogue: Rogue) -> None:
    assert rogue.say(frame(SHARE, b"future")) == [SHARE]


# Messages we do not know


@pytest.mark.parametrize("size", [0, 1, 65_519, 65_520, 300_000])
def test_an_unknown_message_is_skipped(rogue: Rogue, size: int) -> None:
    assert rogue.say(any_frame(0x4242FE, bytes(size)), frame(SHARE)) == [Unknown(0x4242, 0xFE, size), SHARE]


def test_a_core_number_under_another_extension_is_unknown(rogue: Rogue) -> None:
    for code in (0x00031A, 0x80031A):  # and with the channel bit
        assert rogue.say(any_frame(code, bytes(24))) == [Unknown(3, 0x1A, 24)]


def test_an_unknown_message_has_its_bound(rogue: Rogue) -> None:
    with pytest.raises(RemoteProtocolError, match="an unknown message of 1048577 bytes, 1048576 at most"):
        rogue.send(any_frame(0xFE, b"", MAX_UNKNOWN + 1))


def test_an_unknown_message_takes_no_room(rogue: Rogue) -> None:
    wire = rogue.wire(any_frame(0xFE, bytes(MAX_UNKNOWN)))
    pieces = cut(wire, range(0, len(wire), 16_384))
    tracemalloc.start()
    for piece in pieces:
        rogue.server.receive_data(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rogue.server.events() == [Unknown(0, 0xFE, MAX_UNKNOWN)]
    assert peak < 5 * 65_536  # a chunk being collected, one being opened; not the MiB


# Extensions


def test_extensions_are_negotiated(pair: Pair) -> None:
    pair.say(pair.client, RequestExtensions(1, (2, 3)))
    assert pair.server.negotiated == pair.client.negotiated == frozenset()
    pair.say(pair.server, RequestExtensionsSuccess(1, (2,)))
    assert pair.server.negotiated == pair.client.negotiated == {2}
    pair.say(pair.server, ChannelEndpointChanged(1))
    assert pair.server.negotiated == pair.client.negotiated == frozenset()


def test_a_share_names_its_worker(pair: Pair) -> None:
    pair.negotiate(WORKER_IDENTITY)
    tlv = user_identity_tlv("rack-7.unit-3")
    pair.client.send(EXTENDED, [tlv])
    pair.client.send(EXTENDED)
    assert pair.to_server() == [Tagged(EXTENDED, (tlv,)), EXTENDED]


@pytest.mark.parametrize("start", ["0200010200", "0002010002"], ids=["little", "big"])
def test_a_worker_in_either_byte_order(naming: Rogue, start: str) -> None:
    area = bytes.fromhex(start) + b"w1"
    assert naming.say(frame(EXTENDED, area)) == [Tagged(EXTENDED, (user_identity_tlv("w1"),))]


def test_a_name_that_is_too_long_costs_this_share_alone(naming: Rogue) -> None:
    area = bytes.fromhex("0200012100") + b"x" * 33
    refused = Refused(EXTENDED, "user_identity of 33 bytes, 32 at most")
    assert naming.say(frame(EXTENDED, area), frame(SHARE)) == [refused, SHARE]


def test_without_negotiation_a_name_is_ignored(rogue: Rogue) -> None:
    assert rogue.say(frame(EXTENDED, bytes.fromhex("0200010200") + b"w1")) == [EXTENDED]


def test_a_name_that_must_not_be_sent(pair: Pair) -> None:
    with pytest.raises(LocalProtocolError, match="not negotiated"):
        pair.client.send(EXTENDED, [user_identity_tlv("w1")])
    pair.negotiate(WORKER_IDENTITY)
    with pytest.raises(LocalProtocolError, match="33 bytes"):
        pair.client.send(EXTENDED, [Tlv(WORKER_IDENTITY, 1, bytes(33))])
    assert pair.client.data_to_send() == b""


# The end


def test_the_peer_closes(pair: Pair) -> None:
    pair.client.send(SHARE)
    pair.server.receive_data(pair.client.data_to_send())
    pair.server.receive_eof()
    assert pair.server.events() == [SHARE, PeerClosed()]
    pair.say(pair.server, ACK)  # its other half may still be open
    with pytest.raises(RemoteProtocolError, match="had closed"):
        pair.server.receive_data(b"x")


@pytest.mark.parametrize("size", [1, 6, 22, 25, 40])
def test_the_peer_closes_within_a_frame(pair: Pair, size: int) -> None:
    pair.client.send(EXTENDED)
    pair.server.receive_data(pair.client.data_to_send()[:size])
    with pytest.raises(RemoteProtocolError, match="closed in the middle"):
        pair.server.receive_eof()
    assert pair.server.events() == []


def test_the_peer_closes_within_the_handshake() -> None:
    silent, torn = Connection(Side.SERVER, responder()), Connection(Side.SERVER, responder())
    silent.receive_eof()
    assert silent.events() == [PeerClosed()]
    torn.receive_data(bytes(63))
    with pytest.raises(RemoteProtocolError, match="closed in the middle"):
        torn.receive_eof()


def test_nothing_received_is_nothing() -> None:
    server = Connection(Side.SERVER)
    server.receive_data(b"")
    assert server.events() == []


@pytest.mark.parametrize("protocol", Protocol)
def test_each_protocol_has_its_chapter(noise: bool, protocol: Protocol) -> None:
    pair = Pair(noise=noise).open(protocol)
    if protocol is Protocol.JOB_DECLARATION:
        pair.say(pair.client, DECLARED)
    else:
        with pytest.raises(LocalProtocolError, match="DeclareMiningJob"):
            pair.client.send(DECLARED)
