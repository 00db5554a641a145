"""The miner over all of its space: no attempt twice, no share that is none, no lawful server accused."""

import struct
from fractions import Fraction
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.bitcoin.hashes import BlockHash, MerkleRoot
from sluice.bitcoin.target import Target, target_to_wire
from sluice.sim.miner.deeds import Mine
from sluice.sim.miner.hasher import grind
from sluice.sim.miner.search import ROW_SIZE, Row, row
from sluice.sim.miner.stripe import Stripe
from sluice.sim.miner.submissions import Submissions
from sluice.sim.miner.work_unit import ExtendedJob, Job, StandardJob, Tip, WorkUnit
from sluice.sv2.message import Message
from sluice.sv2.messages.mining import (
    SetExtranoncePrefix,
    SetGroupChannel,
    SetTarget,
)
from support.mining import (
    CHANNEL,
    EXTENDED,
    GROUP,
    NTIME,
    OTHER,
    STANDARD,
    Talk,
    extended_job,
    standard_job,
    tip,
)

u32 = st.integers(0, 2**32 - 1)
hashes = st.binary(min_size=32, max_size=32)
#: no rolling, SV1's bits, BIP323's, and any others
masks = st.one_of(st.sampled_from([0, 0x1FFFE000, 0x1FFFFFE0]), u32)

standard_jobs = st.builds(StandardJob, u32, u32, masks, hashes.map(MerkleRoot))
extended_jobs = st.builds(
    ExtendedJob,
    u32,
    u32,
    masks,
    st.binary(max_size=100),
    st.binary(max_size=100),
    st.lists(hashes, max_size=12).map(tuple),
    st.integers(0, 32),
)
jobs: st.SearchStrategy[Job] = st.one_of(standard_jobs, extended_jobs)
numbers = st.one_of(st.integers(0, 2**40), st.integers(0, 2**80))
NO_LIMIT = 2**90


def unit_of(job: Job, target: int = 2**250, ntime: int = 5) -> WorkUnit:
    return WorkUnit(1, job, Tip(BlockHash(b"\x11" * 32), 0x207FFFFF, ntime, 0.0), ntime, Target(target))


def rows(job: Job, *which: int) -> list[Row]:
    found = [row(unit_of(job), number, NO_LIMIT) for number in which]
    assert all(found)
    return [each for each in found if each is not None]


@given(jobs, st.lists(numbers, min_size=2, max_size=30, unique=True))
def test_two_numbers_are_never_the_same_attempts(job: Job, which: list[int]) -> None:
    assert len(set(rows(job, *which))) == len(which)


@given(jobs, st.integers(0, 2**60), st.integers(1, 200))
def test_neither_are_neighbours(job: Job, start: int, count: int) -> None:
    assert len(set(rows(job, *range(start, start + count)))) == count


@given(jobs, numbers)
def test_a_row_rolls_only_what_may_be_rolled(job: Job, number: int) -> None:
    (this,) = rows(job, number)
    assert this.version & ~job.version_mask == job.version & ~job.version_mask
    assert 0 <= this.version < 2**32
    assert len(this.extranonce) == job.extranonce_size
    assert 0 <= this.nonce_low < ROW_SIZE
    assert this.ntime >= 5


@given(jobs, numbers, st.integers(0, 7200))
def test_no_row_is_ahead_of_its_time(job: Job, number: int, lead: int) -> None:
    this = row(unit_of(job), number, lead)
    assert this is None or this.ntime <= 5 + lead


@given(st.integers(1, 5), st.integers(1, 2))
@settings(max_examples=5)
def test_workers_divide_the_rows_among_them(workers: int, turns: int) -> None:
    """Together they find what one alone finds in the same rows, and nothing twice."""
    unit = unit_of(StandardJob(1, 0, 0x1FFFFFE0, MerkleRoot(bytes(32))), 2**243)
    together = []
    for number in range(workers):
        stripe = Stripe(number, workers)
        stripe.batch = ROW_SIZE
        stripe.take(unit)
        together += [share for _ in range(turns) for share in stripe.dig(0)[1]]
    assert len(set(together)) == len(together)
    assert set(together) == set(grind(unit, 0, workers * turns * ROW_SIZE))


