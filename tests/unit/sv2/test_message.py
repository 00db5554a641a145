"""The register of messages, and what a declaration is refused for."""

import pytest

from sluice.sv2.message import REGISTRY, Message, code_of, declared_in, decode, encode, message
from sluice.sv2.messages import common, mining
from sluice.sv2.types import U32
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side
from support.messages import CHAPTERS, spec_rows


def test_the_specification_has_44_messages_and_so_have_we() -> None:
    names = sorted(row.name for protocol in CHAPTERS for row in spec_rows(protocol))
    assert len(names) == 44
    assert sorted(cls.wire_name for cls in REGISTRY.values()) == names


def test_one_code_has_one_owner() -> None:
    with pytest.raises(TypeError, match="Impostor and SubmitSharesStandard both claim 0x001a"):

        @message(0x1A, sent_by=Side.CLIENT)
        class Impostor(Message):
            channel_id: U32

    assert REGISTRY[0x1A] is mining.SubmitSharesStandard


def test_a_field_must_be_of_a_type_of_the_wire() -> None:
    with pytest.raises(TypeError, match="no data type of the wire"):

        @message(0xFE, sent_by=Side.CLIENT, extension=0x7FFF)
        class Bare(Message):
            channel_id: int

    assert code_of(0x7FFF, 0xFE) not in REGISTRY


def test_the_channel_bit_is_no_part_of_the_code() -> None:
    assert code_of(0x8000, 0x1A) == code_of(0, 0x1A) == mining.SubmitSharesStandard.code
    assert code_of(0x8ABC, 1) == code_of(0x0ABC, 1)


def test_a_message_is_a_value() -> None:
    one = mining.SetTarget(1, bytes(32))
    assert one == mining.SetTarget(channel_id=1, maximum_target=bytes(32))
    assert one not in {mining.SetExtranoncePrefix(1, bytes(32)), mining.SetTarget(2, bytes(32))}
    assert hash(one) == hash(mining.SetTarget(1, bytes(32)))
    with pytest.raises(AttributeError):
        one.channel_id = 2  # type: ignore[misc]


def test_what_is_encoded_decodes() -> None:
    target = mining.SetTarget(7, b"\x11" * 32)
    assert decode(mining.SetTarget, encode(target)) == (target, 36)
    assert decode(mining.SetTarget, b"??" + encode(target), 2) == (target, 38)
    with pytest.raises(RemoteProtocolError):
        decode(mining.SetTarget, encode(target)[:-1])


def test_a_chapter_is_listed_in_its_order() -> None:
    assert [cls.wire_name for cls in declared_in(common)][:2] == [
        "SetupConnection",
        "SetupConnection.Success",
    ]
    assert Message not in declared_in(common)
