"""The compiled way and the slow way, field by field, agree."""

from typing import Any

import pytest

from sluice.sv2.message import Message, encode
from sluice.sv2.messages.mining import SetTarget, SubmitSharesError, SubmitSharesExtended, UpdateChannel
from sluice.sv2.types import B0_32, SEQ0_255, U8, U16, U32, U256
from sluice.wire.codec import codec_of
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from sluice.wire.layout import Field, Layout, Record, record, wire_name
from support.messages import ALL_MESSAGES, data_type, example


def fields(**annotations: Any) -> list[Field]:
    return [Field(name, codec_of(annotation)) for name, annotation in annotations.items()]


@pytest.mark.parametrize("cls", ALL_MESSAGES, ids=lambda cls: cls.wire_name)
def test_fused_or_field_by_field_is_the_same(cls: type[Message]) -> None:
    message = example(cls)
    wire = encode(message)
    assert wire == b"".join(codec.write(getattr(message, name)) for name, codec in cls.layout.fields)
    assert cls.layout.read(wire, 0) == (message, len(wire))
    assert cls.layout.read(b"\xff\xff" + wire + b"tail", 2) == (message, len(wire) + 2)


@pytest.mark.parametrize("cls", ALL_MESSAGES, ids=lambda cls: cls.wire_name)
def test_a_message_that_ends_early_is_named(cls: type[Message]) -> None:
    wire = encode(example(cls))
    for size in range(len(wire)):
        with pytest.raises(RemoteProtocolError, match=cls.wire_name):
            cls.layout.read(wire[:size], 0)


def test_neighbours_are_built_in_the_declared_order() -> None:
    layout = Layout(
        "X", fields(a=U8, b=U16, c=B0_32, d=U32, e=data_type("OPTION[U32]"), f=U256), lambda *values: values
    )
    wire = b"\x01\x02\x00\x02cc\x03\x00\x00\x00\x01\x04\x00\x00\x00" + b"f" * 32
    assert layout.read(wire, 0) == ((1, 2, b"cc", 3, 4, b"f" * 32), len(wire))


def test_max_size_is_what_the_fields_can_say() -> None:
    assert SubmitSharesExtended.layout.max_size == 24 + 33


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (SetTarget(2**32, bytes(32)), "SetTarget.channel_id"),
        (SetTarget(1, bytes(31)), "SetTarget.maximum_target"),
        (SubmitSharesError(1, -1, ""), "SubmitShares.Error.sequence_number"),
        (SubmitSharesError(1, 2, "x" * 256), "SubmitShares.Error.error_code"),
        (SubmitSharesError(1, 2, "\ud800"), "SubmitShares.Error.error_code"),
        (UpdateChannel(1, 1e300, bytes(32)), "UpdateChannel.nominal_hash_rate"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_value_that_does_not_fit_is_named(message: Message, field: str) -> None:
    with pytest.raises(LocalProtocolError, match=f"^{field} cannot be sent: "):
        encode(message)


@record
class Pair(Record):
    left: U16
    right: B0_32


def test_a_record_is_a_data_type_of_several_fields() -> None:
    layout = Layout("X", fields(before=U8, pair=Pair, pairs=SEQ0_255[Pair]), lambda *values: values)
    wire = b"\x07" + b"\x01\x00\x01a" + b"\x02" + b"\x02\x00\x00" + b"\x03\x00\x01b"
    value = (7, Pair(1, b"a"), (Pair(2, b""), Pair(3, b"b")))
    assert layout.read(wire, 0) == (value, len(wire))
    assert layout.max_size == 1 + 35 + 1 + 255 * 35
    assert codec_of(Pair).write(Pair(1, b"a")) == b"\x01\x00\x01a"
    for size in range(len(wire)):
        with pytest.raises(RemoteProtocolError, match=r"^X"):
            layout.read(wire[:size], 0)


def test_a_record_that_does_not_fit_is_named() -> None:
    with pytest.raises(LocalProtocolError, match=r"Pair\.left cannot be sent"):
        codec_of(Pair).write(Pair(-1, b""))


@pytest.mark.parametrize(
    ("class_name", "name"),
    [("SetTarget", "SetTarget"), ("SubmitSharesError", "SubmitShares.Error"), ("XSuccess", "X.Success")],
)
def test_names_are_the_specifications(class_name: str, name: str) -> None:
    assert wire_name(class_name) == name
