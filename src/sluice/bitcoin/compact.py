"""CompactSize, the variable-length integer in front of every Bitcoin list.

Rule: one number, one spelling. A longer form than needed is refused, as Core does.
"""

_FORMS = (  # marker, bytes that follow, smallest number that may use the form
    (0xFD, 2, 0xFD),
    (0xFE, 4, 0x1_0000),
    (0xFF, 8, 0x1_0000_0000),
)


class DecodeError(ValueError):
    """Bytes that are not what they should be: cut short, padded, or not canonical."""


def compact_size(n: int) -> bytes:
    """`n` in 1, 3, 5 or 9 bytes; ValueError outside 0 .. 2^64 - 1."""
    if 0 <= n < 0xFD:
        return bytes((n,))
    for marker, size, smallest in _FORMS:
        if smallest <= n < 1 << 8 * size:
            return bytes((marker,)) + n.to_bytes(size, "little")
    raise ValueError(f"{n} is outside 0 .. 2^64 - 1")


def read_compact_size(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, and the offset after it."""
    if at >= len(data):
        raise DecodeError(f"the data ends at {len(data)}, where a length should begin")
    first = data[at]
    if first < 0xFD:
        return first, at + 1
    _, size, smallest = _FORMS[first - 0xFD]
    end = at + 1 + size
    if end > len(data):
        raise DecodeError(f"the data ends at {len(data)}, inside a length")
    n = int.from_bytes(data[at + 1 : end], "little")
    if n < smallest:
        raise DecodeError(f"length {n} at {at} is written longer than it needs")
    return n, end
