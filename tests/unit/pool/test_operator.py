"""An operator moves prefixes, regroups and ends channels; miners at work notice nothing but that."""

from dataclasses import replace

import pytest

from sluice.bitcoin.target import difficulty
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.pool.events import ChannelClosed
from sluice.pool.inputs import EndChannel, Input, MovePrefix, Regroup, SetDifficulty, SetPayout
from sluice.pool.operator import end_channel, move_prefix, regroup, set_difficulty, set_payout
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sv2.message import Message
from sluice.sv2.messages.mining import (
    CloseChannel,
    NewExtendedMiningJob,
    NewMiningJob,
    SetExtranoncePrefix,
    SetGroupChannel,
    SetNewPrevHash,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
    UpdateChannel,
    UpdateChannelError,
)
from support.pool import (
    EVERYTHING,
    EXTENDED,
    GROUPED,
    SLOW,
    STANDARD,
    Device,
    PoolTalk,
    kinds,
    mining,
    open_extended,
    setup,
    wish,
)
from support.work import EASY_NBITS, HEIGHT

PLANS = pytest.mark.parametrize(
    "plan", [STANDARD, GROUPED, EXTENDED], ids=["standard", "grouped", "extended"]
)


@PLANS
def test_a_moved_channel_goes_on_without_a_refused_share(plan: ClientPlan) -> None:
    device = mining(plan)
    talk, before = device.talk, device.unit()
    talk.feed(MovePrefix(device.peer, 2))
    assert kinds(talk.sent[device.peer])[0] is SetExtranoncePrefix
    device.submit(before, next(device.shares(before)))  # was on its way
    device.find(2)
    talk.offer()
    device.find(2)
    talk.offer(HEIGHT + 1)  # the job ahead was sent under the old prefix
    device.find(2)
    assert device.refused == []
    assert talk.miner(device.peer).accepted == 7


@PLANS
def test_blocks_on_the_job_ahead_of_a_move_are_whole(plan: ClientPlan) -> None:
    device = mining(plan)
    talk = device.talk
    talk.feed(MovePrefix(device.peer, 2))
    talk.feed(MovePrefix(device.peer, 2))
    talk.offer(HEIGHT + 1, fork=0, nbits=EASY_NBITS)
    jobs = list(talk.channel(device.peer).jobs.values())
    assert len({issued.prefix for issued in jobs}) == 2
    device.find()
    assert len(talk.blocks) == 1


def test_a_prefix_that_was_left_rests_until_the_tip_has_changed() -> None:
    device = mining()
    talk = device.talk
    left = talk.channel(device.peer).extranonce_prefix
    talk.feed(MovePrefix(device.peer, 2))
    assert talk.state.space.held == 1
    assert talk.state.space.take() != left
    talk.offer(HEIGHT + 1)
    assert talk.state.space.take() == left


def test_a_standard_channel_keeps_the_form_of_its_prefix() -> None:
    device = mining(STANDARD)
    device.talk.feed(MovePrefix(device.peer, 2))
    assert device.talk.channel(device.peer).extranonce_prefix == bytes.fromhex("00000001") + bytes(12)


def two_channels(plan: ClientPlan = EXTENDED) -> Device:
    return mining(replace(plan, channels=(wish(extended=plan is EXTENDED), wish(extended=plan is EXTENDED))))


@pytest.mark.parametrize("plan", [GROUPED, EXTENDED], ids=["grouped", "extended"])
def test_regrouped_channels_get_their_jobs_by_the_new_group(plan: ClientPlan) -> None:
    device = two_channels(plan)
    talk = device.talk
    talk.feed(Regroup(device.peer, (3, 3, 99)))
    regrouped, *ahead = talk.take(device.peer)
    assert regrouped == SetGroupChannel(4, (3,))
    assert {type(job) for job in ahead} == {NewExtendedMiningJob}
    assert {job.channel_id for job in ahead} == {1, 4}  # type: ignore[attr-defined]
    talk.offer()
    assert {job.channel_id for job in talk.take(device.peer)} == {1, 4}  # type: ignore[attr-defined]
    talk.offer(HEIGHT + 1)
    tips = [message for message in talk.take(device.peer) if isinstance(message, SetNewPrevHash)]
    assert {tip.channel_id for tip in tips} == {1, 4}
    device.find(2)
    device.find(2, channel_id=3)
    assert device.refused == []