@given(jobs, st.integers(0, 2**70), st.integers(2**243, 2**256 - 1), u32)
@settings(max_examples=50)
def test_every_share_is_one_when_its_header_is_hashed_again(
    job: Job, start: int, target: int, ntime: int
) -> None:
    """With struct and hashlib alone: the 80 bytes as Bitcoin has them, little-endian throughout."""
    unit = unit_of(job, target, min(ntime, 2**31))
    if row(unit, start // ROW_SIZE, 1000) is None:
        return
    for share in grind(unit, start, 200, ntime_lead=1000):
        if isinstance(job, StandardJob):
            root: bytes = job.root
        else:
            coinbase = job.coinbase_head + share.extranonce + job.coinbase_tail
            root = sha256(sha256(coinbase).digest()).digest()
            for neighbour in job.merkle_path:
                root = sha256(sha256(root + neighbour).digest()).digest()
        header = struct.pack("<I", share.version) + b"\x11" * 32 + root
        header += struct.pack("<III", share.ntime, 0x207FFFFF, share.nonce)
        digest = sha256(sha256(header).digest()).digest()
        assert digest == share.hash
        assert int.from_bytes(digest, "little") <= target


# ── a lawful server is never accused ──


@st.composite
def fates(draw: st.DrawFn) -> list[tuple[str, int]]:
    """What happens in turn: shares are sent; any that waits is judged; an acknowledgement goes out."""
    steps = st.tuples(st.sampled_from(["send", "accept", "accept", "refuse", "ack"]), st.integers(0, 10**6))
    return draw(st.lists(steps, max_size=60))


@given(fates(), st.lists(st.fractions(0, 1000), min_size=1, max_size=5), st.booleans())
def test_shares_may_be_answered_in_any_order(
    steps: list[tuple[str, int]], difficulties: list[Fraction], round_each: bool
) -> None:
    """Delayed validation of some, batches of others, sums rounded down either way (spec 5.3.13, 5.3.14)."""
    submissions = Submissions()
    waiting: list[int] = []
    batch: list[int] = []
    weight: dict[int, Fraction] = {}
    accepted = refused = 0

    def acknowledge() -> None:
        each = [weight[sequence] for sequence in batch]
        total = sum(map(int, each)) if round_each else int(sum(each))
        submissions.acknowledge(max(batch), len(batch), total)
        batch.clear()

    for step, choice in [*steps, ("ack", 0)]:
        if step == "send":
            difficulty = difficulties[choice % len(difficulties)]
            sequence = submissions.add(difficulty, is_block=False)
            waiting.append(sequence)
            weight[sequence] = difficulty
        elif step == "accept" and waiting:
            batch.append(waiting.pop(choice % len(waiting)))
            accepted += 1
        elif step == "refuse" and waiting:
            submissions.refuse(waiting.pop(choice % len(waiting)), "stale-share")
            refused += 1
        elif step == "ack" and batch:
            acknowledge()
    assert submissions.accepted == accepted
    assert sum(submissions.refused.values()) == refused
    assert submissions.waiting == len(waiting)


class LawfulServer:
    """Says whatever a server may say at the moment, as a test draws it."""

    def __init__(self, extended: bool) -> None:
        self.extended = extended
        self.job_id = 10  # job 1 and OTHER were the first of the two channels
        self.future: dict[int, set[int]] = {CHANNEL: set(), OTHER: set()}
        self.group = {GROUP: {CHANNEL, OTHER}}

    def say(self, what: str, whom: int) -> Message | None:
        """One message, or None when it would be against the rules now."""
        channel_id = (CHANNEL, OTHER)[whom % 2]
        members = self.group[GROUP]
        match what:
            case "job" | "active job":
                self.job_id += 1
                min_ntime = None if what == "job" else NTIME + whom
                if self.extended and whom % 3 == 0:
                    channel_id = GROUP
                for member in members if channel_id == GROUP else {channel_id}:
                    if min_ntime is None:
                        self.future[member].add(self.job_id)
                make = extended_job if self.extended else standard_job
                return make(self.job_id, channel_id, min_ntime)
            case "tip":
                whole_group = self.extended and whom % 3 == 0
                named = (
                    set.intersection(*self.future.values()) if whole_group else set(self.future[channel_id])
                )
                if not named or (whole_group and members != {CHANNEL, OTHER}):
                    return None
                for member in members if whole_group else {channel_id}:
                    self.future[member].clear()
                job_id = sorted(named)[whom % len(named)]
                return tip(job_id, GROUP if whole_group else channel_id, bytes([whom % 256]) * 32)
            case "target":
                return SetTarget(
                    (channel_id, GROUP)[whom % 3 == 0], target_to_wire(Target(2**255 >> whom % 9))
                )
            case "prefix":
                self.job_id += 1
                fresh = self.job_id.to_bytes(4, "big")
                return SetExtranoncePrefix(channel_id, fresh if self.extended else fresh * 4)
            case "group" if self.extended:
                home = members if whom % 2 else self.group.setdefault(50, set())
                for channels in self.group.values():
                    channels.discard(channel_id)
                home.add(channel_id)
                return SetGroupChannel(GROUP if home is members else 50, (channel_id,))
        return None


says = st.tuples(
    st.sampled_from(["job", "active job", "tip", "target", "prefix", "group"]), st.integers(0, 999)
)


@given(st.booleans(), st.lists(says, max_size=40))
def test_whatever_a_lawful_server_says_is_mined(extended: bool, said: list[tuple[str, int]]) -> None:
    talk, server = Talk(EXTENDED if extended else STANDARD), LawfulServer(extended)
    talk.work()
    talk.open_another()
    active: dict[int, int] = {}
    for what, whom in said:
        message = server.say(what, whom)
        if message is None:
            continue
        for deed in talk.hear(message):
            if isinstance(deed, Mine):
                assert deed.unit.job.job_id == getattr(message, "job_id", None)
                assert deed.unit.target == next(
                    channel.target
                    for channel in talk.client.channels
                    if channel.terms.channel_id == deed.unit.channel_id
                )
                active[deed.unit.channel_id] = deed.unit.job.job_id
    assert set(active) <= {CHANNEL, OTHER}
