"""What holds for a connection whatever is said, however it is cut, and wherever it is damaged."""

import tracemalloc
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.sv2.bounds import MAX_RECEIVED
from sluice.sv2.connection import Connection, Event, Tagged, Unknown
from sluice.sv2.flags import Protocol
from sluice.sv2.frame import HEADER_SIZE, frame
from sluice.sv2.life import FLOWS
from sluice.sv2.message import REGISTRY, Message, encode
from sluice.sv2.messages.common import (
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensionsSuccess
from sluice.sv2.messages.mining import SubmitSharesExtended
from sluice.sv2.sealing import SEALED_HEADER_SIZE
from sluice.sv2.tlv import WORKER_IDENTITY, Tlv, encode_tlvs
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from sluice.wire.side import Side
from support.messages import ALL_MESSAGES, messages
from support.wire import Pair, Rogue, any_frame, cut, one_by_one, setup

NOISE = pytest.mark.parametrize("noise", [False, True], ids=["plain", "noise"])


def taken(*classes: type[Message]) -> st.SearchStrategy[Message]:
    """Messages no larger than a peer takes: the bounds are narrower than the types."""
    return messages(*classes).filter(lambda message: len(encode(message)) <= MAX_RECEIVED[message.code])


CLIENT = taken(*FLOWS[Protocol.MINING, Side.CLIENT].values())
SAID = {
    protocol: st.lists(
        st.one_of(
            [
                st.tuples(st.just(side), taken(*FLOWS[protocol, side].values()))
                for side in (Side.CLIENT, Side.SERVER)
            ]
        ),
        max_size=8,
    )
    for protocol in Protocol
}
MOVES = taken(
    SetupConnection, SetupConnectionSuccess, SetupConnectionError, Reconnect, RequestExtensionsSuccess
)
ANYTHING = taken(*ALL_MESSAGES) | MOVES | st.sampled_from([setup(protocol) for protocol in Protocol])
unknown_frames = st.builds(
    any_frame,
    st.integers(0, 2**23 - 1).filter(lambda code: code not in REGISTRY),
    st.binary(max_size=100),
)
worker_frames = st.builds(
    lambda share, name: frame(
        share, encode_tlvs(SubmitSharesExtended, [Tlv(WORKER_IDENTITY, 1, name)], {WORKER_IDENTITY})
    ),
    messages(SubmitSharesExtended),
    st.binary(max_size=32),
)
client_frames = CLIENT.map(frame) | unknown_frames | worker_frames
damaged_frames = st.builds(
    any_frame,
    st.sampled_from([cls.code for cls in ALL_MESSAGES]) | st.integers(0, 2**24 - 1),
    st.binary(max_size=80),
    st.none() | st.integers(0, 120) | st.integers(0, 2**24 - 1),
)


def open_rogue(noise: bool) -> Rogue:
    return Rogue(noise=noise).open(Protocol.MINING, WORKER_IDENTITY)


def heard(server: Connection, pieces: Iterable[bytes]) -> tuple[list[Event], str]:
    """Every event of these bytes, and the offence that ended them, if any; anything else is a bug and raises."""
    events: list[Event] = []
    for piece in pieces:
        try:
            server.receive_data(piece)
        except RemoteProtocolError as error:
            return events + server.events(), str(error)
        events += server.events()
    return events, ""


@NOISE
@given(
    frames=st.lists(client_frames | damaged_frames, max_size=8),
    places=st.lists(st.integers(1, 1_500), max_size=20),
)
def test_any_split_of_the_bytes_gives_the_same_events(
    noise: bool, frames: list[bytes], places: list[int]
) -> None:
    ways: list[Callable[[bytes], Iterable[bytes]]] = [
        lambda wire: [wire],
        lambda wire: cut(wire, places),
        one_by_one,
    ]
    results = []
    for way in ways:
        rogue = open_rogue(noise)
        results.append(repr(heard(rogue.server, way(rogue.wire(*frames)))))
    assert results[0] == results[1] == results[2]


@NOISE
@given(frames=st.lists(client_frames, max_size=8))
def test_frames_in_good_order_are_all_heard(noise: bool, frames: list[bytes]) -> None:
    rogue = open_rogue(noise)
    events, offence = heard(rogue.server, [rogue.wire(*frames)])
    assert offence == ""
    assert len(events) == len(frames)
    for event, packed in zip(events, frames, strict=True):
        if isinstance(event, Unknown):
            assert event.size == len(packed) - HEADER_SIZE
        else:
            message = event.message if isinstance(event, Tagged) else event
            assert isinstance(message, Message)
            assert packed.startswith(frame(message)[HEADER_SIZE:], HEADER_SIZE)


@NOISE
@given(frames=st.lists(damaged_frames | client_frames, max_size=8), junk=st.binary(max_size=200))
def test_damage_gives_events_or_one_final_refusal(noise: bool, frames: list[bytes], junk: bytes) -> None:
    rogue = open_rogue(noise)
    _, offence = heard(rogue.server, [rogue.wire(*frames)])
    _, then = heard(rogue.server, [rogue.wire(junk)] if len(junk) >= HEADER_SIZE else [junk])
    if offence:
        assert then == offence


@given(frames=st.lists(client_frames, min_size=1, max_size=4), data=st.data())
def test_under_noise_no_flipped_bit_goes_unseen(frames: list[bytes], data: st.DataObject) -> None:
    rogue, honest = open_rogue(True), open_rogue(True)
    wire = bytearray(rogue.wire(*frames))
    at = data.draw(st.integers(0, len(wire) - 1))
    wire[at] ^= 1 << data.draw(st.integers(0, 7))
    events, offence = heard(rogue.server, [bytes(wire)])
    assert "damaged" in offence
    undamaged, _ = heard(honest.server, [honest.wire(*frames)])
    assert repr(events) == repr(undamaged[: len(events)])
    assert len(events) < len(undamaged)


@NOISE
@given(said=st.lists(messages(*ALL_MESSAGES), max_size=6))
def test_well_formed_messages_in_any_order_are_heard_or_refused(noise: bool, said: list[Message]) -> None:
    rogue = Rogue(noise=noise)  # not even set up: SetupConnection is among them, for any protocol
    events, offence = heard(rogue.server, [rogue.wire(*map(frame, said))])
    assert offence or len(events) == len(said)


@NOISE
@pytest.mark.parametrize("protocol", Protocol)
@given(data=st.data())
def test_back_to_back_what_arrives_is_what_left(noise: bool, protocol: Protocol, data: st.DataObject) -> None:
    pair = Pair(noise=noise).open(protocol)
    for side, message in data.draw(SAID[protocol]):
        speaker = pair.client if side is Side.CLIENT else pair.server
        speaker.send(message)
        heard_now = pair.to_server() if side is Side.CLIENT else pair.to_client()
        assert repr(heard_now) == repr([message])
        assert pair.client.life.state is pair.server.life.state
        assert pair.client.negotiated == pair.server.negotiated


@NOISE
@given(said=st.lists(ANYTHING, max_size=12))
def test_the_two_ends_never_disagree_on_what_may_be_said(noise: bool, said: list[Message]) -> None:
    pair = Pair(noise=noise)
    for message in said:
        for speaker, hear in ((pair.client, pair.to_server), (pair.server, pair.to_client)):
            try:
                speaker.send(message)
            except LocalProtocolError:
                assert speaker.data_to_send() == b""
            else:
                assert repr(hear()) == repr([message])
        assert pair.client.life.state is pair.server.life.state
        assert pair.client.negotiated == pair.server.negotiated


@given(pieces=st.lists(st.binary(max_size=200), max_size=5))
def test_junk_from_the_first_byte_on(pieces: list[bytes]) -> None:
    junk = b"".join(pieces)
    events, offence = heard(Pair(noise=True).server, pieces)
    assert events == []
    assert bool(offence) is (len(junk) >= SEALED_HEADER_SIZE)
    _, offence = heard(Connection(Side.SERVER), pieces)
    perhaps_a_setup = junk[:3] in (b"\0\0\0", b"\0\x80\0")
    assert offence or perhaps_a_setup or len(junk) < HEADER_SIZE


@NOISE
@settings(max_examples=30)
@given(
    code=st.sampled_from([cls.code for cls in ALL_MESSAGES]) | st.just(0xFE), size=st.integers(0, 2**24 - 1)
)
def test_a_header_never_makes_us_keep_more_than_its_bound(noise: bool, code: int, size: int) -> None:
    rogue = open_rogue(noise)
    wire = rogue.wire(any_frame(code, bytes(min(size, 1_500_000)), size))
    pieces = cut(wire, range(0, len(wire), 4_096))
    tracemalloc.start()
    heard(rogue.server, pieces)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    mine = code in FLOWS[Protocol.MINING, Side.CLIENT]
    kept = MAX_RECEIVED[code] if mine and size <= MAX_RECEIVED[code] else 0
    assert peak < 4 * kept + 8 * 65_536  # chunks on their way; not the megabytes announced
