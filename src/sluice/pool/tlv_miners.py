"""What miners of the TLV dialect ask, and what they are answered (docs/tlv.md).

A share is judged as any other: by its channel's target, as a number. Rule: the answers are the origin's, but each
share of a batch counts by itself, and a coinbase that is not the channel's is nobody's.
"""

from collections.abc import Callable, Iterator, Sequence

from sluice.accounting.name import Stranger, look_up
from sluice.bitcoin.target import DIFFICULTY_1, Target, difficulty, target_from_difficulty
from sluice.pool.counts import Dialect
from sluice.pool.departure import close_channel, refused
from sluice.pool.effects import Effect, Send, Tell
from sluice.pool.events import ChannelOpened, ChannelRefused, MinerArrived, SetupRefused
from sluice.pool.miner import Device, Miner
from sluice.pool.recording import best_share, note_opening
from sluice.pool.shares import book, start_over
from sluice.pool.state import PoolState
from sluice.pool.targets import clamp, narrowed, ordered_target, target_bounds
from sluice.pool.tlv_words import new_job, target_bytes
from sluice.tlv import codes
from sluice.tlv.messages import (
    OpenMiningChannel,
    OpenMiningChannelError,
    OpenMiningChannelSuccess,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
    ShareData,
    SubmitShares,
    SubmitSharesError,
    SubmitSharesSuccess,
)
from sluice.work.channel import Channel, ChannelTerms
from sluice.work.extranonce import ROLLABLE_SIZE
from sluice.work.job import ActiveJob
from sluice.work.share import Judgement, judge
from sluice.work.vardiff import Vardiff
from sluice.work.verdict import Verdict

VERSION = 2
CAPABILITIES = ("mining",)
#: Bytes of a name, as Stratum V2 has them: it stands in every line about the miner.
MAX_NAME = 255

#: The verdicts that are told; the others are only counted, and the batch is a success, as with the origin.
_TOLD = {Verdict.UNKNOWN_JOB: codes.JOB_NOT_FOUND, Verdict.STALE: codes.JOB_NOT_FOUND}

_HEADER_VERSION = 0xFFFF_FFFF


def setup_connection(
    state: PoolState, miner: Miner, message: SetupConnection, now: float
) -> Iterator[Effect]:
    """Accept a miner, or say why not; one that sets up again begins anew."""
    reason = _setup_refusal(message)
    if reason:
        state.counts.setups_refused[_kind_of(reason)] += 1
        yield Send(
            miner.peer, SetupConnectionError(codes.SETUP_FAILED, codes.refusal(codes.SETUP_FAILED, reason))
        )
        yield Tell(SetupRefused(miner.peer, miner.address, reason))
        yield from refused(state, miner, now)
        return
    for channel in list(miner.channels.values()):
        yield Tell(close_channel(state, miner, channel, "set up again"))
    miner.waiting.clear()
    miner.setup_at = now
    miner.device = Device(message.endpoint, "", "")
    yield Send(miner.peer, SetupConnectionSuccess((VERSION,), CAPABILITIES))
    yield Tell(MinerArrived(miner.peer, miner.address, *miner.device, " ".join(message.capabilities)))


def _setup_refusal(message: SetupConnection) -> str:
    if message.protocol_version != VERSION:
        return codes.UNSUPPORTED_VERSION.format(message.protocol_version)
    size = len(message.endpoint.encode())
    return codes.NAME_TOO_LONG.format(size, MAX_NAME) if size > MAX_NAME else ""


#: Why a channel is not opened: test and what is said, of miner and bound. The first that applies.
_REFUSALS: Sequence[tuple[Callable[[PoolState, Miner, OpenMiningChannel], bool], str]] = (
    (lambda state, miner, message: miner.setup_at is None, codes.NOT_REGISTERED),
    (
        lambda state, miner, message: state.orders.bans_name(miner.device.vendor, state.unix_time),
        codes.BANNED,
    ),
    (
        lambda state, miner, message: (
            len(miner.channels) + len(miner.waiting) >= state.policy.max_channels
            and message.channel_id not in miner.channels
        ),
        codes.NO_MORE_CHANNELS,
    ),
)


def open_channel(state: PoolState, miner: Miner, message: OpenMiningChannel, now: float) -> Iterator[Effect]:
    """Open a channel under the number that the miner chose; one that has it already is replaced.

    Before the first template the request waits.
    """
    for applies, reason in _REFUSALS:
        if applies(state, miner, message):
            named = len(miner.channels) if reason is codes.NO_MORE_CHANNELS else miner.address
            yield from _refuse(state, miner, message, reason.format(named), now)
            return
    user = look_up(miner.device.vendor, state.network, state.policy.names)
    if isinstance(user, Stranger):
        yield from _refuse(state, miner, message, codes.UNKNOWN_USER.format(user.reason), now)
        return
    if state.book.current is None:
        miner.waiting.append(message)
        return
    known = miner.channels.get(message.channel_id)
    if known is not None:
        yield Tell(close_channel(state, miner, known, "opened again"))
    prefix = state.space.take()
    if prefix is None:
        reason = codes.NO_MORE_CHANNELS.format(state.space.held)
        yield from _refuse(state, miner, message, reason, now)
        return
    payee = state.policy.scheme.payee_of(user.script)
    yield from _opened(state, miner, message, prefix + bytes(ROLLABLE_SIZE), payee, now)


