"""Channels, from the request to open one to its end (spec 5.3.2 to 5.3.6, 5.3.9).

Rule: what cannot be granted is refused with its word, and the request costs us nothing more.
"""

from collections.abc import Callable, Iterator, Sequence

from sluice.accounting.name import Stranger, look_up
from sluice.bitcoin.target import difficulty, target_from_wire, target_to_wire
from sluice.pool.counts import Dialect
from sluice.pool.departure import close_channel, refused
from sluice.pool.effects import Effect, Send, Tell
from sluice.pool.events import ChannelOpened, ChannelRefused, NameRefused
from sluice.pool.jobs import first_jobs
from sluice.pool.miner import Miner, OpenRequest
from sluice.pool.recording import note_opening
from sluice.pool.state import PoolState
from sluice.pool.targets import bad_hashrate, clamp, narrowed, opening_target, ordered_target, target_bounds
from sluice.sv2 import codes
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenExtendedMiningChannel,
    OpenExtendedMiningChannelSuccess,
    OpenMiningChannelError,
    OpenStandardMiningChannel,
    OpenStandardMiningChannelSuccess,
    SetCustomMiningJob,
    SetCustomMiningJobError,
)
from sluice.work.channel import Channel, ChannelTerms
from sluice.work.extranonce import ROLLABLE_SIZE
from sluice.work.vardiff import Vardiff

_ROLLABLE_ZEROS = bytes(ROLLABLE_SIZE)


def _is_standard(message: OpenRequest) -> bool:
    return isinstance(message, OpenStandardMiningChannel)


#: Why a channel is not opened: test and word. The first that applies.
_REFUSALS: Sequence[tuple[Callable[[PoolState, Miner, OpenRequest], bool], str]] = (
    (
        lambda state, miner, m: miner.selects_work and _is_standard(m),
        codes.STANDARD_CHANNELS_NOT_SUPPORTED_FOR_CUSTOM_WORK,
    ),
    (
        lambda state, miner, m: miner.wants_standard_jobs and not _is_standard(m),
        codes.EXTENDED_CHANNELS_NOT_SUPPORTED_FOR_STANDARD_JOBS,
    ),
    (lambda state, miner, m: state.orders.bans_name(m.user_identity, state.unix_time), codes.BANNED),
    (lambda state, miner, m: bad_hashrate(m.nominal_hash_rate), codes.INVALID_NOMINAL_HASHRATE),
    (lambda state, miner, m: not any(m.max_target), codes.MAX_TARGET_OUT_OF_RANGE),
    (
        lambda state, miner, m: (
            isinstance(m, OpenExtendedMiningChannel) and m.min_extranonce_size > ROLLABLE_SIZE
        ),
        codes.MIN_EXTRANONCE_SIZE_TOO_LARGE,
    ),
    (
        lambda state, miner, m: len(miner.channels) + len(miner.waiting) >= state.policy.max_channels,
        codes.CHANNEL_CAPACITY_EXHAUSTED,
    ),
)

#: The same of a name, by whether its address is right elsewhere.
_NAME_WORDS = {False: codes.INVALID_USER_IDENTITY, True: codes.UNKNOWN_USER}


def open_channel(state: PoolState, miner: Miner, message: OpenRequest, now: float) -> Sequence[Effect]:
    """Open a standard or an extended channel; before the first template the request waits."""
    for applies, word in _REFUSALS:
        if applies(state, miner, message):
            return _refuse(state, miner, message, word, now)
    known = look_up(message.user_identity, state.network, state.policy.names)
    if isinstance(known, Stranger):
        return _refuse(state, miner, message, _NAME_WORDS[known.elsewhere], now, known.reason)
    if state.book.current is None:
        miner.waiting.append(message)
        return ()
    prefix = state.space.take()
    if prefix is None:
        return _refuse(state, miner, message, codes.CHANNEL_CAPACITY_EXHAUSTED, now)
    if _is_standard(message):
        prefix += _ROLLABLE_ZEROS
    payee = state.policy.scheme.payee_of(known.script)
    max_target = target_from_wire(message.max_target)
    terms = ChannelTerms(miner.new_id(), message.user_identity, prefix, max_target, payee)
    return list(_opened(state, miner, message, terms, now))


def _opened(
    state: PoolState, miner: Miner, message: OpenRequest, terms: ChannelTerms, now: float
) -> Iterator[Effect]:
    ordered = ordered_target(state, terms.user_identity)
    easiest, hardest = narrowed(target_bounds(state, terms.max_target), ordered)
    target = clamp(opening_target(state, message.nominal_hash_rate), easiest, hardest)
    vardiff = Vardiff(target, state.policy.vardiff, now, easiest, hardest)
    dialect = Dialect.STANDARD if _is_standard(message) else Dialect.EXTENDED
    channel = Channel(terms, target, vardiff, now, state.counts.of[dialect])
    channel.ordered = ordered
    miner.channels[terms.channel_id] = channel
    state.payees.join(channel.payee, state.policy.scheme.payout_to)
    # Every channel is in a group, and can be closed with it, whether or not its jobs come by it (spec 5.2.3).
    group_id = miner.groups.home(channel.payee, miner.new_id)
    miner.groups.join(group_id, channel.channel_id, channel.payee)
    note_opening(state, miner, channel)
    yield Send(miner.peer, _success(message, channel, group_id))
    yield Tell(
        ChannelOpened(
            miner.peer,
            terms.channel_id,
            miner.words.kind(channel),
            terms.user_identity,
            message.nominal_hash_rate,
            float(difficulty(target)),
        )
    )
    if miner.selects_work:
        return
    state.enroll(miner, None if miner.wants_standard_jobs else group_id, channel.payee)
    yield from first_jobs(state, miner, channel, group_id)


def _success(
    message: OpenRequest, channel: Channel, group_id: int
) -> OpenStandardMiningChannelSuccess | OpenExtendedMiningChannelSuccess:
    target = target_to_wire(channel.target)
    if channel.is_standard:
        return OpenStandardMiningChannelSuccess(
            message.request_id, channel.channel_id, target, channel.extranonce_prefix, group_id
        )
    return OpenExtendedMiningChannelSuccess(
        message.request_id,
        channel.channel_id,
        target,
        channel.extranonce_size,
        channel.extranonce_prefix,
        group_id,
    )


def _refuse(
    state: PoolState, miner: Miner, message: OpenRequest, word: str, now: float, reason: str = ""
) -> Sequence[Effect]:
    state.counts.channels_refused[word] += 1
    told = ChannelRefused(miner.peer, message.user_identity, word)
    if reason:
        told = NameRefused(miner.peer, message.user_identity, word, reason)
    return [
        Send(miner.peer, OpenMiningChannelError(message.request_id, word)),
        Tell(told),
        *refused(state, miner, now),
    ]


def close_by_client(state: PoolState, miner: Miner, message: CloseChannel, now: float) -> Sequence[Effect]:
    """The client ends a channel, or all channels of a group (spec 5.3.9)."""
    channels = miner.addressed(message.channel_id)
    if not channels:
        return () if message.channel_id in miner.ended else refused(state, miner, now)
    miner.last_closed = now
    reason = f"closed by the miner: {message.reason_code}"
    return [Tell(close_channel(state, miner, channel, reason)) for channel in channels]


def custom_job(state: PoolState, miner: Miner, message: SetCustomMiningJob, now: float) -> Sequence[Effect]:
    """A job of the miner's own making: there is no job declaration here yet."""
    error = SetCustomMiningJobError(message.channel_id, message.request_id, codes.JD_NOT_SUPPORTED)
    return [Send(miner.peer, error), *refused(state, miner, now)]
