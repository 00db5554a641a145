"""How channels and connections end, and what is given back then.

Rule: whoever leaves gives back prefixes, groups and pending answers; nothing of it is left behind.
"""

from collections.abc import Sequence

from sluice.pool.effects import Close, Effect, Tell
from sluice.pool.events import ChannelClosed, PeerLeft
from sluice.pool.miner import Miner
from sluice.pool.recording import note_closing, note_strays
from sluice.pool.state import PoolState
from sluice.work.channel import Channel

#: A busy proxy tells of each of its channels once a second (spec 5.3.7), and opens and closes some besides.
REQUESTS_PER_CHANNEL = 60


def close_channel(state: PoolState, miner: Miner, channel: Channel, reason: str) -> ChannelClosed:
    """Forget `channel`; its prefix rests until the tip has changed."""
    del miner.channels[channel.channel_id]
    miner.groups.leave(channel.channel_id)
    state.unacknowledged.pop((miner.peer, channel.channel_id), None)
    state.space.give_back(channel.extranonce_prefix)
    state.strike(miner, channel.payee)
    state.payees.leave(channel.payee)
    miner.closed.absorb(channel.tally)
    note_closing(state, channel, reason)
    channel.sums.closed += 1
    tally = channel.tally
    sums = (tally.accepted, sum(tally.refused.values()), tally.work)
    return ChannelClosed(miner.peer, channel.channel_id, channel.user_identity, reason, *sums)


def forget(state: PoolState, miner: Miner, reason: str) -> PeerLeft:
    """Forget a connection and all it had."""
    left = PeerLeft(miner.peer, miner.address, reason, miner.accepted, miner.refused, miner.work)
    for channel in list(miner.channels.values()):
        close_channel(state, miner, channel, reason)
    note_strays(state, miner)
    del state.miners[miner.peer]
    # What comes before the colon; details are the peer's choice, and hence endless.
    state.closings[reason.partition(":")[0]] += 1
    return left


def dismiss(state: PoolState, miner: Miner, reason: str) -> Sequence[Effect]:
    """End a connection from our side, after what was sent to it."""
    return [Close(miner.peer, reason), Tell(forget(state, miner, reason))]


def refused(state: PoolState, miner: Miner, now: float) -> Sequence[Effect]:
    """A request or share of `miner` was refused; one that earns nothing else is sent away."""
    _turn_minute(miner, now)
    miner.refusals += 1
    if miner.refusals <= state.policy.patience.refusals_per_minute:
        return ()
    return dismiss(state, miner, "too many refused shares or requests")


def asked(state: PoolState, miner: Miner, now: float) -> Sequence[Effect]:
    """`miner` asks for something that is no share; one that does nothing else is sent away."""
    _turn_minute(miner, now)
    miner.requests += 1
    miner.most_channels = max(miner.most_channels, len(miner.channels) + len(miner.waiting))
    bound = state.policy.patience.refusals_per_minute + REQUESTS_PER_CHANNEL * miner.most_channels
    return () if miner.requests <= bound else dismiss(state, miner, "too many requests")


def _turn_minute(miner: Miner, now: float) -> None:
    if now - miner.minute > 60.0:
        miner.minute = now
        miner.requests = miner.refusals = 0
