"""The txid of a raw transaction, without making anything of it: it is asked for whole blocks at a time.

Rule: what `Transaction.parse` takes, this takes, and nothing else; a test holds it to that.
"""

from hashlib import sha256

from sluice.bitcoin.compact import DecodeError, read_compact_size
from sluice.bitcoin.hashes import Txid

_MARKER_AND_FLAG = b"\x00\x01"
_ONE_BYTE = 0xFD  # a CompactSize below is its own first byte


def txid_of(raw: bytes) -> Txid:
    """Raises DecodeError unless the bytes are one transaction and nothing else."""
    try:
        inputs_at, outputs_end, end = _extents(raw)
    except IndexError:
        raise DecodeError(f"the data ends at {len(raw)}, too early") from None
    if end + 4 != len(raw):
        raise DecodeError(f"the locktime does not begin at {end} of {len(raw)} bytes")
    if inputs_at == 4:
        return Txid(sha256(sha256(raw).digest()).digest())
    return Txid(sha256(sha256(raw[:4] + raw[inputs_at:outputs_end] + raw[-4:]).digest()).digest())


def _extents(raw: bytes) -> tuple[int, int, int]:
    """Where the inputs begin, where the outputs end, and where the witness does. IndexError if it is torn."""
    inputs_at = 6 if raw[4:6] == _MARKER_AND_FLAG else 4
    inputs, at = _size(raw, inputs_at)
    if not inputs:
        raise DecodeError("a transaction without inputs")
    for _ in range(inputs):  # each takes bytes: a lying count ends with the data
        size, at = _size(raw, at + 36)
        at += size + 4
    outputs, at = _size(raw, at)
    for _ in range(outputs):
        size, at = _size(raw, at + 8)
        at += size
    outputs_end, seen = at, 0
    if inputs_at == 6:
        for _ in range(inputs):
            items, at = _size(raw, at)
            seen += items
            for _ in range(items):
                size, at = _size(raw, at)
                at += size
        if not seen:
            raise DecodeError("a witness is announced, but every input's is empty")
    return inputs_at, outputs_end, at


def _size(raw: bytes, at: int) -> tuple[int, int]:
    first = raw[at]
    return (first, at + 1) if first < _ONE_BYTE else read_compact_size(raw, at)