def test_a_group_without_members_gets_no_jobs() -> None:
    device = two_channels()
    talk = device.talk
    talk.feed(Regroup(device.peer, (2, 3)))
    talk.take(device.peer)
    talk.offer()
    assert [job.channel_id for job in talk.take(device.peer)] == [4]  # type: ignore[attr-defined]
    assert talk.state.payees.house.grouped == {4: {device.peer: None}}


def test_a_channel_opened_after_all_others_moved_begins_the_first_group_anew() -> None:
    device = mining()
    talk = device.talk
    talk.feed(Regroup(device.peer, (2,)))
    talk.take(device.peer)
    device.open(wish(extended=True))
    ahead = talk.take(device.peer)[-1]
    assert isinstance(ahead, NewExtendedMiningJob)
    assert ahead.channel_id == 1
    talk.offer(HEIGHT + 1)
    device.find(2)
    device.find(2, channel_id=4)
    assert device.refused == []


def test_everybody_hears_of_the_job_ahead_under_its_new_id() -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, plan) for plan in (STANDARD, GROUPED, EXTENDED)]
    talk.feed(Regroup(devices[2].peer, (2,)))
    talk.offer(HEIGHT + 1)
    for device in devices:
        device.find(2)
        assert device.refused == []


@pytest.mark.parametrize("flags", [0b001, 0b010])
def test_who_takes_no_jobs_by_groups_is_not_regrouped(flags: int) -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.say(peer, setup(flags), open_extended())
    assert talk.feed(Regroup(peer, (2,))) == []


def test_an_ended_channel_is_answered_for_then_closed() -> None:
    device = two_channels(STANDARD)
    talk = device.talk
    device.find(2)
    talk.feed(EndChannel(device.peer, 2, "maintenance"))
    answered, closed = talk.take(device.peer)
    assert isinstance(answered, SubmitSharesSuccess)
    assert (answered.channel_id, answered.new_submits_accepted_count) == (2, 2)
    assert closed == CloseChannel(2, "maintenance")
    assert [told.reason for told in talk.happened(ChannelClosed)] == ["closed by us: maintenance"]
    assert list(device.units) == [3]
    talk.offer(HEIGHT + 1)
    talk.pass_time(1)
    assert kinds(talk.take(device.peer)) == [SetNewPrevHash, NewMiningJob, NewMiningJob]
    assert talk.state.space.held == 1


def test_an_ended_group_takes_all_its_channels_with_one_message() -> None:
    device = two_channels()
    talk = device.talk
    talk.feed(EndChannel(device.peer, 1, "maintenance"))
    assert talk.take(device.peer) == [CloseChannel(1, "maintenance")]
    assert (talk.miner(device.peer).channels, device.units) == ({}, {})
    talk.pass_time(59, step=1)
    assert talk.closed == {}  # it may open another
    talk.pass_time(10, step=1)
    assert talk.closed == {device.peer: "no channel opened in time"}


def test_of_an_ended_channel_there_is_not_a_word_any_more() -> None:
    device = mining()
    talk, unit = device.talk, device.unit()
    share = next(device.shares(unit))
    numbers = (2, 1, unit.job.job_id, share.nonce, share.ntime, share.version)
    talk.devices.clear()  # it has not heard of it yet
    talk.feed(EndChannel(device.peer, 2, "maintenance"))
    talk.take(device.peer)
    crossing: list[Message] = [
        SubmitSharesExtended(*numbers, share.extranonce),
        SubmitSharesStandard(*numbers),
        UpdateChannel(2, SLOW, EVERYTHING),
        CloseChannel(2, "tired"),
    ]
    assert talk.say(device.peer, *crossing) == []
    miner = talk.miner(device.peer)
    assert (miner.refused, miner.refusals) == (2, 0)
    assert talk.say(device.peer, UpdateChannel(3, SLOW, EVERYTHING)) == [
        UpdateChannelError(3, "invalid-channel-id")
    ]


