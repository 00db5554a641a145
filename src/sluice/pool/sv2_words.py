"""What the pool says to miners of Stratum V2 (spec 5.3.9, 5.3.10, 5.3.15 to 5.3.17, 5.3.21).

Rule: a message is made here and nowhere else, so that a job is the same to whomever it goes, and however.
"""

from sluice.bitcoin.target import target_to_wire
from sluice.pool.inputs import Wire
from sluice.pool.phrasebook import Phrasebook
from sluice.sv2.messages.common import Reconnect
from sluice.sv2.messages.mining import (
    CloseChannel,
    NewExtendedMiningJob,
    NewMiningJob,
    SetExtranoncePrefix,
    SetNewPrevHash,
    SetTarget,
)
from sluice.work.channel import Channel
from sluice.work.job import ActiveJob, Job


def extended_job(channel_id: int, job: Job, min_ntime: int | None) -> NewExtendedMiningJob:
    """`job` for an extended channel or a group; a future job if `min_ntime` is None."""
    return NewExtendedMiningJob(
        channel_id,
        job.job_id,
        min_ntime,
        job.version,
        True,
        job.template.merkle_path,
        job.split.prefix,
        job.split.suffix,
    )


def channel_job(
    channel: Channel, job: Job, min_ntime: int | None, merkle_root: bytes | None = None
) -> NewMiningJob | NewExtendedMiningJob:
    """`job` addressed to `channel` alone, in the form its kind understands.

    A standard channel's `merkle_root` may be known already: it costs a hash for each level of the path.
    """
    if not channel.is_standard:
        return extended_job(channel.channel_id, job, min_ntime)
    root = merkle_root or job.merkle_root(channel.extranonce_prefix)
    return NewMiningJob(channel.channel_id, job.job_id, min_ntime, job.version, root)


def new_prev_hash(channel_id: int, job: ActiveJob) -> SetNewPrevHash:
    """Turn a channel or group to `job`, which it has as a future job."""
    tip = job.tip
    return SetNewPrevHash(channel_id, job.job_id, tip.prev_hash, job.min_ntime, tip.nbits)


SV2 = Phrasebook(
    wire=Wire.SV2.value,
    kind=lambda channel: "standard" if channel.is_standard else "extended",
    job=lambda channel, issued: (channel_job(channel, issued.job, issued.job.min_ntime, issued.merkle_root),),
    ahead=lambda channel, job: (channel_job(channel, job, None),),
    turn=lambda channel, issued: (new_prev_hash(channel.channel_id, issued.job),),
    target=lambda channel: (SetTarget(channel.channel_id, target_to_wire(channel.target)),),
    prefix=lambda channel: (SetExtranoncePrefix(channel.channel_id, channel.extranonce_prefix),),
    closed=lambda any_id, reason: (CloseChannel(any_id, reason),),
    leave=(Reconnect("", 0),),
)
