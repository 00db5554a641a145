"""What has changed is told, what has not is not, and an end is never forgotten by who may still ask."""

from dataclasses import replace

import pytest

from sluice.bitcoin.target import Target
from sluice.pool import changes as module
from sluice.pool.changes import Changes
from sluice.pool.inputs import EndChannel, FixDifficulty
from sluice.sv2.messages.mining import SubmitSharesStandard
from sluice.work.tally import Tally
from support.pool import STANDARD, Device, PoolTalk, mining, wish

TWO = replace(STANDARD, channels=(wish(), wish(user="bob")))


def told(changes: Changes, talk: PoolTalk, since: int) -> dict[int, list[int]]:
    """Ids of the channels that changed, by connection."""
    talk.now += 1
    changes.begin(talk.state.miners)
    found = {miner.peer: changes.of(miner, since) for miner in talk.state.miners.values()}
    return {
        peer: [channel.channel_id for channel in each] for peer, each in found.items() if each is not None
    }


def test_at_first_everything_has_changed_and_then_nothing() -> None:
    device, changes = mining(TWO), Changes()
    assert told(changes, device.talk, 0) == {device.peer: [2, 3]}
    assert (changes.picture, changes.miners, changes.channels, changes.last_share) == (1, 1, 2, None)
    assert told(changes, device.talk, 1) == {}
    assert (changes.picture, changes.miners, changes.channels) == (2, 1, 2)
    assert told(changes, device.talk, 0) == {device.peer: [2, 3]}


def test_a_share_changes_its_channel_for_whoever_has_not_seen_it() -> None:
    device, changes = mining(TWO), Changes()
    told(changes, device.talk, 0)
    device.find(channel_id=3)
    at = device.talk.now
    assert told(changes, device.talk, 1) == {device.peer: [3]}
    assert changes.last_share == at
    assert told(changes, device.talk, 1) == {device.peer: [3]}
    assert told(changes, device.talk, 2) == {}
    assert changes.last_share == at


def test_a_refusal_and_an_order_change_a_channel() -> None:
    device, changes = mining(TWO), Changes()
    told(changes, device.talk, 0)
    unit = device.unit()
    device.forge(unit, next(device.shares(unit)), job_id=77)
    assert told(changes, device.talk, 1) == {device.peer: [2]}
    device.talk.feed(FixDifficulty("bob", 1e-9))
    assert told(changes, device.talk, 2) == {device.peer: [3]}


def test_what_vardiff_finds_changes_a_channel_and_so_does_another_one_of_its_number() -> None:
    device, changes = mining(TWO), Changes()
    told(changes, device.talk, 0)
    device.talk.channel(device.peer, 2).target = Target(7)
    assert told(changes, device.talk, 1) == {device.peer: [2]}
    device.talk.channel(device.peer, 3).tally = Tally(device.talk.now)
    assert told(changes, device.talk, 2) == {device.peer: [3]}
    device.talk.channel(device.peer, 3).ordered = Target(7)
    assert told(changes, device.talk, 3) == {device.peer: [3]}


def test_who_only_speaks_changes_no_channel() -> None:
    device, changes = mining(), Changes()
    told(changes, device.talk, 0)
    device.talk.devices.clear()
    device.talk.feed_said(device.peer, SubmitSharesStandard(99, 1, 77, 0, 0, 0))
    assert told(changes, device.talk, 1) == {device.peer: []}


def test_ends_are_told_to_who_has_not_heard_of_them() -> None:
    device, changes = mining(TWO), Changes()
    other = Device(device.talk, STANDARD)
    told(changes, device.talk, 0)
    device.talk.feed(EndChannel(device.peer, 3, "maintenance"))
    device.talk.leave(other.peer)
    assert told(changes, device.talk, 1) == {device.peer: []}
    assert changes.gone(1) == [(other.peer, None), (device.peer, 3)]
    assert changes.gone(2) == []


def test_more_ends_than_are_remembered_make_the_next_picture_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_GONE", 2)
    talk, changes = PoolTalk(), Changes()
    talk.offer()
    devices = [Device(talk, STANDARD) for _ in range(4)]
    told(changes, talk, 0)
    for device in devices[:3]:
        talk.leave(device.peer)
        told(changes, talk, 1)
    assert changes.since(1) == 0
    assert changes.since(2) == 2
    assert len(changes.gone(2)) == 2