@PLANS
def test_a_block_that_crosses_the_end_of_its_channel_counts(plan: ClientPlan) -> None:
    device = mining(plan, nbits=EASY_NBITS)
    talk, unit = device.talk, device.unit()
    shares = device.shares(unit)
    talk.devices.clear()  # it has not heard of it yet
    talk.feed(EndChannel(device.peer, 2, "maintenance"))
    talk.take(device.peer)
    found = next(shares)
    device.forge(unit, found)
    assert [block.block_hash for block in talk.blocks] == [found.hash]
    assert talk.take(device.peer) == []
    talk.pass_time(6)
    device.forge(unit, next(shares))
    assert len(talk.blocks) == 1, "what it had is not kept for ever"


def test_an_act_is_done_before_anybody_is_told() -> None:
    device = two_channels()
    state, now = device.talk.state, device.talk.now
    channel = device.talk.channel(device.peer)
    before, ahead = channel.extranonce_prefix, state.book.future
    assert len(move_prefix(state, MovePrefix(device.peer, 2), now)) == 2
    assert channel.extranonce_prefix != before
    assert len(regroup(state, Regroup(device.peer, (3,)), now)) == 3
    assert state.book.future is not ahead
    assert len(end_channel(state, EndChannel(device.peer, 2, "x"), now)) == 2
    assert list(device.talk.miner(device.peer).channels) == [3]


@pytest.mark.parametrize(
    "happened",
    [
        MovePrefix(9, 2),
        MovePrefix(1, 9),
        MovePrefix(1, 1),
        Regroup(9, (2,)),
        Regroup(1, (9,)),
        Regroup(1, ()),
        EndChannel(9, 2, "x"),
        EndChannel(1, 9, "x"),
    ],
)
def test_a_request_for_somebody_who_is_gone_changes_nothing(happened: Input) -> None:
    device = mining()
    held = device.talk.state.space.held
    assert device.talk.feed(happened) == []
    assert device.talk.state.space.held == held


@pytest.mark.parametrize("hash_rate", [0.0, SLOW, 1e15])
def test_the_operator_s_difficulty_is_where_every_new_channel_opens(hash_rate: float) -> None:
    device = mining()
    before = device.talk.channel(device.peer).target
    assert list(set_difficulty(device.talk.state, SetDifficulty(8), device.talk.now)) == []
    device.open(wish(extended=True, hash_rate=hash_rate))
    assert device.talk.channel(device.peer).target == before
    assert difficulty(device.talk.channel(device.peer, 3).target) == 8


def test_the_device_s_limit_outweighs_the_operator_s_difficulty() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    talk.feed(SetDifficulty(1))
    talk.say(peer, setup(), open_extended(max_target=(1 << 200).to_bytes(32, "little")))
    assert talk.channel(peer).target == 1 << 200


def test_jobs_from_now_on_pay_as_told_and_those_that_are_out_stay_good() -> None:
    device = mining()
    unit, state = device.unit(), device.talk.state
    shared = replace(state.book.payout, shares=(TxOut(1_000, b"\x51"), TxOut(2_000, b"\x52")))
    assert list(set_payout(state, SetPayout(shared), device.talk.now)) == []
    device.submit(unit, next(device.shares(unit)))
    offered = device.talk.offer()
    job = state.book.current
    assert job is not None
    paid = Transaction.parse(job.coinbase(bytes(16))).outputs
    assert paid[:2] == shared.shares
    assert paid[2] == TxOut(offered.coinbase_value - 3_000, shared.script_pubkey)
    device.find(2)
    assert device.refused == []
