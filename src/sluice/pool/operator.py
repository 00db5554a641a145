"""What an operator may do to channels: another prefix, group, first difficulty, an end (spec 5.3.9, .10, .22).

Rule: a request for somebody who is not there any more changes nothing.
"""

from collections.abc import Sequence

from sluice.accounting.scheme import Pooled
from sluice.bitcoin.target import target_from_difficulty
from sluice.pool.departure import close_channel
from sluice.pool.effects import Effect, Send, Tell
from sluice.pool.events import NotOrdered
from sluice.pool.inputs import EndChannel, MovePrefix, Regroup, SetDifficulty, SetPayout
from sluice.pool.jobs import send_ahead
from sluice.pool.recording import note_setting
from sluice.pool.shares import acknowledge
from sluice.pool.state import PoolState
from sluice.pool.targets import fresh_job
from sluice.sv2.messages.mining import SetGroupChannel


def move_prefix(state: PoolState, happened: MovePrefix, now: float) -> Sequence[Effect]:
    """Give a channel another part of the search space, and a job to use it on."""
    miner = state.miners.get(happened.peer)
    channel = miner.channels.get(happened.channel_id) if miner else None
    prefix = state.space.take() if channel else None
    if miner is None or channel is None or prefix is None:
        return ()
    state.space.give_back(channel.extranonce_prefix)
    channel.move_to(
        prefix + channel.extranonce_prefix[len(prefix) :], state.payees.of(channel.payee).book.future
    )
    told = [Send(miner.peer, message) for message in miner.words.prefix(channel)]
    return [*told, *fresh_job(state, miner, channel)]


def regroup(state: PoolState, happened: Regroup, now: float) -> Sequence[Effect]:
    """Put channels into a new group of their own; those of different payees into one each.

    Jobs come under its id from now on, so what was sent ahead is sent again, to everybody who is paid
    alike: to these channels it would be the same job twice otherwise, and one that a new tip turns to has one id for all.
    """
    miner = state.miners.get(happened.peer)
    if miner is None or not miner.groups.members or miner.wants_standard_jobs or miner.selects_work:
        return ()
    moving = tuple(number for number in dict.fromkeys(happened.channel_ids) if number in miner.channels)
    if not moving:
        return ()
    alike: dict[bytes, list[int]] = {}
    for number in moving:
        alike.setdefault(miner.channels[number].payee, []).append(number)
    effects: list[Effect] = []
    for payee, numbers in alike.items():
        group_id = miner.new_id()
        for number in numbers:
            miner.groups.join(group_id, number, payee)
        state.enroll(miner, group_id, payee)
        state.strike(miner, payee)
        effects.append(Send(miner.peer, SetGroupChannel(group_id, tuple(numbers))))
        effects += send_ahead(state, {payee: state.payees.of(payee).book.ahead_again().job})
    return effects


def end_channel(state: PoolState, happened: EndChannel, now: float) -> Sequence[Effect]:
    """Close a channel or a group, once its shares are answered; a miner left with none may open another.

    What it sends for these channels until it hears of it is counted, but not answered.
    """
    miner = state.miners.get(happened.peer)
    channels = miner.addressed(happened.channel_id) if miner else []
    if miner is None or not channels:
        return ()
    miner.last_closed = now
    miner.ended.update((channel.channel_id, channel) for channel in channels)
    answers = [acknowledge(state, miner.peer, channel) for channel in channels if channel.unacknowledged]
    told = [Send(miner.peer, each) for each in miner.words.closed(happened.channel_id, happened.reason)]
    reason = f"closed by us: {happened.reason}"
    closed = [Tell(close_channel(state, miner, channel, reason)) for channel in channels]
    return [*answers, *told, *closed]


def set_difficulty(state: PoolState, happened: SetDifficulty, now: float) -> Sequence[Effect]:
    """Channels open at this difficulty from now on, within what device and network allow; open ones stay."""
    state.opening_target = target_from_difficulty(happened.difficulty)
    note_setting(state, "opening difficulty", happened.difficulty)
    return ()


def set_payout(state: PoolState, happened: SetPayout, now: float) -> Sequence[Effect]:
    """Jobs that are cut from now on pay so; those that are out stay as they are, and good.

    Not where every block pays its finder: whoever may tell the pool whom to pay may not tell its miners.
    """
    if not isinstance(state.policy.scheme, Pooled):
        return [
            Tell(NotOrdered("another payout is not taken in solo mode, where every block pays its finder"))
        ]
    state.book.payout = happened.payout
    note_setting(state, "payout", happened.payout.script_pubkey.hex())
    return ()
