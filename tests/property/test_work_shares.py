"""Every share of any story is judged as its miner would judge it, from what the wire told it and nothing else."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from sluice.bitcoin.target import MAX_TARGET, Target
from sluice.work.book import JobBook, SendAhead, TurnTo
from sluice.work.channel import Channel
from sluice.work.extranonce import PREFIX_SIZE
from sluice.work.job import Job
from sluice.work.share import judge
from sluice.work.verdict import Verdict
from support.work import (
    EARLIEST,
    HARD_NBITS,
    HEIGHT,
    MAX_NTIME,
    NTIME,
    PAYOUT,
    SUBSIDY,
    channel,
    spend,
    template,
)

MAX_JOBS = 3
GRACE = 5.0
NBITS = (0x207FFFFF, 0x203FFFFF, HARD_NBITS)
TARGETS = (MAX_TARGET, Target(2**255), Target(2**254), Target(1))
UNKNOWN_JOB_ID = 1_000_000


def twice(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


@dataclass(frozen=True)
class Told:
    """A job as it came over the wire, and as a tip made it active."""

    version: int
    coinbase_prefix: bytes
    coinbase_suffix: bytes
    path: tuple[bytes, ...]
    extranonce_prefix: bytes
    prev_hash: bytes = b""
    nbits: int = 0
    target: int = 0

    def header(self, extranonce: bytes, ntime: int, version: int, nonce: int) -> bytes:
        root = twice(self.coinbase_prefix + self.extranonce_prefix + extranonce + self.coinbase_suffix)
        for neighbour in self.path:
            root = twice(root + neighbour)
        start = struct.pack("<I", version) + self.prev_hash + root
        return start + struct.pack("<III", ntime, self.nbits, nonce)

    @property
    def network_target(self) -> int:
        return (self.nbits & 0x7FFFFF) << 8 * ((self.nbits >> 24) - 3)


@dataclass
class Miner:
    """One channel from the other end of the wire."""

    channel: Channel
    prefix: bytes
    ahead: dict[int, Told] = field(default_factory=dict)
    active: dict[int, Told] = field(default_factory=dict)
    past: dict[int, Told] = field(default_factory=dict)
    late_until: float = 0.0
    paid: set[bytes] = field(default_factory=set)

    def told(self, job: Job) -> Told:
        split = job.split
        return Told(job.version, split.prefix, split.suffix, job.template.merkle_path, self.prefix)

    def keep(self, job_id: int, told: Told) -> None:
        self.active[job_id] = told
        self.active = dict(list(self.active.items())[-MAX_JOBS:])

    def retire(self, late_until: float) -> None:
        self.past, self.active, self.late_until = self.active, {}, late_until

    def expect(
        self, share: tuple[int, int, int, int], extranonce: bytes, now: float
    ) -> tuple[Verdict, bool, bytes]:
        """Verdict, whether it is a block, and the header."""
        job_id, nonce, ntime, version = share
        job = self.active.get(job_id) or self.past.get(job_id)
        if job is None:
            return Verdict.UNKNOWN_JOB, False, b""
        if len(self.prefix) + len(extranonce) != 16:
            return Verdict.BAD_EXTRANONCE_SIZE, False, b""
        header = job.header(extranonce, ntime, version, nonce)
        value = int.from_bytes(twice(header), "little")
        is_past = job_id in self.past
        conditions = {
            Verdict.BAD_VERSION: version & ~0x1FFFFFE0 == job.version & ~0x1FFFFFE0,
            Verdict.BAD_NTIME: EARLIEST <= ntime <= MAX_NTIME,
            Verdict.STALE: not is_past or now <= self.late_until,
            Verdict.DUPLICATE: header not in self.paid,
            Verdict.TOO_EASY: value <= job.target,
        }
        failed = [verdict for verdict, holds in conditions.items() if not holds]
        good = Verdict.LATE if is_past else Verdict.ACCEPTED
        return (failed or [good])[0], value <= job.network_target, header


class Story:
    """A pool's work room with two channels, and their miners."""

    def __init__(self) -> None:
        ids: Callable[[], int] = count(1).__next__
        self.book = JobBook(PAYOUT, ids, lambda _: SUBSIDY)
        self.now = 0.0
        prefixes = (b"\x01\x00\x00\x00", b"\x01\x00\x00\x01" + bytes(12))
        self.miners = [Miner(channel(prefix), prefix) for prefix in prefixes]
        self.moves = count(2)
        self.place: dict[str, Any] = {"height": HEIGHT, "fork": 0, "nbits": NBITS[0], "ntime": NTIME}
        self.offer()

    def offer(self, **changes: Any) -> None:
        self.place |= changes
        self.place["ntime"] += 1
        offered = template(transactions=tuple(map(spend, range(self.place["ntime"] % 4))), **self.place)
        for step in self.book.offer(offered):
            for miner in self.miners:
                if isinstance(step, SendAhead):
                    miner.ahead[step.job.job_id] = miner.told(step.job)
                    continue
                tip = step.job.tip
                assert step.job.min_ntime == offered.ntime
                active: dict[str, Any] = {"prev_hash": tip.prev_hash, "nbits": tip.nbits}
                active["target"] = miner.channel.target
                if isinstance(step, TurnTo):
                    miner.retire(self.now + GRACE)
                    sent, miner.ahead = miner.ahead[step.job.job_id], {}
                    miner.channel.turn_to(step.job, self.now + GRACE)
                else:
                    sent = miner.told(step.job)
                    miner.channel.issue(step.job, MAX_JOBS)
                miner.keep(step.job.job_id, replace(sent, **active))
                assert list(miner.channel.jobs) == list(miner.active)
                assert list(miner.channel.past) == list(miner.past)

    def send_ahead_again(self) -> None:
        job = self.book.ahead_again().job
        for miner in self.miners:
            miner.ahead[job.job_id] = miner.told(job)

    def again(self, miner: Miner) -> None:
        job, tip = self.book.again(), self.book.tip
        assert tip is not None
        miner.channel.issue(job, MAX_JOBS)
        active: dict[str, Any] = {"prev_hash": tip.prev_hash, "nbits": tip.nbits}
        active["target"] = miner.channel.target
        miner.keep(job.job_id, replace(miner.told(job), **active))

    def retarget(self, miner: Miner, target: Target) -> None:
        miner.channel.target = target
        self.again(miner)

    def move(self, miner: Miner) -> None:
        miner.prefix = b"\x01" + next(self.moves).to_bytes(3) + miner.prefix[PREFIX_SIZE:]
        miner.channel.move_to(miner.prefix, self.book.future)
        self.again(miner)

    def retire(self, miner: Miner) -> None:
        miner.channel.retire_jobs(self.now + GRACE)
        miner.retire(self.now + GRACE)
        self.again(miner)

    def submit(self, miner: Miner, sent: "Sent") -> None:
        """Judged by us and by the miner; the same must come out."""
        known = [*reversed(miner.active), *reversed(miner.past), *miner.ahead, UNKNOWN_JOB_ID]
        job_id = known[sent.job % len(known)]
        version = self.book.current.version ^ sent.rolled if self.book.current else 0
        share = (job_id, sent.nonce, sent.ntime, version)
        extranonce = bytes((7,)) * (16 - len(miner.prefix) + sent.longer)
        expected = miner.expect(share, extranonce, self.now)
        judgement = judge(miner.channel, share, extranonce, self.now, MAX_NTIME)
        assert (judgement.verdict, judgement.candidate, judgement.header) == expected
        if judgement.header:
            assert judgement.header_hash == twice(judgement.header)
            assert judgement.hash_value == int.from_bytes(judgement.header_hash, "little")
        if judgement.verdict.credited:
            assert judgement.issued is not None
            assert judgement.issued.work == 2**256 // (judgement.issued.target + 1)
            miner.channel.seen.add(judgement.header_hash)
            miner.paid.add(judgement.header)
        event(f"{judgement.verdict.value}{' and a block' * judgement.candidate}")


