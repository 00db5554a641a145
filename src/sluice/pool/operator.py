"""What an operator may do to channels: another prefix, another group (spec 5.3.10, 5.3.22).

Rule: a request for somebody who is not there any more changes nothing.
"""

from collections.abc import Sequence

from sluice.pool.effects import Effect, Send
from sluice.pool.inputs import MovePrefix, Regroup
from sluice.pool.jobs import group_ahead
from sluice.pool.state import PoolState
from sluice.pool.targets import fresh_job
from sluice.sv2.messages.mining import SetExtranoncePrefix, SetGroupChannel


def move_prefix(state: PoolState, happened: MovePrefix, now: float) -> Sequence[Effect]:
    """Give a channel another part of the search space, and a job to use it on."""
    miner = state.miners.get(happened.peer)
    channel = miner.channels.get(happened.channel_id) if miner else None
    prefix = state.space.take() if channel else None
    if miner is None or channel is None or prefix is None:
        return ()
    state.space.give_back(channel.extranonce_prefix)
    channel.move_to(prefix + channel.extranonce_prefix[len(prefix) :], state.book.future)
    message = SetExtranoncePrefix(channel.channel_id, channel.extranonce_prefix)
    return [Send(miner.peer, message), *fresh_job(state, miner, channel)]


def regroup(state: PoolState, happened: Regroup, now: float) -> Sequence[Effect]:
    """Put channels into a new group of their own; they get the job sent ahead under its id."""
    miner = state.miners.get(happened.peer)
    if miner is None or miner.wants_standard_jobs or miner.selects_work:
        return ()
    moving = tuple(number for number in happened.channel_ids if number in miner.channels)
    if not moving:
        return ()
    group_id = miner.new_id()
    for number in moving:
        miner.groups.join(group_id, number)
    state.enroll(miner, group_id)
    state.strike(miner)
    return [Send(miner.peer, SetGroupChannel(group_id, moving)), *group_ahead(state, miner, group_id)]
