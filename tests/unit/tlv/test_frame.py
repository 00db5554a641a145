"""Frames: whole, a byte at a time, with a tail, and with every lie that a length can tell."""

import struct

import pytest

from sluice.tlv.frame import HEADER, MAX_BODY, MIN_BODY, FrameReader, frame, opened
from sluice.tlv.messages import SetupConnection, ShareData, SubmitShares
from sluice.wire.errors import LocalProtocolError, ProtocolError
from support.tlv import SETUP, WRITTEN


def read(reader: FrameReader) -> tuple[int, bytes] | None:
    tag = reader.tag()
    payload = None if tag is None else reader.payload()
    return None if tag is None or payload is None else (tag, payload)


def test_frames_come_whole_and_byte_by_byte() -> None:
    wire = b"".join(bytes.fromhex(written) for _, written in WRITTEN)
    expected = [(message.tag, message.layout.write(message)) for message, _ in WRITTEN]
    whole, slow = FrameReader(), FrameReader()
    whole.feed(wire)
    assert [read(whole) for _ in expected] == expected
    assert read(whole) is None
    assert whole.whole
    found = []
    for at in range(len(wire)):
        slow.feed(wire[at : at + 1])
        found.append(read(slow))
    assert [each for each in found if each] == expected
    assert slow.whole


def test_what_a_frame_has_beyond_its_payload_is_ignored() -> None:
    payload = SETUP.layout.write(SETUP)
    body = struct.pack("<HI", 1, len(payload)) + payload + b"more"
    reader = FrameReader()
    reader.feed(struct.pack("<I", len(body)) + body + frame(SETUP))
    assert read(reader) == (1, payload) == read(reader)
    assert opened(body) == (1, payload)


@pytest.mark.parametrize("size", [0, 1, 5, MAX_BODY + 1, 0xFFFFFFFF])
def test_an_outer_length_that_nobody_allows(size: int) -> None:
    reader = FrameReader()
    reader.feed(HEADER.pack(size, 1, 0))
    with pytest.raises(ProtocolError, match=f"a frame of {size} bytes, 6 to 1048576 are allowed"):
        reader.tag()


@pytest.mark.parametrize(("size", "length"), [(6, 1), (40, 35), (MAX_BODY, MAX_BODY), (6, 0xFFFFFFFF)])
def test_an_inner_length_beyond_the_outer(size: int, length: int) -> None:
    reader = FrameReader()
    reader.feed(HEADER.pack(size, 1, length))
    with pytest.raises(ProtocolError, match=f"a frame of {size} bytes in which {length + 6} are announced"):
        reader.tag()


def test_a_mebibyte_fits_and_a_byte_more_does_not() -> None:
    room = MAX_BODY - MIN_BODY - len(SetupConnection(2, "", ()).layout.write(SetupConnection(2, "", ())))
    largest = frame(SetupConnection(2, "x" * room, ()))
    assert len(largest) == 4 + MAX_BODY
    reader = FrameReader()
    reader.feed(largest)
    tag, payload = opened(largest[4:])
    assert read(reader) == (tag, payload)
    with pytest.raises(LocalProtocolError, match="SetupConnection of 1048577 bytes, 1048576 at most"):
        frame(SetupConnection(2, "x" * (room + 1), ()))


def test_a_mebibyte_holds_eighteen_thousand_shares() -> None:
    shares = (ShareData(1, 1, 0, 1, bytes(32)),) * 18_000
    tag, payload = opened(frame(SubmitShares(1, shares))[4:])
    assert tag == 0x30
    message, _ = SubmitShares.layout.read(payload, 0)
    assert message == SubmitShares(1, shares)


@pytest.mark.parametrize("body", [b"", bytes(5), struct.pack("<HI", 1, 1), bytes(MAX_BODY + 1)])
def test_a_body_by_itself_is_held_to_the_same(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        opened(body)


def test_nothing_is_kept_of_what_a_lie_announces() -> None:
    reader = FrameReader()
    reader.feed(HEADER.pack(100, 1, 94) + bytes(93))
    assert reader.tag() == 1
    assert reader.payload() is None
    assert not reader.whole
    reader.feed(b"\x00")
    assert read(reader) == (1, bytes(94))
