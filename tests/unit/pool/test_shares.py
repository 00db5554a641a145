"""Shares: judged once, counted once, answered once (spec 5.3.11 to 5.3.14, extension 0x0002)."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.bitcoin.target import Target, target_from_difficulty, work
from sluice.pool import shares
from sluice.pool.events import BlockFound
from sluice.pool.inputs import CaughtUp
from sluice.pool.shares import WORDS, acknowledge
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.hasher import grind
from sluice.sv2 import codes
from sluice.sv2.connection import Refused, Tagged
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    SetTarget,
    SubmitSharesError,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.sv2.tlv import Tlv, user_identity_tlv
from sluice.work import seen
from sluice.work.channel import Channel
from sluice.work.verdict import Verdict
from support.pool import EXTENDED, GROUPED, POLICY, STANDARD, Device, kinds, mining
from support.work import EASY_NBITS, HEIGHT, NTIME

PLANS = pytest.mark.parametrize(
    "plan", [STANDARD, GROUPED, EXTENDED], ids=["standard", "grouped", "extended"]
)
GRACE = POLICY.stale_grace
PATIENT = replace(POLICY, ack_seconds=0.5)


def tally(device: Device) -> dict[Verdict, int]:
    return device.talk.channel(device.peer).tally.shares


def credited(device: Device) -> int:
    return device.talk.channel(device.peer).tally.work


def reasons(device: Device) -> list[str]:
    return [refused.reason for refused in device.refused]


def answered(device: Device) -> list[tuple[int, int]]:
    """(last sequence number, count) of each acknowledgement since the last look."""
    return [
        (message.last_sequence_number, message.new_submits_accepted_count)
        for message in device.talk.take(device.peer)
        if isinstance(message, SubmitSharesSuccess)
    ]


@PLANS
def test_good_shares_are_credited_with_the_work_of_their_job(plan: ClientPlan) -> None:
    device = mining(plan)
    device.find(7)
    assert tally(device) == {Verdict.ACCEPTED: 7}
    assert credited(device) == 7 * work(device.unit().target)
    assert reasons(device) == []


def test_a_batch_is_answered_when_it_is_full() -> None:
    device = mining()
    device.find(9)
    assert answered(device) == []
    device.find(1)
    assert answered(device) == [(10, 10)]
    assert device.talk.state.unacknowledged == {}


def test_a_batch_is_answered_when_its_time_has_come() -> None:
    device = mining(policy=PATIENT)
    device.find(2)
    device.talk.pass_time(0.4)
    device.find(1)
    assert answered(device) == []
    device.talk.pass_time(0.2)
    assert answered(device) == [(3, 3)]
    device.talk.pass_time(5)
    assert answered(device) == []


def test_without_a_time_to_wait_a_batch_is_what_came_together() -> None:
    device = mining()
    device.find(3)
    assert answered(device) == []
    device.talk.feed(CaughtUp())
    assert answered(device) == [(3, 3)]


def test_a_batch_with_a_time_to_wait_goes_on_when_all_is_heard() -> None:
    device = mining(policy=PATIENT)
    device.find(3)
    device.talk.feed(CaughtUp())
    assert answered(device) == []


def test_batches_are_counted_anew() -> None:
    device = mining(policy=replace(POLICY, ack_shares=2))
    device.find(6)
    assert answered(device) == [(2, 2), (4, 2), (6, 2)]


def test_every_channel_has_its_own_batch_and_time() -> None:
    device = mining(replace(EXTENDED, channels=EXTENDED.channels * 2), PATIENT)
    device.find(1)
    device.talk.pass_time(0.3)
    device.find(1, channel_id=3)
    device.talk.pass_time(0.3)
    assert answered(device) == [(1, 1)]
    device.talk.pass_time(0.3)
    assert answered(device) == [(1, 1)]


def test_an_error_is_answered_at_once_and_is_in_no_batch() -> None:
    device = mining()
    device.find(4)
    unit = device.unit()
    device.forge(unit, next(device.shares(unit)), nonce=12_345)
    device.find(6)
    error, success = device.talk.take(device.peer)
    assert error == SubmitSharesError(2, 5, "difficulty-too-low")
    assert isinstance(success, SubmitSharesSuccess)
    assert (success.last_sequence_number, success.new_submits_accepted_count) == (11, 10)


def test_the_sum_is_in_whole_difficulties_and_loses_nothing() -> None:
    device = mining()
    channel = device.talk.channel(device.peer)
    one = shares.WORK_OF_DIFFICULTY_1
    sums = []
    for earned in (5 * one // 2, one // 2 + 1, one // 2, one):
        channel.work_to_tell += earned
        message = acknowledge(device.talk.state, device.peer, channel).message
        assert isinstance(message, SubmitSharesSuccess)
        sums.append(message.new_shares_sum)
    assert sums == [2, 1, 0, 1]


def test_work_waits_to_be_told_until_all_of_it_is() -> None:
    device = mining(policy=PATIENT)
    device.find(3)
    channel = device.talk.channel(device.peer)
    assert channel.work_to_tell == 3 * work(device.unit().target)


def test_a_difficulty_of_one_is_the_unit() -> None:
    assert work(target_from_difficulty(1000)) == pytest.approx(1000 * shares.WORK_OF_DIFFICULTY_1, rel=1e-6)


WRONG: list[tuple[dict[str, Any], str, Verdict]] = [
    ({"job_id": 99}, "invalid-job-id", Verdict.UNKNOWN_JOB),
    ({"job_id": 0}, "invalid-job-id", Verdict.UNKNOWN_JOB),
    ({"extranonce": bytes(11)}, "bad-extranonce-size", Verdict.BAD_EXTRANONCE_SIZE),
    ({"extranonce": b""}, "bad-extranonce-size", Verdict.BAD_EXTRANONCE_SIZE),
    ({"version": 0x2000_0001}, "invalid-non-rollable-version-bit", Verdict.BAD_VERSION),
    ({"version": 0}, "invalid-non-rollable-version-bit", Verdict.BAD_VERSION),
    ({"ntime": NTIME - 1_001}, "invalid-share", Verdict.BAD_NTIME),
    ({"ntime": NTIME + 7_001}, "invalid-share", Verdict.BAD_NTIME),
    ({"nonce": 12345}, "difficulty-too-low", Verdict.TOO_EASY),
]


@pytest.mark.parametrize(("changes", "word", "verdict"), WRONG)
def test_what_is_wrong_with_a_share_is_said_in_its_word(
    changes: dict[str, Any], word: str, verdict: Verdict
) -> None:
    device = mining()
    unit = device.unit()
    device.forge(unit, next(device.shares(unit)), **changes)
    assert device.talk.take(device.peer) == [SubmitSharesError(2, 1, word)]
    assert tally(device) == {verdict: 1}
    assert credited(device) == 0
    assert device.talk.miner(device.peer).refusals == 1


def test_every_refusal_has_a_word_of_its_message() -> None:
    assert set(WORDS) == {verdict for verdict in Verdict if not verdict.credited}
    assert set(WORDS.values()) <= set(codes.MEANINGS[SubmitSharesError])


@PLANS
def test_the_same_share_twice_is_one_too_many(plan: ClientPlan) -> None:
    device = mining(plan)
    unit = device.unit()
    share = next(device.shares(unit))
    device.submit(unit, share)
    device.submit(unit, share)
    assert reasons(device) == ["duplicate-share"]
    assert tally(device) == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: 1}


@PLANS
def test_an_earlier_job_of_the_tip_is_as_good(plan: ClientPlan) -> None:
    device = mining(plan)
    before = device.unit()
    device.talk.offer()
    device.talk.now += 2 * GRACE
    device.submit(before, next(device.shares(before)))
    assert tally(device) == {Verdict.ACCEPTED: 1}


@pytest.mark.parametrize("jobs", [2, 10])
def test_only_the_newest_jobs_of_a_tip_are_kept(jobs: int) -> None:
    device = mining(policy=replace(POLICY, max_jobs=jobs))
    before = device.unit()
    for _ in range(jobs - 1):
        device.talk.offer()
    device.submit(before, next(device.shares(before)))
    device.talk.offer()
    device.forge(before, next(device.shares(before)))
    assert reasons(device) == ["invalid-job-id"]
    assert tally(device) == {Verdict.ACCEPTED: 1, Verdict.UNKNOWN_JOB: 1}


@PLANS
def test_a_share_of_the_tip_before_is_late_within_the_grace_then_stale(plan: ClientPlan) -> None:
    device = mining(plan)
    before = device.unit()
    found = device.shares(before)
    device.talk.offer(HEIGHT + 1)
    device.talk.now += GRACE
    device.forge(before, next(found))
    device.talk.now += 0.01
    device.forge(before, next(found))
    assert reasons(device) == ["stale-share"]
    assert tally(device) == {Verdict.LATE: 1, Verdict.STALE: 1}
    assert credited(device) == work(before.target)


def test_a_late_share_is_not_credited_twice() -> None:
    device = mining()
    before = device.unit()
    share = next(device.shares(before))
    device.submit(before, share)
    device.talk.offer(HEIGHT + 1)
    device.forge(before, share)
    assert tally(device) == {Verdict.ACCEPTED: 1, Verdict.DUPLICATE: 1}


def test_two_tips_ago_is_forgotten() -> None:
    device = mining()
    before = device.unit()
    device.talk.offer(HEIGHT + 1)
    device.talk.offer(HEIGHT + 2)
    device.forge(before, next(device.shares(before)))
    assert reasons(device) == ["invalid-job-id"]


@PLANS
def test_whoever_finds_a_block_is_told_at_once(plan: ClientPlan) -> None:
    device = mining(plan, nbits=EASY_NBITS)
    device.find()
    assert answered(device) == [(1, 1)]
    assert len(device.talk.blocks) == 1
    assert len(device.talk.happened(BlockFound)) == 1


def test_a_block_that_fills_its_batch_is_answered_once() -> None:
    device = mining(policy=replace(POLICY, ack_shares=1), nbits=EASY_NBITS)
    device.find(2)
    assert answered(device) == [(1, 1), (2, 1)]


def below_the_network_s_only(device: Device) -> tuple[Any, Any]:
    """A unit, and a header that makes a block but no share."""
    unit = replace(device.unit(), target=device.unit().network_target)
    hard = device.unit().target
    start = 0
    while True:
        for share in grind(unit, start, 1):
            if int.from_bytes(share.hash, "little") > hard:
                return unit, share
        start += 1


def test_a_block_is_a_block_though_it_is_no_share() -> None:
    device = mining(nbits=EASY_NBITS)
    unit, share = below_the_network_s_only(device)
    device.forge(unit, share)
    assert reasons(device) == ["difficulty-too-low"]
    assert [block.block_hash for block in device.talk.blocks] == [share.hash]
    assert credited(device) == 0


def test_the_same_block_is_submitted_once() -> None:
    device = mining(nbits=EASY_NBITS)
    unit = device.unit()
    share = next(device.shares(unit))
    device.submit(unit, share)
    device.submit(unit, share)
    assert reasons(device) == ["duplicate-share"]
    assert len(device.talk.blocks) == 1


def test_a_share_of_the_wrong_kind_is_of_the_wrong_size() -> None:
    device = mining(EXTENDED)
    unit = device.unit()
    share = next(device.shares(unit))
    device.client.channels.find(2).submissions.add(1, False)  # type: ignore[union-attr, arg-type]
    message = SubmitSharesStandard(2, 1, unit.job.job_id, share.nonce, share.ntime, share.version)
    assert device.talk.say(device.peer, message) == [SubmitSharesError(2, 1, "bad-extranonce-size")]


@pytest.mark.parametrize("kind", [SubmitSharesStandard, SubmitSharesExtended])
def test_a_share_for_no_channel_is_counted_by_the_connection(kind: type) -> None:
    device = mining()
    talk = device.talk
    talk.devices.clear()
    extra = (b"",) if kind is SubmitSharesExtended else ()
    assert talk.say(device.peer, kind(9, 4, 1, 0, 0, 0, *extra)) == [
        SubmitSharesError(9, 4, "invalid-channel-id")
    ]
    assert talk.miner(device.peer).closed.refused == {Verdict.UNKNOWN_CHANNEL: 1}


def test_shares_much_too_fast_have_a_harder_target_before_the_sweep() -> None:
    device = mining()
    before = device.unit().target
    device.find(16)
    assert device.unit().target < before / 2
    assert {SetTarget, NewExtendedMiningJob} <= set(kinds(device.talk.take(device.peer)))
    device.find(3)
    assert reasons(device) == []


def test_more_shares_than_we_remember_get_fresh_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MAX_SEEN", 5)
    device = mining(policy=replace(POLICY, ack_shares=2))
    before = device.unit()
    share = next(device.shares(before))
    device.submit(before, share)
    device.find(6)
    assert device.unit().job.job_id != before.job.job_id
    device.submit(before, share)
    device.submit(before, next(device.shares(before)))
    device.find(1)
    assert reasons(device) == ["duplicate-share"]
    assert tally(device) == {Verdict.ACCEPTED: 8, Verdict.LATE: 1, Verdict.DUPLICATE: 1}


# ── workers (extension 0x0002) ──

PROXY = replace(EXTENDED, worker="rig-1")


def workers(device: Device) -> dict[str, tuple[int, int]]:
    channel: Channel = device.talk.channel(device.peer)
    return {
        name: (tally.accepted, sum(tally.refused.values())) for name, tally in (channel.workers or {}).items()
    }


def test_a_share_is_counted_for_the_worker_that_is_named() -> None:
    device = mining(PROXY)
    device.find(3)
    unit = device.unit()
    share = next(device.shares(unit))
    device.submit(unit, share)
    device.submit(unit, share)
    assert workers(device) == {"rig-1": (4, 1)}
    assert tally(device) == {Verdict.ACCEPTED: 4, Verdict.DUPLICATE: 1}


def test_without_names_there_are_no_workers() -> None:
    device = mining()
    device.find(3)
    assert device.talk.channel(device.peer).workers is None


def share_of(device: Device, worker: str) -> Tagged:
    """The next good share, as a message, found by `worker`."""
    unit = device.unit()
    share = next(device.shares(unit))
    sequence = device.client.channels.find(2).submissions.add(1, False)  # type: ignore[union-attr, arg-type]
    numbers = (2, sequence, unit.job.job_id, share.nonce, share.ntime, share.version)
    return Tagged(SubmitSharesExtended(*numbers, share.extranonce), (user_identity_tlv(worker),))


def test_a_name_without_a_good_share_costs_nothing() -> None:
    device = mining(PROXY)
    good = share_of(device, "ghost")
    assert isinstance(good.message, SubmitSharesExtended)
    message = SubmitSharesExtended(2, 1, good.message.job_id, 0, 0, 0, bytes(12))
    device.talk.feed_said(device.peer, Tagged(message, good.tlvs))
    assert workers(device) == {}
    assert reasons(device) != []


def test_a_channel_has_so_many_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "MAX_WORKERS", 3)
    device = mining(PROXY)
    for number in range(5):
        device.talk.feed_said(device.peer, share_of(device, f"rig-{number}"))
    device.talk.feed_said(device.peer, share_of(device, "rig-0"))
    assert workers(device) == {"rig-0": (2, 0), "rig-1": (1, 0), "rig-2": (1, 0)}
    assert tally(device) == {Verdict.ACCEPTED: 6}


def test_other_fields_behind_a_share_name_nobody() -> None:
    device = mining(PROXY)
    tagged = share_of(device, "rig-1")
    device.talk.feed_said(device.peer, Tagged(tagged.message, (Tlv(2, 9, b"x"),)))
    assert workers(device) == {}
    assert tally(device) == {Verdict.ACCEPTED: 1}


def test_a_share_with_a_name_too_long_is_refused_whole_and_may_come_again() -> None:
    device = mining(PROXY)
    tagged = share_of(device, "rig-1")
    device.talk.feed_said(device.peer, Refused(tagged.message, "user_identity of 33 bytes, 32 at most"))
    assert reasons(device) == ["invalid-share"]
    assert tally(device) == {Verdict.MALFORMED: 1}
    again = SubmitSharesExtended(
        *(getattr(tagged.message, name) for name in tagged.message.__struct_fields__)
    )
    device.talk.devices.clear()
    device.talk.feed_said(device.peer, again)
    assert tally(device) == {Verdict.MALFORMED: 1, Verdict.ACCEPTED: 1}


def test_a_block_is_its_finders_behind_a_proxy() -> None:
    device = mining(PROXY, nbits=EASY_NBITS)
    device.find()
    assert [block.user for block in device.talk.blocks] == ["alice.rig-1"]
    assert [each.user for each in device.talk.happened(BlockFound)] == ["alice.rig-1"]


def test_a_block_in_a_refused_share_counts() -> None:
    device = mining(PROXY, nbits=EASY_NBITS)
    tagged = share_of(device, "rig-1")
    device.talk.feed_said(device.peer, Refused(tagged.message, "too long"))
    assert len(device.talk.blocks) == 1
    assert reasons(device) == ["invalid-share"]


def test_a_refused_message_that_is_no_share_or_for_no_channel_is_a_refusal() -> None:
    device = mining(PROXY)
    talk = device.talk
    talk.devices.clear()
    assert talk.say(device.peer, Refused(SetTarget(2, bytes(32)), "too long")) == []
    stray = SubmitSharesExtended(9, 4, 1, 0, 0, 0, b"")
    assert talk.say(device.peer, Refused(stray, "too long")) == [
        SubmitSharesError(9, 4, "invalid-channel-id")
    ]
    assert talk.miner(device.peer).refusals == 2


def test_a_strong_claim_is_credited_by_its_own_target() -> None:
    plan = replace(EXTENDED, channels=(ChannelWish("alice", extended=True, hash_rate=100.0),))
    device = mining(plan)
    device.find(2)
    assert device.unit().target < Target(2**248)
    assert credited(device) == 2 * work(device.unit().target)
