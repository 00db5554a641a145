"""What people see is what happened."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_fields

from sluice.bitcoin.target import Target, difficulty, work
from sluice.pool.block_life import Stage
from sluice.pool.inputs import Answered, Recorded, Troubled
from sluice.pool.overview import overview
from sluice.pool.ports import Answer, Outcome, Trouble
from sluice.sv2.messages.mining import CloseChannel, SubmitSharesStandard
from support.pool import EXTENDED, STANDARD, Device, PoolTalk, mining, setup, wish
from support.work import EASY_NBITS, HEIGHT


def test_a_pool_that_has_no_work_says_why() -> None:
    talk = PoolTalk()
    view = overview(talk.state, talk.now)
    assert (view.height, view.network_difficulty, view.miners, view.blocks) == (None, 0.0, (), ())
    assert view.trouble == "no template has come from the node yet"
    assert view.hashrates == (0.0, 0.0, 0.0)
    talk.feed(Troubled(Trouble("core", "it is still syncing")))
    assert overview(talk.state, talk.now).trouble == "it is still syncing"
    talk.offer()
    view = overview(talk.state, talk.now)
    assert (view.height, view.trouble) == (HEIGHT, "")
    assert view.network_difficulty > 1e12


def test_a_connection_is_shown_with_what_it_says_of_itself() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.now += 3
    talk.say(peer, setup())
    talk.now += 2
    (miner,) = overview(talk.state, talk.now).miners
    assert (miner.peer, miner.address) == (peer, f"192.0.2.1:{peer}")
    assert (miner.vendor, miner.hardware_version, miner.firmware) == ("Sluice", "CPU", "1.0")
    assert (miner.connected_for, miner.heard_ago) == (5.0, 2.0)
    assert (miner.channels, miner.figures.accepted, miner.figures.last_share_ago) == ((), 0, None)


def test_a_channel_is_shown_with_its_figures() -> None:
    device = mining()
    device.find(4)
    unit = device.unit()
    device.forge(unit, next(device.shares(unit)), version=0)
    device.talk.now += 7
    (miner,) = overview(device.talk.state, device.talk.now).miners
    (channel,) = miner.channels
    assert (channel.channel_id, channel.kind, channel.user) == (2, "extended", "alice")
    assert channel.difficulty == float(difficulty(unit.target))
    figures = channel.figures
    assert (figures.accepted, figures.refused) == (4, {"bad-version": 1})
    assert figures.work == 4 * work(unit.target)
    assert figures.best_difficulty >= float(difficulty(unit.target))
    assert figures.last_share_ago == 7
    assert figures.hashrates[0] == pytest.approx(figures.work / 7)
    assert miner.figures == figures


def test_a_connection_adds_its_channels_up_closed_ones_too() -> None:
    device = mining(replace(STANDARD, channels=(wish(), wish(user="bob"))))
    talk = device.talk
    device.find(3)
    talk.now += 5
    device.find(2, channel_id=3)
    talk.devices.clear()
    talk.feed_said(device.peer, SubmitSharesStandard(9, 1, 1, 0, 0, 0))
    before = overview(talk.state, talk.now).miners[0]
    assert [channel.user for channel in before.channels] == ["alice", "bob"]
    assert before.figures.accepted == 5
    assert before.figures.work == sum(channel.figures.work for channel in before.channels)
    assert before.figures.best_difficulty == max(
        channel.figures.best_difficulty for channel in before.channels
    )
    assert before.figures.last_share_ago == 0
    talk.feed_said(device.peer, CloseChannel(2, ""))
    talk.feed_said(device.peer, CloseChannel(3, ""))
    (after,) = overview(talk.state, talk.now).miners
    assert after.channels == ()
    assert replace_fields(after.figures, hashrates=before.figures.hashrates) == before.figures
    assert after.figures.refused == {"unknown-channel": 1}


def test_workers_have_figures_of_their_own() -> None:
    device = mining(replace(EXTENDED, worker="rig-1"))
    device.find(3)
    (channel,) = overview(device.talk.state, device.talk.now).miners[0].channels
    assert list(channel.workers) == ["rig-1"]
    assert channel.workers["rig-1"].accepted == channel.figures.accepted == 3
    assert channel.workers["rig-1"].work == channel.figures.work


def test_a_pool_adds_its_miners_up() -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, EXTENDED) for _ in range(3)]
    for device in devices:
        device.find(2)
    talk.now += 60
    view = overview(talk.state, talk.now)
    assert view.hashrates[0] == pytest.approx(sum(miner.figures.hashrates[0] for miner in view.miners))
    assert view.hashrates[0] == pytest.approx(6 * work(devices[0].unit().target) / 60, rel=0.01)


def test_blocks_and_endings_are_shown() -> None:
    device = mining(nbits=EASY_NBITS)
    talk = device.talk
    device.find(2)
    talk.feed(Recorded(talk.blocks[0].block_hash))
    talk.feed(Answered(talk.blocks[0].block_hash, Outcome("core", "submitblock", Answer.ACCEPTED)))
    talk.leave(device.peer)
    view = overview(talk.state, talk.now)
    assert [block.stage for block in view.blocks] == [Stage.HELD, Stage.FOUND]
    assert view.blocks_accepted == 1
    assert view.closings == {"closed by the peer": 1}


def test_a_picture_does_not_move() -> None:
    device = mining()
    device.find()
    view = overview(device.talk.state, device.talk.now)
    device.find(3)
    device.talk.leave(device.peer)
    assert view.miners[0].figures.accepted == 1
    assert view.closings == {}


def test_the_best_share_is_the_luckiest() -> None:
    device = mining()
    device.find(5)
    channel = device.talk.channel(device.peer)
    assert channel.tally.best_hash is not None
    (view,) = overview(device.talk.state, device.talk.now).miners[0].channels
    assert view.figures.best_difficulty == float(difficulty(Target(channel.tally.best_hash)))
