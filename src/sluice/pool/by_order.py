"""What an operator's orders come to for those who are connected: other difficulties, ends, bans.

Rule: an order holds from the moment it is given, for those who come later by the orders themselves (`orders`), for
those who are here by a chore; what comes of it is told, also that it cannot be.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sluice.pool.chores import Chore
from sluice.pool.departure import dismiss
from sluice.pool.effects import Effect, Tell
from sluice.pool.events import Banned, ChannelsClosed, DifficultyFixed, NotOrdered, TakingAgain, Unbanned
from sluice.pool.inputs import Ban, CloseNamed, EndChannel, FixDifficulty, TakeAgain, Unban
from sluice.pool.miner import Miner
from sluice.pool.operator import end_channel
from sluice.pool.orders import OrderRefused, name_of, names_of, network_of
from sluice.pool.recording import note_setting
from sluice.pool.state import PoolState
from sluice.pool.targets import bounds_of, ordered_target, retarget
from sluice.sv2 import codes
from sluice.work.channel import Channel


def fix_difficulty(state: PoolState, happened: FixDifficulty, now: float) -> Iterable[Effect]:
    """A name's channels mine at this difficulty, or at what vardiff finds."""
    try:
        name = state.orders.fix(happened.name, happened.difficulty)
    except OrderRefused as error:
        return (Tell(NotOrdered(str(error))),)
    note_setting(state, f"difficulty of {name}", happened.difficulty or "auto")
    told = partial(DifficultyFixed, name, happened.difficulty or 0.0)
    return state.chores.begin(Chore(_named(name), partial(_retarget, state), told), state.miners, now)


def _retarget(state: PoolState, miner: Miner, channel: Channel, now: float) -> Iterator[Effect]:
    """Keep a channel to what is ordered, or leave it to vardiff; where miners hear of no target, the next one opens so."""
    ordered = ordered_target(state, channel.user_identity)
    if ordered == channel.ordered or not miner.words.moves_targets:
        return
    channel.ordered = ordered
    easiest, hardest = bounds_of(state, channel)
    channel.vardiff.rebound(easiest, hardest)
    if ordered is not None and channel.target != hardest:
        channel.vardiff.retarget(hardest, now)
        yield from retarget(state, miner, channel, hardest)


def close_named(state: PoolState, happened: CloseNamed, now: float) -> Iterable[Effect]:
    """A name's channels are closed, and connections that have no other."""
    try:
        name = name_of(happened.name)
    except OrderRefused as error:
        return (Tell(NotOrdered(str(error))),)
    return _close(state, name, "closed by the operator", partial(ChannelsClosed, name), now)


def _close(
    state: PoolState, name: str, reason: str, told: "partial[ChannelsClosed] | partial[Banned]", now: float
) -> Iterator[Effect]:
    def act(miner: Miner, channel: Channel, now: float) -> Iterable[Effect]:
        return end_channel(state, EndChannel(miner.peer, channel.channel_id, reason), now)

    def after(miner: Miner, now: float) -> Iterable[Effect]:
        # A device that does not know of channels' ends would mine on for nobody.
        return () if miner.channels else dismiss(state, miner, reason)

    return state.chores.begin(Chore(_named(name), act, told, after), state.miners, now)


def ban(state: PoolState, happened: Ban, now: float) -> Iterable[Effect]:
    """What belongs to a name, an address or a network is closed, and taken no more."""
    try:
        what = state.orders.ban(happened.what, happened.until, state.unix_time)
        network = network_of(what)
    except OrderRefused as error:
        return (Tell(NotOrdered(str(error))),)
    note_setting(state, f"ban of {what}", happened.until or "for good")
    if network is None:
        return _close(state, what, codes.BANNED, partial(Banned, what, happened.until or 0), now)
    chore = Chore(
        _nobody, _nothing, partial(Banned, what, happened.until or 0), meet=partial(_show_out, state)
    )
    return state.chores.begin(chore, state.miners, now)


def _show_out(state: PoolState, miner: Miner, now: float) -> Sequence[Effect]:
    """Who comes from a banned address leaves."""
    banned = state.orders.bans_address(miner.address, state.unix_time)
    return dismiss(state, miner, codes.BANNED) if banned else ()


def _nobody(channel: Channel) -> bool:
    return False


def _nothing(miner: Miner, channel: Channel, now: float) -> Iterable[Effect]:
    return ()


def unban(state: PoolState, happened: Unban, now: float) -> Iterable[Effect]:
    """It is taken again."""
    try:
        what = state.orders.unban(happened.what)
    except OrderRefused as error:
        return (Tell(NotOrdered(str(error))),)
    note_setting(state, f"ban of {what}", "none")
    return (Tell(Unbanned(what)),)


def take_again(state: PoolState, happened: TakeAgain, now: float) -> Iterable[Effect]:
    """The process does not end, after all."""
    state.draining = False
    return (Tell(TakingAgain()),)


def _named(name: str) -> "partial[bool]":
    return partial(_is_of, name)


def _is_of(name: str, channel: Channel) -> bool:
    return name in names_of(channel.user_identity)
