"""What goes into the pipe comes out of it."""

import pytest

from sluice.sim.miner.work_unit import WorkUnit
from sluice.sim.miner.worker_pipe import LENGTH_SIZE, Order, Report, length_of, pack, unpack
from support.mining import EXTENDED, STANDARD, Talk, find


@pytest.mark.parametrize("unit", [Talk(STANDARD).work(), Talk(EXTENDED).work(), None])
def test_an_order_comes_through(unit: WorkUnit | None) -> None:
    order = Order(7, unit, 1.5)
    packed = pack(order)
    assert length_of(packed[:LENGTH_SIZE]) == len(packed) - LENGTH_SIZE
    assert unpack(Order, packed[LENGTH_SIZE:]) == order


def test_a_report_comes_through() -> None:
    report = Report(7, 65_536, tuple(find(Talk(EXTENDED).work(), 3)))
    assert unpack(Report, pack(report)[LENGTH_SIZE:]) == report


def test_nothing_else_does() -> None:
    with pytest.raises(AssertionError):
        unpack(Report, pack(Order(7))[LENGTH_SIZE:])
