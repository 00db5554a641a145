"""Whoever leaves leaves nothing behind; whoever is only a burden has to leave."""

from dataclasses import replace

import pytest

from sluice.bitcoin.target import work
from sluice.pool.departure import REQUESTS_PER_CHANNEL
from sluice.pool.events import ChannelClosed, PeerLeft
from sluice.pool.inputs import MovePrefix, Regroup
from sluice.pool.policy import Patience
from sluice.sv2.connection import Unknown
from sluice.sv2.message import Message
from sluice.sv2.messages.extensions import RequestExtensions
from sluice.sv2.messages.mining import CloseChannel, SubmitSharesStandard, UpdateChannel
from support.pool import (
    EVERYTHING,
    EXTENDED,
    GROUPED,
    POLICY,
    SLOW,
    STANDARD,
    Device,
    PoolTalk,
    mining,
    open_extended,
    setup,
    wish,
)
from support.work import HEIGHT

FEW = replace(POLICY, patience=Patience(refusals_per_minute=5))


def assert_nothing_is_left(talk: PoolTalk) -> None:
    state = talk.state
    assert state.miners == {}
    assert (state.payees.house.grouped, state.ungrouped, state.unacknowledged) == ({}, {}, {})
    assert state.space.held == 0
    talk.pass_time(10)
    assert not state.rota


def test_nothing_is_left_of_a_connection() -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, each) for each in (STANDARD, GROUPED, EXTENDED)]
    for device in devices:
        device.open(wish(extended=device.extended))
        device.find(3)
        talk.feed(MovePrefix(device.peer, 2))
        talk.feed(Regroup(device.peer, (3,)))
    for device in devices:
        talk.leave(device.peer)
    assert_nothing_is_left(talk)


def test_a_connection_that_waits_for_work_leaves_nothing() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.say(peer, setup(), open_extended())
    talk.leave(peer)
    talk.offer()
    assert talk.take(peer) == []
    assert_nothing_is_left(talk)


def test_what_was_done_is_told_at_the_end_by_channel_and_connection() -> None:
    device = mining(replace(EXTENDED, channels=(wish(extended=True), wish(extended=True, user="bob"))))
    device.find(3)
    device.find(2, channel_id=3)
    unit = device.unit()
    a_share = work(unit.target)
    device.forge(unit, next(device.shares(unit)), nonce=0, ntime=0)
    talk = device.talk
    talk.say(device.peer, CloseChannel(3, "tired"))
    talk.leave(device.peer, "connection lost")
    assert talk.happened(ChannelClosed) == [
        ChannelClosed(device.peer, 3, "bob", "closed by the miner: tired", 2, 0, 2 * a_share)
    ]
    assert talk.happened(PeerLeft) == [
        PeerLeft(device.peer, f"192.0.2.1:{device.peer}", "connection lost", 5, 1, 5 * a_share)
    ]


def test_endings_are_counted_by_what_stands_before_the_colon() -> None:
    talk = PoolTalk()
    for reason in ("protocol error: one", "protocol error: another", "closed by the peer"):
        talk.leave(talk.connect(), reason)
    assert talk.state.closings == {"protocol error": 2, "closed by the peer": 1}


def test_the_end_of_a_stranger_is_nothing() -> None:
    talk = PoolTalk()
    talk.leave(99)
    assert (talk.events, talk.state.closings) == ([], {})


def test_a_prefix_rests_until_the_tip_has_changed() -> None:
    talk = PoolTalk()
    talk.offer()
    first = Device(talk, EXTENDED)
    prefix = talk.channel(first.peer).extranonce_prefix
    talk.leave(first.peer)
    second = Device(talk, EXTENDED)
    assert talk.channel(second.peer).extranonce_prefix != prefix
    talk.offer()
    third = Device(talk, EXTENDED)
    assert talk.channel(third.peer).extranonce_prefix != prefix
    talk.offer(HEIGHT + 1)
    fourth = Device(talk, EXTENDED)
    assert talk.channel(fourth.peer).extranonce_prefix == prefix


def bad_share(number: int) -> SubmitSharesStandard:
    return SubmitSharesStandard(9, number, 1, 0, 0, 0)


def test_too_many_refusals_in_a_minute_end_a_connection() -> None:
    talk = PoolTalk(FEW)
    peer = talk.connect()
    talk.say(peer, setup())
    for number in range(5):
        talk.say(peer, bad_share(number))
    assert talk.closed == {}
    talk.feed_said(peer, bad_share(5))
    assert talk.closed == {peer: "too many refused shares or requests"}
    assert talk.state.closings == {"too many refused shares or requests": 1}
    assert_nothing_is_left(talk)


def test_refusals_spread_over_minutes_do_not() -> None:
    talk = PoolTalk(FEW)
    peer = talk.connect()
    talk.say(peer, setup())
    for number in range(30):
        talk.say(peer, bad_share(number))
        talk.now += 13
    assert talk.closed == {}


def test_unknown_messages_are_refusals() -> None:
    talk = PoolTalk(FEW)
    peer = talk.connect()
    talk.say(peer, setup())
    for _ in range(6):
        talk.feed_said(peer, Unknown(0x7ABC, 3, 100))
    assert talk.closed == {peer: "too many refused shares or requests"}


@pytest.mark.parametrize(
    "asking",
    [UpdateChannel(2, SLOW, EVERYTHING), RequestExtensions(1, (2,))],
    ids=["updates", "extensions"],
)
def test_requests_are_counted_by_the_channels_there_were(asking: Message) -> None:
    talk = PoolTalk(FEW)
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup(), open_extended(1), open_extended(2))
    for _ in range(5 + 2 * REQUESTS_PER_CHANNEL - 2):
        talk.say(peer, asking)
    assert talk.closed == {}
    talk.feed_said(peer, asking)
    assert talk.closed == {peer: "too many requests"}
    assert_nothing_is_left(talk)


def test_requests_spread_over_minutes_are_none_too_many() -> None:
    talk = PoolTalk(FEW)
    peer = talk.connect()
    talk.say(peer, setup())
    for _ in range(30):
        talk.say(peer, RequestExtensions(1, (2,)))
        talk.now += 13
    assert talk.closed == {}


def test_a_hall_may_go_dark_and_come_back() -> None:
    talk = PoolTalk(FEW)
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup())
    for number in range(100):
        talk.say(peer, open_extended(number))
    for channel_id in list(talk.miner(peer).channels):
        talk.say(peer, CloseChannel(channel_id, "no power"))
    for number in range(100):
        talk.say(peer, open_extended(100 + number))
    assert talk.closed == {}
    assert len(talk.miner(peer).channels) == 100


def test_opening_and_closing_for_ever_is_not_served() -> None:
    talk = PoolTalk(FEW)
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup())
    rounds = 0
    while not talk.closed and rounds < 1_000:
        channel_id = 2 + rounds
        talk.feed_said(peer, open_extended(rounds), CloseChannel(channel_id, "again"))
        rounds += 1
    assert talk.closed == {peer: "too many requests"}
    assert rounds <= 5 + REQUESTS_PER_CHANNEL
