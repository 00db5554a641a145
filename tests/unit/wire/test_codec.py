"""What every data type rests on; the types themselves are tested with the wires that name them."""

from typing import Annotated, Any

import pytest

from sluice.wire.codec import Many, Number, codec_of, cut
from sluice.wire.errors import RemoteProtocolError


@pytest.mark.parametrize("bare", [int, bytes, tuple[int, ...]])
def test_a_bare_python_type_is_no_data_type(bare: Any) -> None:
    with pytest.raises(TypeError, match="no data type of the wire"):
        codec_of(bare)


def test_cut_gives_exactly_or_refuses() -> None:
    assert cut(b"abc", 1, 2) == b"bc"
    with pytest.raises(RemoteProtocolError):
        cut(b"abc", 2, 2)


def test_a_sequence_takes_its_element_from_the_annotation() -> None:
    pairs = codec_of(Annotated[tuple[Annotated[int, Number("H")], ...], Many(1, 3)])
    assert pairs.read(b"\x02\x01\x00\x02\x00", 0) == ((1, 2), 5)
    assert pairs.max_size == 1 + 3 * 2
    with pytest.raises(ValueError, match="4 elements in a sequence of at most 3"):
        pairs.write((1, 2, 3, 4))


def test_a_count_that_nothing_stands_behind_costs_nothing() -> None:
    endless = Many(8, 2**64 - 1, Number("Q"))
    with pytest.raises(RemoteProtocolError, match="more bytes were announced"):
        endless.read(b"\xff" * 8 + bytes(64), 0)
