"""Who is sent which job when, as transcripts (spec 5.3.15 to 5.3.17)."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.pool.effects import Broadcast, Effect, Send, Tell
from sluice.pool.events import NodeRecovered, NodeTroubled, TemplateRefreshed, TipChanged
from sluice.pool.inputs import Offered, Troubled
from sluice.pool.jobs import send_ahead
from sluice.pool.ports import Trouble
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sv2.messages.mining import NewExtendedMiningJob, NewMiningJob, SetNewPrevHash
from support.pool import EXTENDED, GROUPED, STANDARD, Device, PoolTalk, kinds, mining
from support.work import HEIGHT, NTIME, spend, template

PLANS = pytest.mark.parametrize(
    "plan", [STANDARD, GROUPED, EXTENDED], ids=["standard", "grouped", "extended"]
)
NEXT = template(HEIGHT + 1, transactions=(spend(1),), ntime=NTIME + 5)


def hall() -> tuple[PoolTalk, list[Device]]:
    """A pool with every kind of miner, two of each."""
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, plan) for plan in (STANDARD, GROUPED, EXTENDED) * 2]
    talk.sent.clear()
    talk.events.clear()
    return talk, devices


def wire(effects: list[Effect]) -> list[Any]:
    return [effect.message for effect in effects if isinstance(effect, Send | Broadcast)]


def test_a_refresh_is_one_broadcast_for_all_groups_and_a_job_for_each_channel_of_its_own() -> None:
    talk, _ = hall()
    effects = talk.feed(Offered(template(transactions=(spend(1),))))
    broadcasts = [effect for effect in effects if isinstance(effect, Broadcast)]
    sends = [effect for effect in effects if isinstance(effect, Send)]
    assert [list(broadcast.peers) for broadcast in broadcasts] == [[2, 3, 5, 6]]
    assert [send.peer for send in sends] == [1, 4]
    assert kinds(wire(effects)) == [NewExtendedMiningJob, NewMiningJob, NewMiningJob]
    assert all(message.min_ntime is not None for message in wire(effects))
    assert not broadcasts[0].urgent


def test_on_a_new_tip_the_small_message_leaves_first_for_everybody() -> None:
    talk, _ = hall()
    ahead = talk.state.book.future
    effects = talk.feed(Offered(NEXT))
    tips, jobs, nexts = (wire(effects)[3 * part : 3 * part + 3] for part in range(3))
    assert kinds(tips) == [SetNewPrevHash] * 3
    assert ahead is not None
    assert {tip.job_id for tip in tips} == {ahead.job_id}
    first = effects[0]
    assert isinstance(first, Broadcast)
    assert first.urgent
    assert [job.min_ntime for job in jobs] == [NTIME + 5] * 3
    assert [job.min_ntime for job in nexts] == [None] * 3
    assert len(effects) == 10
    told = effects[-1]
    assert isinstance(told, Tell)
    assert isinstance(told.event, TipChanged)
    assert (told.event.next_height, told.event.transactions, told.event.reward) == (
        HEIGHT + 1,
        1,
        NEXT.coinbase_value,
    )


def test_before_a_tip_that_nobody_prepared_for_comes_its_job() -> None:
    talk, devices = hall()
    effects = talk.feed(Offered(template(HEIGHT, fork=1)))
    messages = wire(effects)
    assert kinds(messages[:3]) == [NewExtendedMiningJob, NewMiningJob, NewMiningJob]
    assert kinds(messages[3:6]) == [SetNewPrevHash] * 3
    assert {tip.job_id for tip in messages[3:6]} == {messages[0].job_id}
    for device in devices:
        device.find()
        assert device.refused == []


@PLANS
@pytest.mark.parametrize(
    "heights",
    [(HEIGHT, HEIGHT), (HEIGHT + 1, HEIGHT + 2), (HEIGHT + 1, HEIGHT), (HEIGHT - 1, HEIGHT + 5)],
    ids=["refresh", "blocks", "reorganised back", "far away"],
)
def test_a_miner_follows_wherever_the_node_goes(plan: ClientPlan, heights: tuple[int, ...]) -> None:
    device = mining(plan)
    for fork, height in enumerate(heights):
        offered = device.talk.offer(height, fork=fork)
        device.find(2)
        assert device.unit().tip.prev_hash == offered.prev_hash
    assert device.refused == []
    assert device.talk.miner(device.peer).accepted == 2 * len(heights)


@PLANS
def test_no_job_is_sent_twice_under_one_address(plan: ClientPlan) -> None:
    talk = PoolTalk()
    talk.offer()
    peer = Device(talk, plan).peer
    for step in range(6):
        talk.offer(HEIGHT + step // 2)
    jobs = [
        (message.channel_id, message.job_id)
        for message in talk.take(peer)
        if isinstance(message, NewMiningJob | NewExtendedMiningJob)
    ]
    assert len(jobs) == len(set(jobs)) > 6


def test_a_miner_with_nothing_open_is_sent_nothing() -> None:
    device = mining()
    device.close()
    device.talk.take(device.peer)
    device.talk.offer()
    device.talk.offer(HEIGHT + 1)
    assert device.talk.take(device.peer) == []


def test_people_hear_of_tips_and_of_better_work() -> None:
    talk = PoolTalk()
    talk.offer()
    talk.offer(transactions=(spend(1), spend(2)))
    talk.offer(HEIGHT + 1)
    assert [event.next_height for event in talk.happened(TipChanged)] == [HEIGHT, HEIGHT + 1]
    assert [event.transactions for event in talk.happened(TemplateRefreshed)] == [2]


def test_a_node_s_trouble_is_told_once_and_so_is_its_end() -> None:
    talk = PoolTalk()
    for reason in ("it is syncing", "it is syncing", "it is gone"):
        talk.feed(Troubled(Trouble("core", reason)))
    assert [event.reason for event in talk.happened(NodeTroubled)] == ["it is syncing", "it is gone"]
    talk.offer()
    talk.offer()
    assert talk.happened(NodeRecovered) == [NodeRecovered(HEIGHT)]


def test_jobs_are_shared_between_channels_not_copied() -> None:
    talk, devices = hall()
    talk.offer()
    held = {id(issued.job) for device in devices for issued in talk.channel(device.peer).jobs.values()}
    assert len(held) == 2  # the one they opened with, and this one


def test_replacing_the_plan_s_channel_changes_nothing_for_others() -> None:
    talk, devices = hall()
    other = Device(talk, replace(GROUPED, channels=GROUPED.channels * 3))
    talk.offer(HEIGHT + 1)
    for device in (*devices, other):
        for channel_id in device.units:
            device.find(1, channel_id)
        assert device.refused == []


def test_what_is_sent_ahead_goes_to_groups_once_and_to_each_channel_of_its_own() -> None:
    talk, devices = hall()
    effects = list(send_ahead(talk.state, {b"": talk.state.book.ahead_again().job}))
    groups = [effect for effect in effects if isinstance(effect, Broadcast)]
    alone = [effect for effect in effects if isinstance(effect, Send)]
    assert [len(effect.peers) for effect in groups] == [4]
    assert [effect.peer for effect in alone] == [
        device.peer for device in devices if not device.takes_extended
    ]
    assert {type(message) for message in wire(effects)} == {NewMiningJob, NewExtendedMiningJob}
