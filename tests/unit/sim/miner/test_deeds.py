"""Deeds are values, and the client's shell knows them all."""

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from sluice.sim.miner.deeds import Deed, Leave


def test_they_cannot_be_changed() -> None:
    leave = Leave("enough")
    with pytest.raises(FrozenInstanceError):
        leave.reason = "more"  # type: ignore[misc]


def test_to_leave_means_to_come_back_unless_said_otherwise() -> None:
    leave = Leave("enough")
    assert (leave.refusal, leave.moved, leave.host, leave.port) == (False, False, "", 0)


def test_all_are_plain_frozen_classes() -> None:
    assert all(hasattr(deed, "__slots__") and deed.__doc__ for deed in get_args(Deed))
