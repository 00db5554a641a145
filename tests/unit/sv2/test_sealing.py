"""Frames under Noise: sizes as the specification counts them, and every byte of damage seen."""

from collections.abc import Sequence

import pytest

from sluice.noise.cipher import CipherError, CipherState
from sluice.sv2.frame import HEADER
from sluice.sv2.sealing import MAX_CHUNK, SEALED_HEADER_SIZE, SealedReader, seal_frame
from support.noise import entropy
from support.wire import cut, one_by_one

KEY = entropy("one direction")
SIZES = [0, 1, 24, 65_518, 65_519, 65_520, 131_038, 131_039, 200_000]


def plain_frame(size: int, code: int = 0xFE) -> bytes:
    return HEADER.pack(0, code, size & 0xFFFF, size >> 16) + entropy("payload", size)


def sealed(*frames: bytes) -> bytes:
    cipher = CipherState(KEY)
    return b"".join(piece for frame in frames for piece in seal_frame(frame, cipher.seal))


def pt_len_to_ct_len(pt_len: int) -> int:
    """The specification's own function (4.6)."""
    remainder = pt_len % 65_519
    if remainder > 0:
        remainder += 16
    return pt_len // 65_519 * 65_535 + remainder


def read_all(pieces: Sequence[bytes], *, skip: bool = False) -> list[tuple[int, bytes]]:
    reader = SealedReader(CipherState(KEY).open)
    frames = []
    for piece in pieces:
        reader.feed(piece)
        while (header := reader.header()) is not None:
            payload = (b"" if reader.skip() else None) if skip else reader.payload()
            if payload is None:
                break
            frames.append((header[0], payload))
    assert reader.whole
    return frames


@pytest.mark.parametrize("size", SIZES)
def test_the_size_on_the_wire(size: int) -> None:
    assert len(sealed(plain_frame(size))) == SEALED_HEADER_SIZE + pt_len_to_ct_len(size)


def test_a_payload_of_length_zero_is_the_header_alone() -> None:
    cipher = CipherState(KEY)
    assert [len(piece) for piece in seal_frame(plain_frame(0), cipher.seal)] == [22]
    assert cipher.nonce == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1_000_000, 65_536, 1_460], ids="in pieces of {}".format)
def test_what_is_sealed_is_read(size: int, step: int) -> None:
    first, second = plain_frame(size), plain_frame(5, code=0xFD)
    wire = sealed(first, second)
    pieces = cut(wire, range(step, len(wire), step))
    assert read_all(pieces) == [(0xFE, first[6:]), (0xFD, second[6:])]
    assert read_all(pieces, skip=True) == [(0xFE, b""), (0xFD, b"")]


def test_byte_by_byte() -> None:
    frames = [plain_frame(size) for size in (24, 0, 33, 1)]
    assert read_all(one_by_one(sealed(*frames))) == [(0xFE, frame[6:]) for frame in frames]


def test_each_piece_counts_once() -> None:
    cipher = CipherState(KEY)
    seal_frame(plain_frame(2 * MAX_CHUNK + 1), cipher.seal)
    assert cipher.nonce == 1 + 3


@pytest.mark.parametrize("skip", [False, True], ids=["read", "skipped"])
def test_every_flipped_byte_shows(skip: bool) -> None:
    wire = sealed(plain_frame(24))
    for at in range(len(wire)):
        damaged = bytearray(wire)
        damaged[at] ^= 1
        with pytest.raises(CipherError):
            read_all([bytes(damaged)], skip=skip)


def test_a_frame_out_of_order_shows() -> None:
    first, second = sealed(plain_frame(24)), sealed(plain_frame(24), plain_frame(25))[62:]
    with pytest.raises(CipherError):
        read_all([second, first])


def test_what_came_before_the_key_is_read_with_it() -> None:
    wire = sealed(plain_frame(24))
    reader = SealedReader(CipherState(KEY).open, wire[:30])
    assert reader.header() == (0xFE, 24)
    assert reader.payload() is None
    reader.feed(wire[30:])
    assert reader.payload() == plain_frame(24)[6:]
