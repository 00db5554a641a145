"""What may follow a message, and lists that have an end."""

from typing import Any

import pytest

from sluice.tlv.types import FEW, TRAILING
from sluice.wire.bincode import U16, U32
from sluice.wire.codec import codec_of
from sluice.wire.errors import RemoteProtocolError

#: The type checker takes the alias for a mere expression.
MAYBE: Any = TRAILING


def test_what_may_follow_is_taken_if_it_is_whole() -> None:
    codec = codec_of(MAYBE[U32])
    assert codec.write(None) == b""
    assert codec.write(7) == b"\x07\x00\x00\x00"
    assert codec.read(b"ab", 2) == (None, 2)
    assert codec.read(b"ab\x07\x00\x00", 2) == (None, 2)
    assert codec.read(b"ab\x07\x00\x00\x00more", 2) == (7, 6)
    assert codec.max_size == 4


def test_a_short_list_has_a_count_of_eight_bytes_and_an_end() -> None:
    codec = codec_of(FEW[U16])
    assert codec.write((1, 2)) == b"\x02" + bytes(7) + b"\x01\x00\x02\x00"
    assert codec.read(codec.write((1,) * 256), 0) == ((1,) * 256, 520)
    with pytest.raises(ValueError, match="257 elements"):
        codec.write((1,) * 257)
    with pytest.raises(RemoteProtocolError, match="257 elements"):
        codec.read(b"\x01\x01" + bytes(600), 0)
