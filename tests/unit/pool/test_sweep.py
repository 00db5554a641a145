"""Time passes: the silent leave, with the reason told and counted; targets follow silence."""

from collections import Counter
from dataclasses import replace

import pytest

from sluice.bitcoin.target import target_to_wire
from sluice.pool.effects import Send
from sluice.pool.events import PeerLeft
from sluice.pool.inputs import Ticked
from sluice.pool.policy import Patience
from sluice.pool.sweep import LOOK_SECONDS, TICK_SECONDS
from sluice.sv2.connection import Unknown
from sluice.sv2.messages.mining import CloseChannel, SetTarget
from support.pool import POLICY, SLOW, PoolTalk, mining, open_extended, setup

SLACK = LOOK_SECONDS + 1.0


def left(talk: PoolTalk) -> dict[int, str]:
    return {event.peer: event.reason for event in talk.happened(PeerLeft)}


def test_who_does_not_set_up_in_time_is_closed() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.pass_time(9.9)
    assert talk.closed == {}
    talk.pass_time(SLACK)
    assert talk.closed == left(talk) == {peer: "no SetupConnection in time"}
    assert talk.state.closings == {"no SetupConnection in time": 1}


def test_what_is_said_instead_of_setting_up_buys_no_time() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    for _ in range(20):
        talk.feed_said(peer, Unknown(0x7000, 1, 1))
        talk.pass_time(1)
    assert left(talk) == {peer: "no SetupConnection in time"}


def test_who_opens_no_channel_in_time_is_closed() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.pass_time(5)
    talk.say(peer, setup())
    talk.pass_time(59, step=1)
    assert talk.closed == {}
    talk.pass_time(SLACK + 1)
    assert left(talk) == {peer: "no channel opened in time"}


def test_who_closed_its_last_channel_has_as_long_for_another() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup(), open_extended())
    talk.pass_time(200, step=1)
    talk.say(peer, CloseChannel(2, ""))
    talk.pass_time(59, step=1)
    talk.say(peer, open_extended())
    talk.pass_time(100, step=1)
    assert talk.closed == {}


def test_who_waits_for_our_first_template_is_waited_for() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.say(peer, setup(), open_extended())
    talk.pass_time(3_600, step=1)
    assert talk.closed == {}


def test_who_says_nothing_for_long_is_closed() -> None:
    device = mining()
    talk = device.talk
    device.find(3)
    talk.pass_time(299, step=1)
    assert talk.closed == {}
    talk.pass_time(101 + SLACK)  # at most ten times the forty seconds that silence makes us expect
    assert left(talk) == {device.peer: "idle"}
    assert talk.state.space.held == 0


def test_whatever_is_said_is_a_sign_of_life() -> None:
    device = mining()
    for _ in range(10):
        device.talk.pass_time(200, step=1)
        device.update(SLOW, device.unit().target)
    assert device.talk.closed == {}


def test_who_is_expected_to_share_seldom_may_be_silent_for_longer() -> None:
    device = mining(policy=replace(POLICY, patience=Patience(idle=1.0)))
    talk = device.talk
    device.find()
    talk.pass_time(30)
    assert talk.closed == {}  # a share in ten seconds was agreed
    talk.pass_time(400, step=1)
    assert left(talk) == {device.peer: "idle"}


def test_silence_makes_shares_easier() -> None:
    device = mining()
    before = device.unit().target
    device.talk.pass_time(120, step=1)
    assert device.unit().target > before
    device.find()
    assert device.refused == []
    targets = [message for message in device.talk.take(device.peer) if isinstance(message, SetTarget)]
    assert targets[-1].maximum_target == target_to_wire(device.unit().target)


def test_deadlines_are_kept_to_the_tick() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.pass_time(9.95, step=0.05)
    assert talk.closed == {}
    talk.pass_time(0.1, step=0.05)
    assert talk.closed == {peer: "no SetupConnection in time"}
    other = talk.connect()
    talk.pass_time(3.3, step=0.05)
    talk.say(other, setup())
    talk.pass_time(59.95, step=0.05)
    assert other not in talk.closed
    talk.pass_time(0.1, step=0.05)
    assert talk.closed[other] == "no channel opened in time"


def looks(talk: PoolTalk) -> dict[int, float]:
    """When each peer is to be looked at."""
    return {peer: when for when, peer in talk.state.rota}


def test_who_waits_for_us_is_looked_at_as_often_as_others() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.say(peer, setup(), open_extended())
    talk.pass_time(100, step=1)
    assert looks(talk)[peer] > talk.now


@pytest.mark.parametrize(("connected", "step"), [(1, 0.01), (1, 1.0), (7, 0.1), (7, 1.0), (100, 0.1)])
def test_the_pace_is_the_same_for_few_and_many(connected: int, step: float) -> None:
    talk = PoolTalk(replace(POLICY, patience=Patience(setup=1e9)))
    peers = []
    for _ in range(connected):
        talk.now += 5 / connected  # as in life, not all at once
        peers.append(talk.connect())
    seen: Counter[int] = Counter()
    due = looks(talk)
    for _ in range(round(50 / step)):
        talk.tick(step)
        after = looks(talk)
        seen.update(peer for peer in peers if after[peer] != due[peer])
        due = after
    slower = 5 / (5 + step)
    assert all(10 * slower - 1 <= seen[peer] <= 11 for peer in peers)


@pytest.mark.parametrize(("connected", "at_once"), [(7, 7), (100, 10), (5_000, 100)])
def test_no_tick_is_long(connected: int, at_once: int) -> None:
    talk = PoolTalk()
    for _ in range(connected):
        talk.connect()
    talk.tick(3_600)
    assert len(talk.closed) == at_once
    talk.pass_time(2, step=0.01)
    assert talk.state.miners == {}


def test_hash_rates_are_settled_by_the_way() -> None:
    device = mining()
    device.find()
    earned = device.talk.channel(device.peer).tally.work
    device.talk.pass_time(120, step=1)
    one_minute, *_ = device.talk.channel(device.peer).tally.hashrates(device.talk.now)
    assert one_minute < earned / 60 * 0.2  # all of it came two minutes ago, not little by little


def test_between_two_looks_there_are_only_answers() -> None:
    device = mining()
    device.talk.pass_time(1)
    device.find()
    sent = []
    for _ in range(5):
        device.talk.now += TICK_SECONDS
        sent += device.talk.feed(Ticked(device.talk.unix_time))
    assert len(sent) == 1
    assert isinstance(sent[0], Send)


@pytest.mark.parametrize("step", [0.01, 1.0, 50.0, 86_400.0])
def test_a_clock_that_jumps_breaks_nothing(step: float) -> None:
    device = mining()
    device.find(3)
    for _ in range(5):
        device.talk.tick(step)
    assert device.talk.state.unix_time == device.talk.unix_time
    assert device.talk.state.unacknowledged == {}