@dataclass(frozen=True)
class Sent:
    """A share in the making. `job` counts through what the miner was told, the newest first."""

    job: int
    nonce: int
    ntime: int
    rolled: int
    longer: int


def mostly(usual: int, *others: int) -> st.SearchStrategy[int]:
    return st.sampled_from([usual] * 4 * len(others) + list(others))


# Mostly good, and in few variants, so that shares come twice.
shares = st.builds(
    Sent,
    job=st.one_of(st.just(0), st.integers(0, 8)),
    nonce=st.integers(0, 3),
    ntime=mostly(NTIME, EARLIEST - 1, EARLIEST, MAX_NTIME, MAX_NTIME + 1),
    rolled=mostly(0, 0x20, 0x1FFFFFE0, 0x1F, 1 << 29),
    longer=mostly(0, 1, -1),
)
Deed = Callable[[Story, Miner], None]
changes: st.SearchStrategy[Deed] = st.one_of(
    st.just(lambda story, miner: story.offer()),
    st.just(lambda story, miner: story.offer(height=story.place["height"] + 1)),
    st.just(lambda story, miner: story.offer(fork=story.place["fork"] + 1)),
    st.sampled_from(NBITS).map(lambda nbits: lambda story, miner: story.offer(nbits=nbits)),
    st.sampled_from(TARGETS).map(lambda target: lambda story, miner: story.retarget(miner, target)),
    st.just(lambda story, miner: story.send_ahead_again()),
    st.just(Story.move),
    st.just(Story.retire),
    st.sampled_from([1.0, GRACE, GRACE + 0.1, 60.0]).map(
        lambda seconds: lambda story, miner: setattr(story, "now", story.now + seconds)
    ),
)


@settings(max_examples=300)  # the rarest fate, a stale block, comes in some of these stories
@given(st.lists(st.tuples(st.integers(0, 1), changes, st.lists(shares, max_size=8)), max_size=15))
def test_a_share_has_the_fate_that_its_miner_expects(told: list[tuple[int, Deed, list[Sent]]]) -> None:
    story = Story()
    for who, change, sent in told:
        for share in sent:
            story.submit(story.miners[who], share)
        change(story, story.miners[who])
        for share in sent:
            story.submit(story.miners[who], share)
