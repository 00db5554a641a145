"""From templates to job messages, and to whom they go (spec 5.3.15 to 5.3.17).

A group gets one extended job for all its channels; under REQUIRES_STANDARD_JOBS each channel gets its own.
Rule: on a new tip the small message leaves first, for everybody, before anything else is done.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.target import difficulty
from sluice.pool.effects import Broadcast, Effect, Send, Tell
from sluice.pool.events import NodeRecovered, TemplateRefreshed, TipChanged
from sluice.pool.miner import Miner
from sluice.pool.state import PoolState
from sluice.sv2.messages.mining import NewExtendedMiningJob, NewMiningJob, SetNewPrevHash
from sluice.work.book import MineNow, SendAhead, Step, TurnTo
from sluice.work.channel import Channel
from sluice.work.group import FIRST_GROUP_ID
from sluice.work.job import ActiveJob, Job
from sluice.work.template import Template


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


def first_jobs(state: PoolState, miner: Miner, channel: Channel, job: ActiveJob) -> Iterator[Effect]:
    """What follows the opening of `channel`: the job as a future one, its tip, the job sent ahead."""
    peer = miner.peer
    issued = channel.issue(job, state.policy.max_jobs)
    yield Send(peer, channel_job(channel, job, None, issued.merkle_root))
    yield Send(peer, new_prev_hash(channel.channel_id, job))
    ahead = state.book.future
    assert ahead is not None  # with every current job comes one ahead
    if miner.wants_standard_jobs or len(miner.groups.members[FIRST_GROUP_ID]) > 1:
        yield Send(peer, channel_job(channel, ahead, None))
    else:
        # The group has its first member: it must know the job that a new tip will turn it to.
        yield Send(peer, extended_job(FIRST_GROUP_ID, ahead, None))


def offered(state: PoolState, template: Template, now: float) -> Iterator[Effect]:
    """A node offers `template`: turn it into jobs for everybody."""
    tip_before = state.book.tip
    for step in state.book.offer(template):
        yield from _STEPS[type(step)](state, step, now)
    if state.trouble is not None:
        state.trouble = None
        yield Tell(NodeRecovered(template.height))
    reward = template.coinbase_value
    transactions = len(template.transactions)
    tip = state.book.tip
    if tip is None or tip is tip_before:
        yield Tell(TemplateRefreshed(template.height, transactions, reward))
        return
    shown = float(difficulty(tip.target))
    yield Tell(TipChanged(tip.height, to_display(tip.prev_hash), shown, transactions, reward))


def send_ahead(state: PoolState, step: SendAhead, now: float) -> Iterator[Effect]:
    """Everybody gets the job that a new tip will turn them to."""
    for group_id, peers in state.grouped.items():
        yield Broadcast(tuple(peers), extended_job(group_id, step.job, None))
    for miner, channel in _ungrouped(state):
        yield Send(miner.peer, channel_job(channel, step.job, None))


def _turn_to(state: PoolState, step: TurnTo, now: float) -> Iterator[Effect]:
    job = step.job
    for group_id, peers in state.grouped.items():
        yield Broadcast(tuple(peers), new_prev_hash(group_id, job), urgent=True)
    for miner, channel in _ungrouped(state):
        yield Send(miner.peer, new_prev_hash(channel.channel_id, job))
    late_until = now + state.policy.stale_grace
    for miner in state.miners.values():
        for channel in miner.channels.values():
            channel.turn_to(job, late_until)
    state.space.tip_changed()


def _mine_now(state: PoolState, step: MineNow, now: float) -> Iterator[Effect]:
    job = step.job
    for group_id, peers in state.grouped.items():
        yield Broadcast(tuple(peers), extended_job(group_id, job, job.min_ntime))
    max_jobs = state.policy.max_jobs
    for miner in state.miners.values():
        alone = miner.peer in state.ungrouped
        for channel in miner.channels.values():
            issued = channel.issue(job, max_jobs)
            if alone:
                yield Send(miner.peer, channel_job(channel, job, job.min_ntime, issued.merkle_root))


def _ungrouped(state: PoolState) -> Iterator[tuple[Miner, Channel]]:
    for peer in state.ungrouped:
        miner = state.miners[peer]
        for channel in miner.channels.values():
            yield miner, channel


_STEPS: dict[type[Step], Callable[[PoolState, Any, float], Iterator[Effect]]] = {
    SendAhead: send_ahead,
    TurnTo: _turn_to,
    MineNow: _mine_now,
}
