"""bincode's types, against bytes written by hand from its specification."""

from typing import Any

import pytest

from sluice.wire.bincode import BOOL, BYTES, F64, HASH, I32, I64, OPTION, STRING, U8, U16, U32, U64, VEC
from sluice.wire.codec import codec_of
from sluice.wire.errors import RemoteProtocolError

#: The type checker takes the alias for a mere expression.
MAYBE: Any = OPTION
COUNT = "00000000000000"  # the upper seven bytes of a small count


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        (BOOL, True, "01"),
        (BOOL, False, "00"),
        (F64, 1.5, "000000000000f83f"),
        (U8, 255, "ff"),
        (U16, 0x0102, "0201"),
        (U32, 1, "01000000"),
        (U64, 1 << 63, "0000000000000080"),
        (I32, -2, "feffffff"),
        (I64, -1, "ffffffffffffffff"),
        (HASH, bytes(range(32)), bytes(range(32)).hex()),
        (STRING, "mé", f"03{COUNT}6dc3a9"),
        (STRING, "", f"00{COUNT}"),
        (BYTES, b"\x00\xff", f"02{COUNT}00ff"),
        (VEC[U16], (1, 2), f"02{COUNT}01000200"),
        (VEC[STRING], ("a", ""), f"02{COUNT}01{COUNT}6100{COUNT}"),
        (VEC[HASH], (), f"00{COUNT}"),
        (MAYBE[U16], None, "00"),
        (MAYBE[U16], 7, "010700"),
    ],
)
def test_a_value_is_written_and_read(kind: Any, value: object, written: str) -> None:
    codec = codec_of(kind)
    wire = bytes.fromhex(written)
    assert codec.write(value) == wire
    assert codec.read(b"?" + wire + b"tail", 1) == (value, 1 + len(wire))
    for size in range(len(wire)):
        with pytest.raises(RemoteProtocolError):
            codec.read(wire[:size], 0)


@pytest.mark.parametrize("raw", [b"\xff", b"caf\xc3", b"\xed\xa0\x80"])
def test_a_string_is_utf8(raw: bytes) -> None:
    codec = codec_of(STRING)
    with pytest.raises(RemoteProtocolError, match="no UTF-8"):
        codec.read(len(raw).to_bytes(8, "little") + raw, 0)
    with pytest.raises(ValueError, match="surrogates not allowed"):
        codec.write(raw.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("kind", [STRING, BYTES, VEC[U16], VEC[STRING]])
def test_a_count_beyond_the_end_is_refused_at_once(kind: Any) -> None:
    with pytest.raises(RemoteProtocolError):
        codec_of(kind).read(b"\xff" * 8 + bytes(1000), 0)


def test_an_option_is_none_or_one_value() -> None:
    with pytest.raises(RemoteProtocolError):
        codec_of(MAYBE[U16]).read(b"\x02" + bytes(4), 0)


def test_a_bool_is_0_or_1() -> None:
    with pytest.raises(RemoteProtocolError, match="a bool of 2"):
        codec_of(BOOL).read(b"\x02", 0)
