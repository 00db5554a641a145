"""From templates to jobs, and to whom they go (spec 5.3.15 to 5.3.17).

A group of Stratum V2 gets one extended job for all its channels; under REQUIRES_STANDARD_JOBS, and on wires without
groups, each channel gets its own, in the words of its miner's phrasebook.
Rule: on a new tip the small message leaves first, for everybody, before anything else is done.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.target import difficulty
from sluice.pool.effects import Broadcast, Effect, Send, Tell
from sluice.pool.events import NodeRecovered, TemplateRefreshed, TipChanged
from sluice.pool.miner import Miner
from sluice.pool.phrasebook import Phrasebook, Words
from sluice.pool.state import PoolState
from sluice.pool.sv2_words import channel_job, extended_job, new_prev_hash
from sluice.work.book import MineNow, SendAhead, Step, TurnTo
from sluice.work.channel import Channel, IssuedJob
from sluice.work.job import Job
from sluice.work.template import Template


def first_jobs(state: PoolState, miner: Miner, channel: Channel, group_id: int) -> Iterator[Effect]:
    """What follows the opening of `channel`: the job as a future one, its tip, the job sent ahead."""
    peer = miner.peer
    book = state.payees.of(channel.payee).book
    job, ahead = book.current, book.future
    assert job is not None  # before, no channel opens
    assert ahead is not None  # with every current job comes one ahead
    issued = channel.issue(job, state.policy.max_jobs)
    yield Send(peer, channel_job(channel, job, None, issued.merkle_root))
    yield Send(peer, new_prev_hash(channel.channel_id, job))
    if miner.wants_standard_jobs or len(miner.groups.members[group_id]) > 1:
        yield Send(peer, channel_job(channel, ahead, None))
    else:
        # The group has its first member: it must know the job that a new tip will turn it to.
        yield Send(peer, extended_job(group_id, ahead, None))


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


def _send_ahead(state: PoolState, step: SendAhead, now: float) -> Iterator[Effect]:
    return send_ahead(state, {payee: each.job for payee, _, each in state.payees.follow(step)})


def send_ahead(state: PoolState, jobs: Mapping[bytes, Job]) -> Iterator[Effect]:
    """Everybody who is paid so gets the job, by payee, that a new tip will turn them to."""
    for payee, job in jobs.items():
        for group_id, peers in state.payees.of(payee).grouped.items():
            yield Broadcast(tuple(peers), extended_job(group_id, job, None))
    for peer in state.ungrouped:
        miner = state.miners[peer]
        for channel in miner.channels.values():
            its = jobs.get(channel.payee)
            for message in miner.words.ahead(channel, its) if its else ():
                yield Send(peer, message)


def _turn_to(state: PoolState, step: TurnTo, now: float) -> Iterator[Effect]:
    jobs = {}
    for payee, alike, turn in state.payees.follow(step):
        job = jobs[payee] = turn.job
        for group_id, peers in alike.grouped.items():
            yield Broadcast(tuple(peers), new_prev_hash(group_id, job), urgent=True)
    late_until = now + state.policy.stale_grace
    yield from _issue(
        state, lambda channel: channel.turn_to(jobs[channel.payee], late_until), lambda words: words.turn
    )
    state.space.tip_changed()


def _mine_now(state: PoolState, step: MineNow, now: float) -> Iterator[Effect]:
    jobs = {}
    for payee, alike, mine in state.payees.follow(step):
        job = jobs[payee] = mine.job
        for group_id, peers in alike.grouped.items():
            yield Broadcast(tuple(peers), extended_job(group_id, job, job.min_ntime))
    max_jobs = state.policy.max_jobs
    yield from _issue(
        state, lambda channel: channel.issue(jobs[channel.payee], max_jobs), lambda words: words.job
    )


def _issue(
    state: PoolState,
    issue: Callable[[Channel], IssuedJob],
    phrase: Callable[[Phrasebook], Callable[[Channel, IssuedJob], Words]],
) -> Iterator[Effect]:
    """Every channel has another job; those that no group speaks for are told, each by itself."""
    for miner in state.miners.values():
        alone = miner.peer in state.ungrouped
        say = phrase(miner.words)
        for channel in miner.channels.values():
            issued = issue(channel)
            if alone:
                for message in say(channel, issued):
                    yield Send(miner.peer, message)


_STEPS: dict[type[Step], Callable[[PoolState, Any, float], Iterator[Effect]]] = {
    SendAhead: _send_ahead,
    TurnTo: _turn_to,
    MineNow: _mine_now,
}