def _opened(
    state: PoolState, miner: Miner, message: OpenMiningChannel, prefix: bytes, payee: bytes, now: float
) -> Iterator[Effect]:
    name = miner.device.vendor
    job = state.payees.join(payee, state.policy.scheme.payout_to).book.current
    assert job is not None  # before, no channel opens
    ordered = ordered_target(state, name)
    easiest, hardest, target = first_target(state, job, message.min_difficulty, ordered)
    terms = ChannelTerms(message.channel_id, name, prefix, easiest, payee)
    vardiff = Vardiff(target, state.policy.vardiff, now, easiest, hardest)
    channel = Channel(terms, target, vardiff, now, state.counts.of[Dialect.TLV])
    channel.ordered = ordered
    miner.channels[message.channel_id] = channel
    max_jobs = state.policy.max_jobs
    yield Send(
        miner.peer,
        OpenMiningChannelSuccess(message.channel_id, message.request_id, target_bytes(target), max_jobs),
    )
    note_opening(state, miner, channel)
    shown = float(difficulty(target))
    yield Tell(ChannelOpened(miner.peer, message.channel_id, miner.words.kind(channel), name, 0.0, shown))
    state.enroll(miner, None)
    yield Send(miner.peer, new_job(channel, channel.issue(job, max_jobs)))


def first_target(
    state: PoolState, job: ActiveJob, min_difficulty: int, ordered: Target | None = None
) -> tuple[Target, Target, Target]:
    """The easiest, the hardest and the target of a channel that asks for this difficulty; 0 asks for nothing.

    What an operator has ordered for its name outweighs that.

    It stays for good, so it is never harder than the network's even on regtest, as far as the operator's minimum
    allows: nobody would ease it for a miner that finds nothing.
    """
    policy = state.policy
    easiest, hardest = target_bounds(state, policy.vardiff.easiest)
    hardest = max(hardest, min(job.tip.target, policy.vardiff.easiest))
    wanted = state.opening_target or policy.default_target or DIFFICULTY_1
    if min_difficulty:
        wanted = target_from_difficulty(min_difficulty)
    easiest, hardest = narrowed((easiest, hardest), ordered)
    return easiest, hardest, clamp(wanted, easiest, hardest)


def _refuse(
    state: PoolState, miner: Miner, message: OpenMiningChannel, reason: str, now: float
) -> Sequence[Effect]:
    state.counts.channels_refused[_kind_of(reason)] += 1
    text = codes.refusal(codes.CHANNEL_FAILED, reason)
    return [
        Send(miner.peer, OpenMiningChannelError(message.request_id, codes.CHANNEL_FAILED, text)),
        Tell(ChannelRefused(miner.peer, miner.device.vendor, reason)),
        *refused(state, miner, now),
    ]


def _kind_of(reason: str) -> str:
    """A refusal without its details, some of which are the miner's to choose."""
    return reason.partition(":")[0]


def submit_shares(state: PoolState, miner: Miner, message: SubmitShares, now: float) -> Iterator[Effect]:
    """Judge each share; one answer for all of them, which names the first that had no channel or no job."""
    leaving: Sequence[Effect] = ()
    complaint, last_job_id = "", 0
    if miner.setup_at is None:
        yield Send(miner.peer, _answer(message, 0, codes.NOT_REGISTERED.format(miner.address)))
        yield from refused(state, miner, now)
        return
    for share in message.shares:
        last_job_id = share.job_id
        channel = miner.channels.get(share.channel_id) if share.channel_id == message.channel_id else None
        if channel is None:
            miner.closed.refuse(Verdict.UNKNOWN_CHANNEL)
            state.counts.of[Dialect.TLV].shares[Verdict.UNKNOWN_CHANNEL] += 1
            told = codes.CHANNEL_NOT_FOUND.format(share.channel_id)
        else:
            judgement = _judged(state, channel, share, now)
            if judgement.candidate:
                yield from state.candidates.find(judgement, channel.user_identity, miner.peer, now)
            if judgement.verdict.credited:
                book(state, channel, judgement, now)
                if judgement.hash_value < channel.to_beat:
                    yield from best_share(state, channel, "", judgement.hash_value)
                continue
            channel.refuse(judgement.verdict)
            told = _TOLD.get(judgement.verdict, "").format(share.job_id)
        complaint = complaint or told
        leaving = refused(state, miner, now)
        if leaving:
            break
    yield Send(miner.peer, _answer(message, last_job_id, complaint))
    yield from leaving or _afterwards(state, miner, message, now)


def _judged(state: PoolState, channel: Channel, share: ShareData, now: float) -> Judgement:
    """The header has the job's own time, and a merkle root that only the channel's own coinbase gives."""
    job_id = share.job_id
    issued = channel.jobs.get(job_id) or channel.past.get(job_id)
    if issued is not None and share.merkle_root != issued.merkle_root:
        return Judgement(Verdict.MALFORMED, False, issued, b"", b"", 0, b"")
    ntime = 0 if issued is None else issued.job.min_ntime
    header = (job_id, share.nonce, ntime, share.version & _HEADER_VERSION)
    return judge(channel, header, b"", now, state.max_ntime)


def _answer(
    message: SubmitShares, last_job_id: int, complaint: str
) -> SubmitSharesSuccess | SubmitSharesError:
    if not complaint:
        return SubmitSharesSuccess(message.channel_id, last_job_id)
    text = codes.refusal(codes.SHARES_FAILED, complaint)
    first_job_id = message.shares[0].job_id if message.shares else 0
    return SubmitSharesError(message.channel_id, first_job_id, codes.SHARES_FAILED, text)


def _afterwards(state: PoolState, miner: Miner, message: SubmitShares, now: float) -> Sequence[Effect]:
    channel = miner.channels.get(message.channel_id)
    return start_over(state, miner, channel, now) if channel and channel.seen.full else ()
