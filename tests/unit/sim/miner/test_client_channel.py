"""A channel by itself: bounds, and what a job is hashed with."""

import pytest

from sluice.bitcoin.target import MAX_TARGET, Target
from sluice.sim.miner.client_channel import (
    MAX_FUTURE_JOBS,
    MAX_TIP_JOBS,
    ClientChannel,
    Terms,
    overlap,
)
from sluice.sim.miner.rules import Rule, RuleBroken
from sluice.sim.miner.work_unit import ExtendedJob
from support.mining import EASY, NTIME, extended_job, find, standard_job, tip

TERMS = Terms(2, 1, extended=False, max_target=MAX_TARGET)


def standard(prefix: bytes = b"\x02" * 16) -> ClientChannel:
    return ClientChannel(TERMS, EASY, prefix)


def extended(size: int = 12) -> ClientChannel:
    terms = Terms(2, 1, extended=True, max_target=MAX_TARGET, extranonce_size=size)
    return ClientChannel(terms, EASY, b"\x02" * 4)


def test_the_full_extranonce_is_prefix_and_space() -> None:
    assert standard().full_extranonce_size == 16
    assert extended().full_extranonce_size == 16


@pytest.mark.parametrize(("prefix", "fits"), [(28, True), (29, False)])
def test_an_extranonce_has_up_to_32_bytes(prefix: int, fits: bool) -> None:
    channel = extended(4)
    if fits:
        channel.set_prefix(bytes(prefix))
        assert channel.full_extranonce_size == 32
    else:
        with pytest.raises(RuleBroken) as caught:
            channel.set_prefix(bytes(prefix))
        assert caught.value.rule is Rule.EXTRANONCE_FITS


def test_a_channel_that_builds_no_coinbase_needs_no_prefix() -> None:
    terms = Terms(2, 1, extended=False, max_target=MAX_TARGET, builds_coinbase=False)
    channel = ClientChannel(terms, EASY, b"")
    assert channel.full_extranonce_size == 0
    assert not overlap(channel, standard())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (b"\x01" * 4, b"\x02" * 4, False),
        (b"\x01" * 4, b"\x01" * 4, True),
        (b"\x01" * 4, b"\x01" * 16, True),
        (b"\x01" * 16, b"\x01" * 4, True),
    ],
)
def test_prefixes_overlap_when_one_begins_the_other(one: bytes, other: bytes, expected: bool) -> None:
    assert overlap(standard(one), standard(other)) is expected


def test_a_job_without_version_rolling_fixes_the_version() -> None:
    channel = extended()
    channel.take_extended_job(extended_job(1, rolling=False))
    assert channel.take_tip(tip(1), 5.0).job.version_mask == 0


def test_the_unit_says_when_its_tip_came() -> None:
    channel = standard()
    channel.take_standard_job(standard_job(1))
    unit = channel.take_tip(tip(1), 5.0)
    assert unit.tip.since == 5.0
    assert unit.ntime_lead(35.0) == 30


def test_shares_of_a_unit_go_out_under_its_job() -> None:
    channel = extended()
    channel.take_extended_job(extended_job(7))
    unit = channel.take_tip(tip(7), 5.0)
    (share,) = find(unit, 1)
    message = channel.submit(unit, share)
    assert message is not None
    assert (message.channel_id, message.sequence_number, message.job_id) == (2, 1, 7)
    assert (message.nonce, message.ntime, message.version) == (share.nonce, NTIME, share.version)
    assert isinstance(unit.job, ExtendedJob)
    assert channel.submissions.waiting == 1


def test_future_jobs_are_bounded_and_the_newest_are_kept() -> None:
    channel = standard()
    for job_id in range(MAX_FUTURE_JOBS + 1):
        channel.take_standard_job(standard_job(job_id))
    assert channel.take_tip(tip(MAX_FUTURE_JOBS), 5.0).job.job_id == MAX_FUTURE_JOBS
    channel = standard()
    for job_id in range(MAX_FUTURE_JOBS + 1):
        channel.take_standard_job(standard_job(job_id))
    with pytest.raises(RuleBroken):
        channel.take_tip(tip(0), 5.0)


def test_so_are_the_jobs_of_a_tip() -> None:
    channel = standard()
    channel.take_standard_job(standard_job(0))
    first = channel.take_tip(tip(0), 5.0)
    (share,) = find(first, 1)
    for job_id in range(1, MAX_TIP_JOBS):
        channel.take_standard_job(standard_job(job_id, min_ntime=NTIME))
    assert channel.submit(first, share) is not None
    channel.take_standard_job(standard_job(MAX_TIP_JOBS, min_ntime=NTIME))
    assert channel.submit(first, share) is None


def test_a_wish_for_a_larger_maximum_holds_at_once() -> None:
    channel = ClientChannel(Terms(2, 1, extended=False, max_target=EASY), EASY, b"\x02" * 16)
    channel.wish(MAX_TARGET)
    assert not channel.wish_open
    channel.set_target(MAX_TARGET)
    assert channel.target == MAX_TARGET


def test_a_wish_for_a_smaller_one_when_it_is_followed() -> None:
    channel = ClientChannel(Terms(2, 1, extended=False, max_target=EASY), EASY, b"\x02" * 16)
    channel.wish(Target(EASY // 4))
    still_open = [channel.wish_open]
    for target in (EASY, EASY // 8):
        channel.set_target(Target(target))
        still_open.append(channel.wish_open)
    assert still_open == [True, True, False]
    with pytest.raises(RuleBroken):
        channel.set_target(Target(EASY // 2))
