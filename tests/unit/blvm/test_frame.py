"""Frames, byte by byte, and the one thing that is none."""

import tracemalloc

import pytest

from sluice.blvm.frame import MAX_BODY, FrameReader, frame
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError


def test_the_length_is_big_endian_and_does_not_count_itself() -> None:
    assert frame(b"abc") == b"\0\0\0\3abc"
    assert frame(bytes(258))[:4] == b"\0\0\1\2"


def test_bodies_come_out_as_they_went_in() -> None:
    bodies = [b"", b"one", bytes(70_000), b"\0"]
    whole = b"".join(map(frame, bodies))
    reader = FrameReader(whole)
    assert [reader.body() for _ in range(5)] == [*bodies, None]
    assert reader.whole


def test_byte_by_byte() -> None:
    reader = FrameReader()
    bodies = []
    for byte in frame(b"abc") + frame(b"d"):
        reader.feed(bytes((byte,)))
        while (body := reader.body()) is not None:
            bodies.append(body)
    assert bodies == [b"abc", b"d"]


def test_whether_it_ended_where_a_frame_ended() -> None:
    for cut, whole in ((0, True), (2, False), (4, False), (6, False), (7, True)):
        reader = FrameReader(frame(b"abc")[:cut])
        while reader.body() is not None:
            pass
        assert reader.whole is whole, cut


def test_what_is_longer_than_a_node_would_send_is_no_frame() -> None:
    reader = FrameReader(b"\x02\x80\x00\x01")
    with pytest.raises(RemoteProtocolError, match="41943041 bytes is announced"):
        reader.body()
    assert FrameReader(b"\x02\x80\x00\x00").body() is None


def test_a_length_alone_takes_no_memory() -> None:
    tracemalloc.start()
    reader = FrameReader(b"\x02\x80\x00\x00")
    assert reader.body() is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_what_a_node_would_not_take_is_not_sent() -> None:
    assert len(frame(bytes(MAX_BODY))) == 4 + MAX_BODY
    with pytest.raises(LocalProtocolError, match="41943041 bytes"):
        frame(bytes(MAX_BODY + 1))
