import pytest

from sluice.wire.side import Side


def test_peers() -> None:
    assert (Side.CLIENT.peer, Side.SERVER.peer) == (Side.SERVER, Side.CLIENT)
    with pytest.raises(KeyError):
        _ = Side.EITHER.peer
