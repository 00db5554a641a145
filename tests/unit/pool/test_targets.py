"""Targets: updated by the device, bounded by the network (spec 5.3.7, 5.3.21)."""

from dataclasses import replace
from math import inf, nan

import pytest

from sluice.bitcoin.network import MAINNET
from sluice.bitcoin.target import MAX_TARGET, Target, target_from_nbits, target_from_wire, target_to_wire
from sluice.pool.events import TargetChanged
from sluice.pool.miner import Miner
from sluice.pool.targets import bad_hashrate, clamp, opening_target, target_bounds, target_for
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    NewMiningJob,
    SetTarget,
    UpdateChannel,
    UpdateChannelError,
)
from sluice.work.vardiff import VardiffPolicy
from support.pool import (
    EVERYTHING,
    EXTENDED,
    GROUPED,
    POLICY,
    SLOW,
    STANDARD,
    Device,
    PoolTalk,
    kinds,
    mining,
    one,
    open_extended,
    setup,
)
from support.work import HARD_NBITS, HEIGHT

NOTHING = bytes(32)
EASIER_NBITS, HARDER_NBITS = 0x1803_4219, 0x1603_4219


def update(hash_rate: float = SLOW, max_target: bytes = EVERYTHING, channel_id: int = 2) -> UpdateChannel:
    return UpdateChannel(channel_id, hash_rate, max_target)


@pytest.mark.parametrize(
    ("plan", "job"),
    [(STANDARD, NewMiningJob), (GROUPED, NewMiningJob), (EXTENDED, NewExtendedMiningJob)],
    ids=["standard", "grouped", "extended"],
)
def test_another_hash_rate_has_another_target_and_a_job_it_holds_for(plan: ClientPlan, job: type) -> None:
    device = mining(plan)
    before = device.unit().target
    answer = device.talk.say(device.peer, update(SLOW * 8))
    assert kinds(answer) == [SetTarget, job]
    target = target_from_wire(one(answer, SetTarget).maximum_target)
    assert target == pytest.approx(before / 8, rel=0.001)
    assert device.unit().target == target
    device.find(2)
    assert device.refused == []
    assert len(device.talk.happened(TargetChanged)) == 1


def test_an_update_that_changes_nothing_is_answered_with_the_same_target() -> None:
    device = mining()
    before = device.talk.channel(device.peer).target
    assert device.talk.say(device.peer, update()) == [SetTarget(2, target_to_wire(before))]
    assert device.talk.say(device.peer, update(0.0)) == [SetTarget(2, target_to_wire(before))]
    assert device.talk.happened(TargetChanged) == []


def test_who_selects_its_own_work_gets_a_target_and_no_job() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup(0b010), open_extended())
    assert kinds(talk.say(peer, update(SLOW * 8))) == [SetTarget]


def test_a_smaller_maximum_is_kept_from_now_on() -> None:
    device = mining()
    limit = Target(2**240)
    device.update(SLOW, limit)
    assert device.unit().target == limit
    device.talk.pass_time(250, step=1)
    assert device.talk.channel(device.peer).target == limit  # silence would make it easier
    device.update(SLOW, MAX_TARGET)
    assert device.talk.channel(device.peer).target > limit


def test_shares_on_their_way_are_judged_by_the_target_they_were_made_for() -> None:
    device = mining()
    unit = device.unit()
    device.talk.feed_said(device.peer, update(SLOW * 1e6))
    for _ in range(3):
        device.submit(unit, next(device.shares(unit)))
    assert device.refused == []
    assert device.talk.miner(device.peer).accepted == 3


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (update(channel_id=1), "invalid-channel-id"),
        (update(channel_id=9), "invalid-channel-id"),
        (update(-1.0), "invalid-nominal-hashrate"),
        (update(nan), "invalid-nominal-hashrate"),
        (update(inf), "invalid-nominal-hashrate"),
        (update(SLOW, NOTHING), "max-target-out-of-range"),
    ],
)
def test_a_refusal_has_its_word_and_changes_nothing(message: UpdateChannel, word: str) -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup(), open_extended())
    channel = talk.channel(peer)
    before = (channel.target, channel.max_target)
    assert talk.say(peer, message) == [UpdateChannelError(message.channel_id, word)]
    assert (channel.target, channel.max_target) == before
    assert talk.miner(peer).refusals == 1


@pytest.mark.parametrize(
    ("hashrate", "bad"),
    [(0.0, False), (-0.0, False), (1e38, False), (-1e-45, True), (nan, True), (inf, True)],
)
def test_what_is_no_hash_rate(hashrate: float, *, bad: bool) -> None:
    assert bad_hashrate(hashrate) is bad


