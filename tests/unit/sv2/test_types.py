"""The data types, held to SRI's encoder, and each way in which bytes fail to be one."""

import math
from typing import Any

import pytest

from sluice.sv2 import types
from sluice.wire.codec import Codec, codec_of
from sluice.wire.errors import RemoteProtocolError
from support.vectors import case_name, vector_cases

NAMES = {
    "B032": "B0_32",
    "B0255": "B0_255",
    "B064K": "B0_64K",
    "B016M": "B0_16M",
    "SEQ0255": "SEQ0_255",
    "SEQ064K": "SEQ0_64K",
}


def annotation(spelling: Any) -> Any:
    if isinstance(spelling, dict):
        ((outer, inner),) = spelling.items()
        return annotation(outer)[annotation(inner)]
    name = str(spelling)
    return getattr(types, NAMES.get(name, name))


def codec(spelling: Any) -> Codec:
    return codec_of(annotation(spelling))


def value(given: Any) -> Any:
    if isinstance(given, list):
        return tuple(value(each) for each in given)
    return bytes.fromhex(given) if isinstance(given, str) else given


def pairs(case: dict[str, Any]) -> list[tuple[Codec, Any]]:
    """A struct of SRI's is its fields one after the other."""
    spelling, given = case["inputs"]["type"], case["inputs"]["value"]
    if isinstance(spelling, list):
        return [(codec(kind), value(each)) for kind, each in zip(spelling, given, strict=True)]
    return [(codec(spelling), value(given))]


SRI = [
    case
    for case in vector_cases("sri_frames.json", "datatype")
    if "SIGNATURE" not in str(case["inputs"]["type"])
]


@pytest.mark.parametrize("case", SRI, ids=case_name)
def test_sri_writes_the_same_bytes(case: dict[str, Any]) -> None:
    wire = bytes.fromhex(case["expected"]["bytes"])
    assert b"".join(kind.write(given) for kind, given in pairs(case)) == wire
    at = 0
    for kind, given in pairs(case):
        read, at = kind.read(wire, at)
        assert read == given
    assert at == len(wire)


@pytest.mark.parametrize("case", SRI, ids=case_name)
def test_no_type_reads_beyond_the_end(case: dict[str, Any]) -> None:
    for kind, given in pairs(case):
        wire = kind.write(given)
        for size in range(len(wire)):
            with pytest.raises(RemoteProtocolError):
                kind.read(b"\xff" * 3 + wire[:size], 3)


def test_a_big_field() -> None:
    (case,) = vector_cases("sri_frames.json", "datatype_big")
    wire = codec(case["inputs"]["type"]).write(bytes(case["inputs"]["count"]))
    assert wire.startswith(bytes.fromhex(case["expected"]["first_bytes"]))
    assert len(wire) == case["expected"]["total_length"]
    assert codec("B016M").read(wire, 0) == (bytes(70_000), 70_003)


def test_a_length_byte_above_the_types_limit() -> None:
    (case,) = (
        case for case in vector_cases("sri_frames.json", "decode_error") if case["name"] == "b032_oversize"
    )
    with pytest.raises(RemoteProtocolError, match="33 bytes in a field of at most 32"):
        codec("B032").read(bytes.fromhex(case["inputs"]["bytes"]), 0)


@pytest.mark.parametrize("octet", range(256))
def test_only_bit_0_of_a_bool_means_something(octet: int) -> None:
    assert codec("BOOL").read(bytes([octet]), 0) == (bool(octet % 2), 1)


def test_an_option_is_none_or_one_value() -> None:
    option = codec({"OPTION": "U32"})
    assert (option.write(None), option.write(0)) == (b"\x00", b"\x01\x00\x00\x00\x00")
    assert option.read(b"\x00", 0) == (None, 1)
    assert option.read(b"\x01\x05\x00\x00\x00", 0) == (5, 5)
    with pytest.raises(RemoteProtocolError, match="2 elements in a sequence of at most 1"):
        option.read(b"\x02" + bytes(8), 0)


@pytest.mark.parametrize("number", [math.inf, -math.inf, -1.0, 0.0, 1.5])
def test_a_float_survives_as_it_is(number: float) -> None:
    f32 = codec("F32")
    assert f32.read(f32.write(number), 0) == (number, 4)


def test_a_float_that_is_no_number_survives() -> None:
    f32 = codec("F32")
    assert math.isnan(f32.read(f32.write(math.nan), 0)[0])


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"caf\xc3\xa9", b"\xc3", b"\x00", bytes(range(255))])
def test_a_string_that_is_not_utf8_survives(raw: bytes) -> None:
    text = codec("STR0_255")
    wire = bytes([len(raw)]) + raw
    read, end = text.read(wire, 0)
    assert isinstance(read, str)
    assert end == len(wire)
    assert text.write(read) == wire


@pytest.mark.parametrize(
    ("spelling", "misfit"),
    [
        ("U24", 2**24),
        ("U24", -1),
        ("U256", bytes(31)),
        ("U256", bytes(33)),
        ("STR0_255", "x" * 256),
        ("STR0_255", "é" * 128),  # 128 characters, 256 bytes
        ("B032", bytes(33)),
        ("B064K", bytes(65_536)),
        ({"SEQ0255": "U8"}, (0,) * 256),
        ({"SEQ0255": "U256"}, (bytes(32), bytes(31))),
    ],
)
def test_what_does_not_fit_is_not_written(spelling: Any, misfit: Any) -> None:
    with pytest.raises(ValueError):
        codec(spelling).write(misfit)


@pytest.mark.parametrize(
    ("spelling", "most"),
    [("U8", 1), ("U24", 3), ("U256", 32), ("BOOL", 1), ("B032", 33), ("STR0_255", 256), ("B064K", 65_537)],
)
def test_the_most_bytes_a_type_takes(spelling: str, most: int) -> None:
    assert codec(spelling).max_size == most
    assert codec({"OPTION": spelling}).max_size == 1 + most
    assert codec({"SEQ0255": spelling}).max_size == 1 + 255 * most
