"""Messages generated from their declarations survive the wire; junk is refused and nothing worse."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.sv2.frame import HEADER_SIZE, FrameReader, frame
from sluice.sv2.message import Message, decode, encode
from sluice.sv2.tlv import Tlv, decode_tlvs
from sluice.wire.errors import RemoteProtocolError
from support.messages import ALL_MESSAGES, messages

EVERY_MESSAGE = pytest.mark.parametrize("cls", ALL_MESSAGES, ids=lambda cls: cls.wire_name)


@EVERY_MESSAGE
@given(data=st.data())
def test_a_message_survives_a_round_trip(cls: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(cls))
    tail = data.draw(st.binary(max_size=9))
    payload = encode(message)
    decoded, end = decode(cls, payload + tail)
    assert end == len(payload)
    assert repr(decoded) == repr(message)  # unlike ==, takes a NaN for itself
    assert encode(decoded) == payload
    assert len(payload) <= cls.layout.max_size


@EVERY_MESSAGE
@given(data=st.data())
@settings(max_examples=20)  # of messages; each is cut wherever it can be
def test_a_payload_cut_short_is_never_a_message(cls: type[Message], data: st.DataObject) -> None:
    payload = encode(data.draw(messages(cls)))
    for size in range(len(payload)):
        with pytest.raises(RemoteProtocolError):
            decode(cls, payload[:size])


@EVERY_MESSAGE
@given(payload=st.binary(max_size=400))
def test_any_bytes_are_a_message_or_refused(cls: type[Message], payload: bytes) -> None:
    try:
        message, end = decode(cls, payload)
    except RemoteProtocolError:
        return
    assert end <= len(payload)
    again, _ = decode(cls, encode(message))
    assert repr(again) == repr(message)


@given(message=messages(*ALL_MESSAGES), tail=st.binary(max_size=40))
def test_a_frame_is_read_as_it_was_packed(message: Message, tail: bytes) -> None:
    packed = frame(message)
    reader = FrameReader(packed + tail)
    assert reader.header() == (message.code, len(packed) - HEADER_SIZE)
    assert reader.payload() == packed[HEADER_SIZE:]
    assert reader.rest() == tail


@given(area=st.binary(max_size=80))
def test_any_tail_of_a_share_is_fields_or_nothing(area: bytes) -> None:
    cls = next(cls for cls in ALL_MESSAGES if cls.wire_name == "SubmitSharesExtended")
    for tlv in decode_tlvs(cls, area, {2}):
        assert isinstance(tlv, Tlv)
        assert tlv.value in area
