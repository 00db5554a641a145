"""Every input and every message has its reaction; a life from arrival to draining."""

from dataclasses import replace
from typing import get_args

import pytest

from sluice.pool import pool
from sluice.pool.events import Draining, PeerLeft
from sluice.pool.inputs import Drain, Input, Said
from sluice.sv2.connection import Tagged, Unknown
from sluice.sv2.flags import Protocol
from sluice.sv2.life import FLOWS
from sluice.sv2.messages.common import Reconnect, SetupConnection
from sluice.sv2.messages.mining import CloseChannel, OpenExtendedMiningChannelSuccess, SubmitSharesSuccess
from sluice.sv2.tlv import user_identity_tlv
from sluice.wire.side import Side
from support.pool import (
    EXTENDED,
    GROUPED,
    POLICY,
    STANDARD,
    Device,
    PoolTalk,
    kinds,
    mining,
    one,
    open_extended,
    setup,
)


def test_every_input_has_its_reaction() -> None:
    assert set(pool._REACTIONS) == set(get_args(Input))


def test_every_message_that_a_miner_may_send_has_its_reaction() -> None:
    may_flow = set(FLOWS[Protocol.MINING, Side.CLIENT].values()) | {SetupConnection}
    assert may_flow <= set(pool._MESSAGES)


def test_what_a_stranger_says_is_not_heard() -> None:
    talk = PoolTalk()
    assert talk.feed(Said(99, setup())) == []


def test_whoever_speaks_is_heard_of() -> None:
    talk = PoolTalk()
    peer = talk.connect()
    talk.now += 4
    talk.feed_said(peer, Unknown(0x7000, 1, 1))
    assert talk.miner(peer).last_heard == talk.now


def test_fields_behind_another_message_change_nothing() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup())
    tlvs = (user_identity_tlv("rig-1"),)
    answers = talk.say(peer, Tagged(open_extended(), tlvs))
    assert one(answers, OpenExtendedMiningChannelSuccess).channel_id == 2
    talk.say(peer, Tagged(CloseChannel(2, ""), tlvs))
    assert talk.miner(peer).channels == {}


def test_a_drained_pool_answers_sends_everybody_away_and_takes_nobody_new() -> None:
    device = mining()
    talk = device.talk
    device.find(3)
    half_arrived = talk.connect()
    talk.feed(Drain())
    answered, moved = talk.take(device.peer)
    assert isinstance(answered, SubmitSharesSuccess)
    assert answered.new_submits_accepted_count == 3
    assert moved == Reconnect("", 0)
    assert device.left is not None
    assert device.left.moved
    assert talk.happened(Draining) == [Draining(2)]
    newcomer = talk.connect()
    assert talk.closed == {half_arrived: "draining", newcomer: "draining"}
    assert [event.reason for event in talk.happened(PeerLeft)] == ["draining", "draining"]
    assert list(talk.state.miners) == [device.peer]


def test_a_draining_pool_still_counts_shares() -> None:
    device = mining(policy=replace(POLICY, ack_shares=1))
    device.talk.feed(Drain())
    device.talk.take(device.peer)
    device.find(2)
    assert kinds(device.talk.take(device.peer)) == [SubmitSharesSuccess] * 2


@pytest.mark.parametrize("peers", [0, 1, 5])
def test_every_connection_has_its_own_ids(peers: int) -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, plan) for plan in (STANDARD, GROUPED, EXTENDED) for _ in range(peers)]
    for device in devices:
        assert list(device.units) == [2]
        device.find()
        assert device.refused == []
