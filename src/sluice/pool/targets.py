"""The target of a channel: first, updated by the device, changed by vardiff (spec 5.3.7, 5.3.21).

Rule: clamped to what the device asked for; never harder than the network's, or blocks would be thrown away.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import isfinite

from sluice.bitcoin.target import (
    Target,
    difficulty,
    target_for_hashrate,
    target_from_difficulty,
    target_from_wire,
)
from sluice.pool.departure import refused
from sluice.pool.effects import Effect, Send, Tell
from sluice.pool.events import TargetChanged
from sluice.pool.miner import Miner
from sluice.pool.recording import note_target
from sluice.pool.state import PoolState
from sluice.sv2 import codes
from sluice.sv2.messages.mining import UpdateChannel, UpdateChannelError
from sluice.work.channel import Channel


def bad_hashrate(hashrate: float) -> bool:
    """Whether a declared hash rate is none: negative, not a number, infinite."""
    return not isfinite(hashrate) or hashrate < 0


def target_bounds(state: PoolState, max_target: Target) -> tuple[Target, Target]:
    """The easiest and the hardest target for a device that can work up to `max_target`.

    Never harder than the network's, or the device would throw blocks away, whatever the operator's minimum; but
    what the device asked for is kept even so.
    """
    tip = state.book.tip
    network = tip.target if tip is not None and state.network.clamp_to_network else Target(1)
    easiest = min(max_target, max(state.policy.vardiff.easiest, network))
    return easiest, min(network, easiest)


def bounds_of(state: PoolState, channel: Channel) -> tuple[Target, Target]:
    """The easiest and the hardest target for a channel: one and the same where an operator has ordered it."""
    return narrowed(target_bounds(state, channel.max_target), channel.ordered)


def ordered_target(state: PoolState, user: str) -> Target | None:
    """Where an operator wants the channels of a name; None leaves them to vardiff."""
    difficulty = state.orders.difficulty_for(user)
    return None if difficulty is None else target_from_difficulty(difficulty)


def narrowed(bounds: tuple[Target, Target], ordered: Target | None) -> tuple[Target, Target]:
    """`bounds`, or what is ordered, as far as it is within them, for both of them."""
    if ordered is None:
        return bounds
    only = clamp(ordered, *bounds)
    return only, only


def network_moved(state: PoolState, now: float) -> Iterator[Effect]:
    """The network's target is another one: new bounds for all, and no channel is harder than it may be."""
    if not state.network.clamp_to_network:
        return
    for miner in state.miners.values():
        for channel in miner.channels.values():
            easiest, hardest = bounds_of(state, channel)
            channel.vardiff.rebound(easiest, hardest)
            if channel.target < hardest or (channel.ordered is not None and channel.target != hardest):
                channel.vardiff.retarget(hardest, now)
                yield from retarget(state, miner, channel, hardest)


def clamp(target: Target, easiest: Target, hardest: Target) -> Target:
    """`target`, or the bound that it is beyond."""
    return max(hardest, min(target, easiest))


def target_for(state: PoolState, hashrate: float) -> Target:
    """The target at which a device of `hashrate` hashes a second finds the wanted shares; 0 is a proxy's "none yet"."""
    policy = state.policy
    if not hashrate and policy.default_target is not None:
        return policy.default_target
    rate = Fraction(hashrate) if hashrate else policy.unknown_hashrate
    return target_for_hashrate(rate, policy.vardiff.shares_per_minute)


def opening_target(state: PoolState, hashrate: float) -> Target:
    """Where a channel of `hashrate` opens, before it is clamped: an operator's word outweighs the device's."""
    return target_for(state, hashrate) if state.opening_target is None else state.opening_target


def update_channel(state: PoolState, miner: Miner, message: UpdateChannel, now: float) -> Sequence[Effect]:
    """A device's hash rate or limit has changed. Proxies wait for a SetTarget, so there always is one."""
    channel = miner.channels.get(message.channel_id)
    if message.channel_id in miner.ended:
        return ()
    word = _update_refusal(channel, message)
    if channel is None or word:
        error = UpdateChannelError(message.channel_id, word)
        return [Send(miner.peer, error), *refused(state, miner, now)]
    channel.max_target = target_from_wire(message.maximum_target)
    easiest, hardest = bounds_of(state, channel)
    channel.vardiff.rebound(easiest, hardest)
    wanted = channel.target
    if message.nominal_hash_rate:
        wanted = target_for(state, message.nominal_hash_rate)
    target = clamp(wanted, easiest, hardest)
    channel.vardiff.retarget(target, now)
    return retarget(state, miner, channel, target)


def _update_refusal(channel: Channel | None, message: UpdateChannel) -> str:
    if channel is None:
        return codes.INVALID_CHANNEL_ID
    if bad_hashrate(message.nominal_hash_rate):
        return codes.INVALID_NOMINAL_HASHRATE
    return "" if any(message.maximum_target) else codes.MAX_TARGET_OUT_OF_RANGE


def retarget(state: PoolState, miner: Miner, channel: Channel, target: Target) -> Sequence[Effect]:
    """Tell `channel` its target; if it is another one, with a job that it holds for from the start.

    A target holds for jobs that come after it (spec 5.3.21). Devices differ in what they do until the next
    one comes; with a job of its own at once there is nothing to differ about.
    """
    changed = target != channel.target
    channel.target = target
    effects: list[Effect] = [Send(miner.peer, message) for message in miner.words.target(channel)]
    if changed:
        note_target(state, channel)
        shown = float(difficulty(target))
        effects.append(Tell(TargetChanged(miner.peer, channel.channel_id, shown)))
        effects.extend(fresh_job(state, miner, channel))
    return effects


def fresh_job(state: PoolState, miner: Miner, channel: Channel) -> Sequence[Effect]:
    """The current work as a job of this channel's own."""
    if miner.selects_work or state.book.current is None:
        return ()
    job = state.payees.of(channel.payee).book.again()
    issued = channel.issue(job, state.policy.max_jobs)
    return [Send(miner.peer, message) for message in miner.words.job(channel, issued)]
