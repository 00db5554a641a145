"""The register, and what a declaration is refused for."""

import pytest

from sluice.tlv.message import REGISTRY, Message, message
from sluice.tlv.messages import SubmitShares
from sluice.wire.bincode import U32
from sluice.wire.side import Side


def test_one_tag_has_one_owner() -> None:
    with pytest.raises(TypeError, match="Impostor and SubmitShares both claim 0x0030"):

        @message(0x30, sent_by=Side.CLIENT)
        class Impostor(Message):
            channel_id: U32

    assert REGISTRY[0x30] is SubmitShares


def test_a_field_must_be_of_a_type_of_the_wire() -> None:
    with pytest.raises(TypeError, match="no data type of the wire"):

        @message(0xFE, sent_by=Side.CLIENT)
        class Bare(Message):
            channel_id: int

    assert 0xFE not in REGISTRY


def test_a_message_is_a_value() -> None:
    one = SubmitShares(1, ())
    assert one == SubmitShares(channel_id=1, shares=())
    assert hash(one) == hash(SubmitShares(1, ()))
    with pytest.raises(AttributeError):
        one.channel_id = 2  # type: ignore[misc]
