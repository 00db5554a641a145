"""What is said to miners of Stratum V2, message by message."""

from sluice.bitcoin.target import Target, target_to_wire
from sluice.pool.sv2_words import SV2, channel_job, extended_job, new_prev_hash
from sluice.sv2.messages.common import Reconnect
from sluice.sv2.messages.mining import (
    CloseChannel,
    NewExtendedMiningJob,
    NewMiningJob,
    SetExtranoncePrefix,
    SetNewPrevHash,
    SetTarget,
)
from sluice.work.job import Job
from support.pool import mining
from support.work import HARD_NBITS, extended, standard


def a_job() -> Job:
    device = mining()
    job = device.talk.state.book.future
    assert job is not None
    return job


def test_a_job_is_written_as_its_channel_understands_it() -> None:
    job = a_job()
    one_root, whole = standard(), extended()
    assert channel_job(one_root, job, None) == NewMiningJob(
        2, job.job_id, None, job.version, job.merkle_root(one_root.extranonce_prefix)
    )
    assert channel_job(whole, job, 7) == extended_job(2, job, 7)
    assert extended_job(1, job, None) == NewExtendedMiningJob(
        1, job.job_id, None, job.version, True, job.template.merkle_path, job.split.prefix, job.split.suffix
    )


def test_a_tip_names_its_job_and_the_time_to_begin_with() -> None:
    talk = mining().talk
    current = talk.state.book.current
    assert current is not None
    assert new_prev_hash(5, current) == SetNewPrevHash(
        5, current.job_id, current.tip.prev_hash, current.min_ntime, HARD_NBITS
    )


def test_each_phrase_is_one_message_for_its_channel() -> None:
    device = mining()
    channel, current = device.talk.channel(device.peer), device.talk.state.book.current
    assert current is not None
    issued = channel.issue(current, 10)
    channel.target = Target(5)
    assert SV2.job(channel, issued) == (extended_job(2, current, current.min_ntime),)
    assert SV2.ahead(channel, current) == (extended_job(2, current, None),)
    assert SV2.turn(channel, issued) == (new_prev_hash(2, current),)
    assert SV2.target(channel) == (SetTarget(2, target_to_wire(Target(5))),)
    assert SV2.prefix(channel) == (SetExtranoncePrefix(2, channel.extranonce_prefix),)
    assert SV2.closed(1, "why") == (CloseChannel(1, "why"),)
    assert SV2.leave == (Reconnect("", 0),)
    assert SV2.moves_targets
