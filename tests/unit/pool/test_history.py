"""Lines of a history are values."""

from dataclasses import FrozenInstanceError

import pytest

from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Sight
from support.found import verdict


@pytest.mark.parametrize(
    "what", [verdict("core"), Moved(Stage.OFFERED, Turn.FORGOTTEN, Sight("core", None, 7))]
)
def test_a_line_is_a_value(what: object) -> None:
    noted = Noted(1, what)  # type: ignore[arg-type]
    assert noted == Noted(1, what)  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        noted.at = 2  # type: ignore[misc]
