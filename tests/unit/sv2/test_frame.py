"""Frames in plaintext, held to SRI's; each read whole, byte by byte, and with another behind it."""

from collections.abc import Sequence

import pytest

from sluice.sv2.frame import HEADER_SIZE, FrameReader, frame
from sluice.sv2.message import REGISTRY, Message, decode
from sluice.sv2.messages.mining import SetTarget, SubmitSharesExtended
from sluice.sv2.messages.templates import RequestTransactionDataSuccess
from sluice.sv2.types import MAX_PAYLOAD
from sluice.wire.errors import LocalProtocolError
from support.messages import ALL_MESSAGES, Golden, example, golden_frames
from support.vectors import vector_cases
from support.wire import cut, one_by_one


def read_all(reader: FrameReader, pieces: Sequence[bytes]) -> list[tuple[int, bytes]]:
    frames = []
    for piece in pieces:
        reader.feed(piece)
        while (header := reader.header()) is not None and (payload := reader.payload()) is not None:
            assert header[1] == len(payload)
            frames.append((header[0], payload))
    return frames


@pytest.mark.parametrize("golden", [*golden_frames()], ids=lambda golden: golden.name)
def test_sri_writes_the_same_frame(golden: Golden) -> None:
    assert frame(golden.message) == golden.frame
    cls = type(golden.message)
    for pieces in (
        [golden.frame],
        one_by_one(golden.frame),
        [golden.frame * 2],
        one_by_one(golden.frame * 2),
    ):
        for code, payload in read_all(FrameReader(), pieces):
            assert REGISTRY[code] is cls
            assert decode(cls, payload) == (golden.message, len(payload))


def test_sri_reads_a_header_the_same() -> None:
    (case,) = vector_cases("sri_frames.json", "header")
    expected = case["expected"]
    reader = FrameReader(bytes.fromhex(case["inputs"]["header"]))
    assert reader.header() == (expected["extension_type"] << 8 | expected["msg_type"], expected["msg_length"])


@pytest.mark.parametrize("cls", ALL_MESSAGES, ids=lambda cls: cls.wire_name)
def test_the_channel_bit_is_sent_as_chapter_8_has_it_and_ignored_on_receipt(cls: type[Message]) -> None:
    packed = frame(example(cls))
    assert bool(packed[1] & 0x80) is cls.channel_msg
    flipped = packed[:1] + bytes([packed[1] ^ 0x80]) + packed[2:]
    assert FrameReader(flipped).header() == FrameReader(packed).header()


def test_msg_length_is_a_u24() -> None:
    packed = frame(RequestTransactionDataSuccess(1, b"", (bytes(0x012345),)))
    assert packed[3:HEADER_SIZE] == (len(packed) - HEADER_SIZE).to_bytes(3, "little")
    assert FrameReader(packed).header() == (0x74, len(packed) - HEADER_SIZE)


def test_a_message_over_16_mib_is_not_sent() -> None:
    fixed = 8 + 2 + 2 + 3
    fits = RequestTransactionDataSuccess(1, b"", (bytes(MAX_PAYLOAD - fixed),))
    assert len(frame(fits)) == HEADER_SIZE + MAX_PAYLOAD
    with pytest.raises(LocalProtocolError, match="16777216 bytes, 16777215 at most"):
        frame(RequestTransactionDataSuccess(1, b"", (bytes(MAX_PAYLOAD - fixed + 1),)))
    with pytest.raises(LocalProtocolError):
        frame(fits, b"one more")


def test_the_tlv_area_counts() -> None:
    share = SubmitSharesExtended(1, 2, 3, 4, 5, 6, b"extra")
    assert (
        frame(share, b"tlv")
        == frame(share)[:3] + (24 + 6 + 3).to_bytes(3, "little") + frame(share)[6:] + b"tlv"
    )


def test_the_header_is_shown_before_the_payload_is_there() -> None:
    packed = frame(SetTarget(1, bytes(32)))
    reader = FrameReader(packed[:HEADER_SIZE])
    assert reader.whole is False
    assert reader.header() == reader.header() == (0x21, 36)
    assert reader.payload() is None
    assert reader.whole is False
    reader.feed(packed[HEADER_SIZE:])
    assert reader.header() == (0x21, 36)
    assert reader.payload() == packed[HEADER_SIZE:]
    assert reader.whole is True


def test_an_empty_payload() -> None:
    reader = FrameReader(bytes.fromhex("0000fe000000") + frame(SetTarget(1, bytes(32))))
    assert reader.header() == (0xFE, 0)
    assert reader.payload() == b""
    assert reader.header() == (0x21, 36)


@pytest.mark.parametrize(
    "places", [[], [6], [7, 9, 40], range(200)], ids=["whole", "header", "some", "bytewise"]
)
def test_a_skipped_frame_leaves_the_next_one_alone(places: Sequence[int]) -> None:
    packed = frame(SetTarget(1, bytes(32)))
    reader = FrameReader()
    seen: list[tuple[int, int]] = []
    for piece in cut(packed + packed, places):
        reader.feed(piece)
        while (header := reader.header()) is not None:
            if not seen and not reader.skip():
                break
            if seen and reader.payload() is None:
                break
            seen.append(header)
    assert seen == [(0x21, 36)] * 2
    assert reader.whole
