"""blvm's wire: what is declared survives it, however the bytes are cut; bad bodies disturb no good frame."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.blvm.connection import Connection, Ready, Unreadable
from sluice.blvm.editions import EDITIONS, REQUESTS, RESPONSES, Edition
from sluice.blvm.envelopes import EventMessage, InvocationMessage, ResponseMessage
from sluice.blvm.events.table import EVENTS
from sluice.blvm.frame import MAX_BODY, FrameReader, frame
from sluice.blvm.responses import HandshakeAck
from sluice.blvm.variant import Variant
from sluice.wire.errors import RemoteProtocolError
from support.blvm import IDENTITY, any_edition, built, envelopes, news

EVERY_VARIANT = pytest.mark.parametrize(
    "cls", [*REQUESTS, *RESPONSES, *EVENTS], ids=lambda cls: f"{cls.__module__.split('.')[-1]}-{cls.__name__}"
)


@EVERY_VARIANT
@settings(max_examples=8)  # of some 250
@given(data=st.data())
def test_every_variant_survives_a_round_trip(cls: type[Variant], data: st.DataObject) -> None:
    value = data.draw(built(cls))
    written = cls.codec.write(value)
    tail = data.draw(st.binary(max_size=9))
    assert cls.codec.read(written + tail, 0) == (value, len(written))


@given(data=st.data(), edition=any_edition)
def test_every_message_survives_in_every_edition(data: st.DataObject, edition: Edition) -> None:
    envelope = data.draw(envelopes(edition))
    body = edition.pack(envelope)
    assert edition.read(body) == envelope
    short = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(RemoteProtocolError):
        edition.read(body[:short])


@given(edition=any_edition, body=st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(edition: Edition, body: bytes) -> None:
    try:
        envelope = edition.read(body)
    except RemoteProtocolError:
        return
    assert edition.read(edition.pack(envelope)) == envelope


@given(bodies=st.lists(st.binary(max_size=60), max_size=8), cuts=st.lists(st.integers(1, 40)))
def test_frames_come_out_however_they_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(map(frame, bodies))
    reader, out, at = FrameReader(), [], 0
    for size in [*cuts, len(whole)]:
        reader.feed(whole[at : at + size])
        at += size
        while (body := reader.body()) is not None:
            out.append(body)
    assert out == bodies
    assert reader.whole


@given(data=st.data())
def test_good_frames_are_heard_whatever_stands_between_them(data: st.DataObject) -> None:
    """In any edition, in any pieces: each frame is one event, and bad ones are no more than that."""
    edition = data.draw(any_edition)
    version = ".".join(map(str, edition.since))
    said = data.draw(st.lists(news() | st.binary(max_size=40), max_size=8))
    ack = ResponseMessage(1, success=True, payload=HandshakeAck(version), error=None)
    bodies = [each if isinstance(each, bytes) else edition.pack(each) for each in said]
    whole = b"".join(map(frame, [EDITIONS[0].pack(ack), *bodies]))
    module, events = Connection(IDENTITY), []
    while whole:
        size = data.draw(st.integers(1, len(whole)))
        module.receive_data(whole[:size])
        events += module.events()
        whole = whole[size:]
    assert events[0] == Ready(version)
    assert len(events) == 1 + len(said)
    for event, each in zip(events[1:], said, strict=True):
        if not isinstance(each, bytes):
            assert event == each
        else:
            assert isinstance(event, Unreadable | EventMessage | InvocationMessage)


@given(size=st.integers(MAX_BODY + 1, 2**32 - 1), before=st.binary(max_size=20))
def test_what_is_too_long_is_refused_at_its_fourth_byte(size: int, before: bytes) -> None:
    reader = FrameReader(frame(before) + size.to_bytes(4, "big"))
    assert reader.body() == before
    with pytest.raises(RemoteProtocolError):
        reader.body()
