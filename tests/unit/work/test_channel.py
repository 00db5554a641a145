"""A channel's jobs: what is kept, what is past, what is frozen into them."""

import pytest

from sluice.bitcoin.target import MAX_TARGET, Target, work
from sluice.work.channel import Channel
from sluice.work.job import ActiveJob, cut
from sluice.work.template import tip_of
from support.work import NTIME, PAYOUT, extended, standard, template

OTHER_PREFIX = b"\x08\x00\x00\x01"


def active(job_id: int) -> ActiveJob:
    offered = template()
    return cut(offered, PAYOUT, job_id).on(tip_of(offered), NTIME)


def test_what_was_agreed_is_what_it_has() -> None:
    channel = extended(Target(77))
    assert (channel.channel_id, channel.user_identity) == (2, "alice")
    assert channel.extranonce_prefix == b"\x07" * 4
    assert (channel.target, channel.max_target) == (77, MAX_TARGET)
    assert dict(channel.jobs) == dict(channel.past) == {}


@pytest.mark.parametrize(("channel", "size", "is_standard"), [(extended(), 12, False), (standard(), 0, True)])
def test_the_prefix_says_what_is_left_to_roll(channel: Channel, size: int, is_standard: bool) -> None:
    assert channel.extranonce_size == size
    assert channel.is_standard is is_standard


def test_an_extended_job_has_no_root_yet() -> None:
    channel, job = extended(), active(1)
    issued = channel.issue(job, 10)
    assert channel.jobs == {1: issued}
    assert (issued.job, issued.prefix, issued.merkle_root) == (job, channel.extranonce_prefix, None)


def test_a_standard_job_has_the_root_of_its_prefix() -> None:
    channel, job = standard(), active(1)
    assert channel.issue(job, 10).merkle_root == job.merkle_root(channel.extranonce_prefix)


def test_the_target_of_the_day_is_frozen_into_the_job() -> None:
    channel = extended(Target(2**240))
    first = channel.issue(active(1), 10)
    channel.target = Target(2**230)
    second = channel.issue(active(2), 10)
    assert (first.target, first.work) == (2**240, work(Target(2**240)))
    assert (second.target, second.work) == (2**230, work(Target(2**230)))


def test_the_newest_jobs_are_kept() -> None:
    channel = extended()
    for job_id in range(1, 8):
        channel.issue(active(job_id), 3)
        assert list(channel.jobs) == list(range(max(1, job_id - 2), job_id + 1))


def test_a_turn_leaves_one_job_and_puts_the_others_into_the_past() -> None:
    channel = extended()
    for job_id in (1, 2, 3):
        channel.issue(active(job_id), 10)
    issued = channel.turn_to(active(4), 15.5)
    assert channel.jobs == {4: issued}
    assert list(channel.past) == [1, 2, 3]
    assert channel.late_until == 15.5
    channel.issue(active(5), 10)
    channel.turn_to(active(6), 20.0)
    assert list(channel.jobs) == [6]
    assert list(channel.past) == [4, 5]


def test_a_turn_is_a_turn_of_what_was_seen() -> None:
    channel = extended()
    channel.seen.add(b"one")
    channel.turn_to(active(1), 0.0)
    assert b"one" in channel.seen
    channel.turn_to(active(2), 0.0)
    assert b"one" not in channel.seen


def test_retired_jobs_are_of_the_past_at_once() -> None:
    channel = extended()
    issued = channel.issue(active(1), 10)
    channel.seen.add(b"one")
    channel.retire_jobs(9.0)
    assert channel.jobs == {}
    assert channel.past == {1: issued}
    assert channel.late_until == 9.0
    assert b"one" in channel.seen


def test_another_prefix_is_for_jobs_sent_after_it() -> None:
    channel = extended()
    old = channel.extranonce_prefix
    before = channel.issue(active(1), 10)
    channel.move_to(OTHER_PREFIX, None)
    after = channel.issue(active(2), 10)
    assert (before.prefix, after.prefix) == (old, OTHER_PREFIX)
    assert channel.turn_to(active(3), 0.0).prefix == OTHER_PREFIX


@pytest.mark.parametrize("moves", [1, 3])
def test_the_job_sent_ahead_keeps_the_prefix_it_was_sent_with(moves: int) -> None:
    channel, ahead = standard(), active(5)
    old = channel.extranonce_prefix
    for move in range(moves):
        channel.move_to(bytes((9, 0, 0, move)) + bytes(12), ahead)
    issued = channel.turn_to(ahead, 0.0)
    assert (issued.prefix, issued.merkle_root) == (old, ahead.merkle_root(old))
    assert channel.issue(active(6), 10).prefix == channel.extranonce_prefix != old


def test_the_next_job_ahead_has_the_prefix_of_its_own_time() -> None:
    channel = extended()
    channel.move_to(b"\x08\x00\x00\x01", active(5))
    # Sent after the move: another job than was prepared.
    assert channel.turn_to(active(6), 0.0).prefix == b"\x08\x00\x00\x01"
    channel.move_to(b"\x08\x00\x00\x02", active(7))
    assert channel.turn_to(active(7), 0.0).prefix == b"\x08\x00\x00\x01"
    assert channel.turn_to(active(8), 0.0).prefix == b"\x08\x00\x00\x02"


def test_a_job_ahead_that_was_replaced_between_two_moves() -> None:
    channel = extended()
    channel.move_to(b"\x08\x00\x00\x01", active(5))
    channel.move_to(b"\x08\x00\x00\x02", active(6))  # sent under the first new prefix
    assert channel.turn_to(active(6), 0.0).prefix == b"\x08\x00\x00\x01"
