"""CompactSize at every border of its four forms."""

import pytest

from sluice.bitcoin.compact import DecodeError, compact_size, read_compact_size

FORMS = [
    (0, "00"),
    (1, "01"),
    (0xFC, "fc"),
    (0xFD, "fdfd00"),
    (0xFFFF, "fdffff"),
    (0x1_0000, "fe00000100"),
    (0xFFFF_FFFF, "feffffffff"),
    (0x1_0000_0000, "ff0000000001000000"),
    (2**64 - 1, "ffffffffffffffffff"),
]


@pytest.mark.parametrize(("number", "wire"), FORMS)
def test_both_ways(number: int, wire: str) -> None:
    data = bytes.fromhex(wire)
    assert compact_size(number) == data
    assert read_compact_size(data, 0) == (number, len(data))
    assert read_compact_size(b"\xff\xff" + data + b"\xff", 2) == (number, 2 + len(data))


@pytest.mark.parametrize("wire", [wire for _, wire in FORMS])
def test_cut_short(wire: str) -> None:
    data = bytes.fromhex(wire)
    for size in range(len(data)):
        with pytest.raises(DecodeError, match=f"ends at {size}"):
            read_compact_size(data[:size], 0)


@pytest.mark.parametrize(
    "wire", ["fdfc00", "fd0000", "feffff0000", "fe00000000", "ffffffffff00000000", "ff0000000000000000"]
)
def test_longer_than_needed(wire: str) -> None:
    with pytest.raises(DecodeError, match="longer than it needs"):
        read_compact_size(bytes.fromhex(wire), 0)


@pytest.mark.parametrize("number", [-1, 2**64])
def test_out_of_range(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        compact_size(number)
