"""A view of some seconds ago, aged, is the view of now."""

from dataclasses import replace

import pytest
from msgspec import to_builtins

from sluice.pool.later import aging, channel_later, miner_later
from sluice.pool.overview import NOTHING, MinerView, overview
from sluice.sv2.messages.mining import CloseChannel
from support.accumulated import same
from support.pool import EXTENDED, STANDARD, Device, mining, wish


def view_of(device: Device) -> MinerView:
    (view,) = overview(device.talk.state, device.talk.now).miners
    return view


def later(view: MinerView, seconds: float) -> MinerView:
    aged = aging(seconds)
    return miner_later(view, seconds, aged, [channel_later(channel, aged) for channel in view.channels])


@pytest.mark.parametrize("seconds", [0.0, 0.5, 30.0, 4_000.0])
@pytest.mark.parametrize(
    "plan", [replace(STANDARD, channels=(wish(), wish())), replace(EXTENDED, worker="rig")]
)
def test_what_only_time_changes_needs_no_second_look(plan: object, seconds: float) -> None:
    device = mining(plan)  # type: ignore[arg-type]
    for _ in range(3):
        device.find(2)
        device.talk.now += 9
    if len(device.units) > 1:
        device.talk.feed_said(device.peer, CloseChannel(3, ""))
        device.talk.now += 1
    before = view_of(device)
    device.talk.now += seconds
    same(plain(later(before, seconds)), plain(view_of(device)))
    assert before.figures.hashrates[0] > 0


def plain(view: MinerView) -> object:
    return to_builtins(view)


def test_who_did_nothing_has_still_done_nothing() -> None:
    assert aging(5.0)(NOTHING) is NOTHING
    device = mining()
    assert later(view_of(device), 7.0).connected_for == view_of(device).connected_for + 7
