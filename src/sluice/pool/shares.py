"""The share path: judged once, counted once, acknowledged in batches (spec 5.3.11 to 5.3.14).

Rule: an error is answered at once, a success after N shares or T seconds. What a share is credited with is its
job's work, never the luck of its hash.
"""

from collections.abc import Iterable, Iterator, Sequence

from sluice.accounting.name import earner_of
from sluice.bitcoin.target import DIFFICULTY_1, work
from sluice.pool.counts import Dialect
from sluice.pool.departure import refused
from sluice.pool.effects import Effect, Send
from sluice.pool.journal import Credited
from sluice.pool.miner import Miner
from sluice.pool.recording import best_share
from sluice.pool.state import PoolState, Unacknowledged
from sluice.pool.targets import fresh_job, retarget
from sluice.sv2 import codes
from sluice.sv2.connection import Refused
from sluice.sv2.messages.mining import (
    SubmitSharesError,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.work.channel import Channel
from sluice.work.share import Judgement, judge
from sluice.work.tally import Tally
from sluice.work.verdict import Verdict

#: The wire's word for each refusal.
WORDS: dict[Verdict, str] = {
    Verdict.UNKNOWN_CHANNEL: codes.INVALID_CHANNEL_ID,
    Verdict.UNKNOWN_JOB: codes.INVALID_JOB_ID,
    Verdict.BAD_EXTRANONCE_SIZE: codes.BAD_EXTRANONCE_SIZE,
    Verdict.BAD_VERSION: codes.INVALID_NON_ROLLABLE_VERSION_BIT,
    Verdict.BAD_NTIME: codes.INVALID_SHARE,
    Verdict.STALE: codes.STALE_SHARE,
    Verdict.DUPLICATE: codes.DUPLICATE_SHARE,
    Verdict.TOO_EASY: codes.DIFFICULTY_TOO_LOW,
    Verdict.MALFORMED: codes.INVALID_SHARE,
}

#: Hashes expected for a share of difficulty 1: the unit of SubmitShares.Success.new_shares_sum.
WORK_OF_DIFFICULTY_1 = work(DIFFICULTY_1)

#: Worker names one channel may bring into being; behind a proxy there may be hundreds.
MAX_WORKERS = 1_024


def submit_standard(
    state: PoolState, miner: Miner, message: SubmitSharesStandard, now: float
) -> Iterable[Effect]:
    """A share of a standard channel."""
    channel = miner.channels.get(message.channel_id)
    if channel is None:
        return _no_channel(state, miner, message, b"", now)
    share = (message.job_id, message.nonce, message.ntime, message.version)
    judgement = judge(channel, share, b"", now, state.max_ntime)
    if judgement.verdict.credited and not judgement.candidate:
        return credit(state, miner, channel, message.sequence_number, judgement, now)
    return _settle(state, miner, channel, message.sequence_number, judgement, now)


def submit_extended(
    state: PoolState, miner: Miner, message: SubmitSharesExtended, now: float, worker: str = ""
) -> Iterable[Effect]:
    """A share of an extended channel, found by `worker` behind it if the miner says so."""
    channel = miner.channels.get(message.channel_id)
    if channel is None:
        return _no_channel(state, miner, message, message.extranonce, now)
    share = (message.job_id, message.nonce, message.ntime, message.version)
    judgement = judge(channel, share, message.extranonce, now, state.max_ntime)
    if worker:
        worker = _credit_worker(channel, worker, judgement, now)
    if judgement.verdict.credited and not judgement.candidate:
        return credit(state, miner, channel, message.sequence_number, judgement, now, worker)
    return _settle(state, miner, channel, message.sequence_number, judgement, now, worker)


def _settle(
    state: PoolState,
    miner: Miner,
    channel: Channel,
    sequence_number: int,
    judgement: Judgement,
    now: float,
    worker: str = "",
) -> Iterator[Effect]:
    """What is rare: a candidate, a refusal, or both. The block is on its way before anything else is done."""
    verdict = judgement.verdict
    if judgement.candidate:
        # Of several behind a proxy, the one that found it.
        finder = earner_of(channel.user_identity, worker).name if worker else channel.user_identity
        yield from state.candidates.find(judgement, finder, miner.peer, now)
    if verdict.credited:
        yield from credit(state, miner, channel, sequence_number, judgement, now, worker)
        # Whoever finds a block is told at once.
        if channel.unacknowledged:
            yield acknowledge(state, miner.peer, channel)
        return
    channel.refuse(verdict)
    yield Send(miner.peer, SubmitSharesError(channel.channel_id, sequence_number, WORDS[verdict]))
    yield from refused(state, miner, now)


def credit(
    state: PoolState,
    miner: Miner,
    channel: Channel,
    sequence_number: int,
    judgement: Judgement,
    now: float,
    worker: str = "",
) -> Sequence[Effect]:
    """Credit a good share; the answer may wait for more of them."""
    earned = book(state, channel, judgement, now, worker)
    vardiff = channel.vardiff
    channel.last_sequence_number = sequence_number
    channel.work_to_tell += earned
    pending = channel.unacknowledged = channel.unacknowledged + 1
    policy = state.policy
    forgetful = False
    if pending == 1:
        due = Unacknowledged(miner.peer, channel, now + policy.ack_seconds)
        state.unacknowledged[miner.peer, channel.channel_id] = due
        forgetful = channel.seen.full  # looked at once a batch
    best = judgement.hash_value < channel.to_beat
    if pending < policy.ack_shares and not vardiff.hurried and not forgetful and not best:
        return ()
    effects: list[Effect] = []
    if pending >= policy.ack_shares:
        effects.append(acknowledge(state, miner.peer, channel))
    if vardiff.hurried:
        target = vardiff.next_target(now)
        if target is not None:
            effects += retarget(state, miner, channel, target)
    if best:
        effects += best_share(state, channel, worker, judgement.hash_value)
    if forgetful:
        effects += start_over(state, miner, channel, now)
    return effects


def book(state: PoolState, channel: Channel, judgement: Judgement, now: float, worker: str = "") -> int:
    """A credited share goes into its channel's books, on whichever wire it came; what it earned, in hashes."""
    verdict, _, issued, _, header_hash, hash_value, _ = judgement
    assert issued is not None  # a credited share has a job
    earned = issued.work
    channel.seen.add(header_hash)
    channel.tally.credit(verdict, earned, hash_value, now)
    sums = channel.sums
    sums.shares[verdict] += 1
    sums.work += earned
    channel.vardiff.accepted(earned, now)
    if state.journal is not None:
        job = issued.job
        state.journal.entries.append(
            Credited(
                channel.number,
                channel.user_identity,
                worker,
                job.job_id,
                job.template.template_id,
                header_hash,
                earned,
                verdict is Verdict.LATE,
                state.unix_time,
            )
        )
    return earned


def start_over(state: PoolState, miner: Miner, channel: Channel, now: float) -> Sequence[Effect]:
    """More shares came on one tip than we remember: go on with work that nobody has seen yet."""
    channel.retire_jobs(now + state.policy.stale_grace)
    return fresh_job(state, miner, channel)


def acknowledge(state: PoolState, peer: int, channel: Channel) -> Send:
    """One answer for all shares since the last; what is below a whole difficulty is told with the next."""
    state.unacknowledged.pop((peer, channel.channel_id), None)
    told, channel.work_to_tell = divmod(channel.work_to_tell, WORK_OF_DIFFICULTY_1)
    count, channel.unacknowledged = channel.unacknowledged, 0
    return Send(peer, SubmitSharesSuccess(channel.channel_id, channel.last_sequence_number, count, told))


def _credit_worker(channel: Channel, worker: str, judgement: Judgement, now: float) -> str:
    """Count for a worker behind the channel; its name, if it is one that we keep."""
    workers = channel.workers
    if workers is None:
        workers = channel.workers = {}
    tally = workers.get(worker)
    credited = judgement.verdict.credited
    if tally is None:
        # A name costs us memory: it has to bring a good share.
        if not credited or len(workers) >= MAX_WORKERS:
            return ""
        tally = workers[worker] = Tally(now)
    if credited and judgement.issued is not None:
        tally.credit(judgement.verdict, judgement.issued.work, judgement.hash_value, now)
    else:
        tally.refuse(judgement.verdict)
    return worker


def refuse_tagged(state: PoolState, miner: Miner, event: Refused, now: float) -> Iterable[Effect]:
    """A share whose worker name is too long must be rejected whole (spec 3.4.3); a block in it counts."""
    message = event.message
    if not isinstance(message, SubmitSharesExtended):
        return refused(state, miner, now)
    channel = miner.channels.get(message.channel_id)
    if channel is None:
        return _no_channel(state, miner, message, message.extranonce, now)
    share = (message.job_id, message.nonce, message.ntime, message.version)
    judgement = judge(channel, share, message.extranonce, now, state.max_ntime)
    return _settle(
        state, miner, channel, message.sequence_number, judgement._replace(verdict=Verdict.MALFORMED), now
    )


def _no_channel(
    state: PoolState,
    miner: Miner,
    message: SubmitSharesStandard | SubmitSharesExtended,
    extranonce: bytes,
    now: float,
) -> Iterator[Effect]:
    """A share of none of the open channels. Of one that we have just closed a block counts that was on its way."""
    ended = miner.ended.get(message.channel_id)
    if ended is not None:
        share = (message.job_id, message.nonce, message.ntime, message.version)
        judgement = judge(ended, share, extranonce, now, state.max_ntime)
        if judgement.candidate:
            yield from state.candidates.find(judgement, ended.user_identity, miner.peer, now)
    miner.closed.refuse(Verdict.UNKNOWN_CHANNEL)
    dialect = Dialect.STANDARD if isinstance(message, SubmitSharesStandard) else Dialect.EXTENDED
    state.counts.of[dialect].shares[Verdict.UNKNOWN_CHANNEL] += 1
    if message.channel_id not in miner.ended:
        word = WORDS[Verdict.UNKNOWN_CHANNEL]
        yield Send(miner.peer, SubmitSharesError(message.channel_id, message.sequence_number, word))
        yield from refused(state, miner, now)