@pytest.mark.parametrize(("target", "clamped"), [(4, 5), (5, 5), (7, 7), (9, 9), (10, 9)])
def test_a_target_beyond_a_bound_is_the_bound(target: int, clamped: int) -> None:
    assert clamp(Target(target), Target(9), Target(5)) == clamped


def test_the_device_s_limit_outweighs_the_network_s_and_that_the_operator_s_wish() -> None:
    talk = PoolTalk(network=MAINNET)
    assert target_bounds(talk.state, MAX_TARGET) == (MAX_TARGET, 1)
    talk.offer()
    network = target_from_nbits(HARD_NBITS)
    assert target_bounds(talk.state, MAX_TARGET) == (MAX_TARGET, network)
    assert target_bounds(talk.state, Target(network - 1)) == (network - 1, network - 1)


def test_the_operator_s_minimum_is_no_reason_to_throw_blocks_away() -> None:
    policy = replace(POLICY, vardiff=VardiffPolicy(easiest=Target(2**160)))
    talk = PoolTalk(policy, MAINNET)
    talk.offer(nbits=HARD_NBITS)
    network = target_from_nbits(HARD_NBITS)
    assert network > 2**160
    assert target_bounds(talk.state, MAX_TARGET) == (network, network)


def test_regtest_s_target_is_no_bound() -> None:
    talk = PoolTalk()
    talk.offer()
    assert target_bounds(talk.state, Target(2**250)) == (2**250, 1)


def test_the_operator_s_easiest_is_a_bound() -> None:
    talk = PoolTalk(replace(POLICY, vardiff=VardiffPolicy(easiest=Target(2**230))))
    assert target_bounds(talk.state, MAX_TARGET) == (2**230, 1)


def strong_miner(nbits: int = HARD_NBITS) -> tuple[PoolTalk, int, Miner]:
    """One whose target is the network's."""
    talk = PoolTalk(network=MAINNET)
    talk.offer(nbits=nbits)
    peer = talk.connect()
    talk.say(peer, setup(), open_extended(hash_rate=3e38))
    return talk, peer, talk.miner(peer)


@pytest.mark.parametrize("height", [HEIGHT, HEIGHT + 1], ids=["same tip", "next tip"])
def test_a_network_that_got_easier_takes_its_miners_with_it(height: int) -> None:
    talk, peer, miner = strong_miner()
    talk.offer(height, nbits=EASIER_NBITS)
    easier = target_from_nbits(EASIER_NBITS)
    assert miner.channels[2].target == easier
    *_, told, job = talk.take(peer)
    assert told == SetTarget(2, target_to_wire(easier))
    assert isinstance(job, NewExtendedMiningJob)
    assert miner.channels[2].jobs[job.job_id].target == easier
    talk.pass_time(6)
    assert SetTarget not in kinds(talk.take(peer))  # vardiff knows, and has nothing to add


def test_a_network_that_got_harder_leaves_targets_to_vardiff() -> None:
    talk, peer, miner = strong_miner()
    before = miner.channels[2].target
    talk.offer(HEIGHT + 1, nbits=HARDER_NBITS)
    assert SetTarget not in kinds(talk.take(peer))
    assert miner.channels[2].target == before
    for _ in range(40):
        miner.channels[2].vardiff.accepted(10**40, talk.now)
    talk.pass_time(10)
    assert miner.channels[2].target < before


def test_on_the_same_target_nothing_is_said_about_targets() -> None:
    talk, peer, _ = strong_miner()
    talk.offer(HEIGHT + 1)
    assert SetTarget not in kinds(talk.take(peer))


def test_regtest_s_changes_concern_no_channel() -> None:
    device: Device = mining()
    before = device.unit().target
    device.talk.offer(HEIGHT + 1, nbits=0x207F_FFFF)
    assert SetTarget not in kinds(device.talk.take(device.peer))
    assert device.unit().target == before


def test_a_device_that_does_not_say_begins_where_the_operator_says() -> None:
    state = PoolTalk(replace(POLICY, default_target=Target(1 << 200))).state
    assert target_for(state, 0.0) == 1 << 200
    assert target_for(state, SLOW) == target_for(PoolTalk().state, SLOW)


def test_an_operator_s_word_since_the_start_outweighs_what_a_device_says() -> None:
    state = PoolTalk().state
    assert opening_target(state, SLOW) == target_for(state, SLOW)
    state.opening_target = Target(1 << 100)
    assert opening_target(state, SLOW) == 1 << 100
