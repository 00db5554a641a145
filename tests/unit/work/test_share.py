"""Judging: each fate, the order of the checks, blocks above all, and SRI's golden shares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pytest

from sluice.bitcoin.coinbase import CoinbasePlan, split_coinbase
from sluice.bitcoin.hashes import BlockHash, sha256d
from sluice.bitcoin.header import Header
from sluice.bitcoin.target import (
    MAX_TARGET,
    Target,
    target_for_hashrate,
    target_from_nbits,
    target_from_wire,
)
from sluice.bitcoin.transaction import TxOut
from sluice.work.channel import Channel, IssuedJob
from sluice.work.job import VERSION_ROLLING_MASK, Job, cut
from sluice.work.share import Judgement, judge
from sluice.work.template import Template, Tip, tip_of
from sluice.work.verdict import Verdict
from support.vectors import case_name, vector_cases
from support.work import (
    EARLIEST,
    EASY_NBITS,
    HARD_NBITS,
    HEIGHT,
    MAX_NTIME,
    NTIME,
    PAYOUT,
    VERSION,
    extended,
    spend,
    standard,
    template,
)

GRACE_ENDS = 100.0
PAST_JOB, OLDER_JOB, NEWER_JOB = 1, 2, 3
ROLLED = b"\x0a" * 12


@dataclass(frozen=True)
class Sent:
    """A share, and the moment at which it is judged."""

    job_id: int = NEWER_JOB
    nonce: int = 0
    ntime: int = NTIME + 5
    version: int = VERSION
    extranonce: bytes = ROLLED
    now: float = GRACE_ENDS - 1

    def judged(self, channel: Channel) -> Judgement:
        share = (self.job_id, self.nonce, self.ntime, self.version)
        return judge(channel, share, self.extranonce, self.now, MAX_NTIME)


def mining(channel: Channel, nbits: int = HARD_NBITS) -> Channel:
    """The channel with a job of the past, and two on its tip."""
    before = template(nbits=nbits, transactions=(spend(1), spend(2)))
    now = template(HEIGHT + 1, nbits=nbits, transactions=(spend(3), spend(4), spend(5)))
    channel.issue(cut(before, PAYOUT, PAST_JOB).on(tip_of(before), NTIME), 10)
    channel.turn_to(cut(now, PAYOUT, OLDER_JOB).on(tip_of(now), NTIME), GRACE_ENDS)
    channel.issue(cut(now, PAYOUT, NEWER_JOB).on(tip_of(now), NTIME), 10)
    return channel


def header_of(channel: Channel, sent: Sent) -> Header:
    """The header that the miner of this share hashed, by the book."""
    issued = channel.jobs.get(sent.job_id) or channel.past[sent.job_id]
    job = issued.job
    root = job.merkle_root(channel.extranonce_prefix + sent.extranonce)
    return Header(sent.version, job.tip.prev_hash, root, sent.ntime, job.tip.nbits, sent.nonce)  # type: ignore[arg-type]


def with_luck(channel: Channel, sent: Sent, *, lucky: bool = True) -> Sent:
    """The share with the first nonce that is a block, or with the first that is none."""
    tries = (replace(sent, nonce=nonce) for nonce in range(1_000))
    return next(
        share
        for share in tries
        if (int.from_bytes(header_of(channel, share).hash(), "little") <= target_from_nbits(EASY_NBITS))
        is lucky
    )


def test_a_good_extended_share_and_all_that_is_said_of_it() -> None:
    channel, sent = mining(extended()), Sent()
    header = header_of(channel, sent)
    assert sent.judged(channel) == Judgement(
        verdict=Verdict.ACCEPTED,
        candidate=False,
        issued=channel.jobs[NEWER_JOB],
        header=header.to_bytes(),
        header_hash=header.hash(),
        hash_value=int.from_bytes(header.hash(), "little"),
        extranonce=channel.extranonce_prefix + ROLLED,
    )


def test_a_good_standard_share_leaves_the_extranonce_to_the_job() -> None:
    channel, sent = mining(standard()), Sent(extranonce=b"")
    judgement = sent.judged(channel)
    assert judgement.verdict is Verdict.ACCEPTED
    assert judgement.header == header_of(channel, sent).to_bytes()
    assert judgement.extranonce == b""
    assert judgement.issued is not None
    assert judgement.issued.prefix == channel.extranonce_prefix


def test_an_earlier_job_of_the_tip_is_good() -> None:
    assert Sent(job_id=OLDER_JOB).judged(mining(extended())).verdict is Verdict.ACCEPTED


def test_without_a_job_or_with_a_wrong_extranonce_nothing_was_hashed() -> None:
    channel = mining(extended(), EASY_NBITS)
    assert Sent(job_id=9).judged(channel) == (Verdict.UNKNOWN_JOB, False, None, b"", b"", 0, b"")
    for extranonce in (b"", ROLLED[1:], ROLLED + b"\x00", channel.extranonce_prefix + ROLLED):
        judgement = Sent(extranonce=extranonce).judged(channel)
        issued = channel.jobs[NEWER_JOB]
        assert judgement == (Verdict.BAD_EXTRANONCE_SIZE, False, issued, b"", b"", 0, b"")
    assert Sent(extranonce=ROLLED).judged(mining(standard())).verdict is Verdict.BAD_EXTRANONCE_SIZE


def test_judging_twice_is_judging_once() -> None:
    channel, sent = mining(extended()), Sent()
    assert sent.judged(channel) == sent.judged(channel)
    assert channel.tally.shares == {}


@pytest.mark.parametrize("bit", range(32))
def test_only_the_general_purpose_bits_may_be_rolled(bit: int) -> None:
    verdict = Sent(version=VERSION ^ 1 << bit).judged(mining(extended())).verdict
    assert verdict is (Verdict.ACCEPTED if VERSION_ROLLING_MASK >> bit & 1 else Verdict.BAD_VERSION)


@pytest.mark.parametrize(
    ("ntime", "verdict"),
    [
        (0, Verdict.BAD_NTIME),
        (EARLIEST - 1, Verdict.BAD_NTIME),
        (EARLIEST, Verdict.ACCEPTED),
        (MAX_NTIME, Verdict.ACCEPTED),
        (MAX_NTIME + 1, Verdict.BAD_NTIME),
        (2**32 - 1, Verdict.BAD_NTIME),
    ],
)
def test_the_time_is_one_that_a_block_could_have(ntime: int, verdict: Verdict) -> None:
    assert Sent(ntime=ntime).judged(mining(extended())).verdict is verdict


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (0.0, Verdict.LATE),
        (GRACE_ENDS, Verdict.LATE),
        (GRACE_ENDS + 0.001, Verdict.STALE),
    ],
)
def test_a_share_for_the_tip_before_is_late_then_stale(now: float, verdict: Verdict) -> None:
    channel, sent = mining(extended()), Sent(job_id=PAST_JOB, now=now)
    judgement = sent.judged(channel)
    assert judgement.verdict is verdict
    assert judgement.header == header_of(channel, sent).to_bytes()


def test_what_is_older_than_the_tip_before_is_unknown() -> None:
    channel = mining(extended())
    later = template(HEIGHT + 2)
    channel.turn_to(cut(later, PAYOUT, 4).on(tip_of(later), NTIME), GRACE_ENDS)
    assert Sent(job_id=PAST_JOB).judged(channel).verdict is Verdict.UNKNOWN_JOB
    assert Sent(job_id=NEWER_JOB).judged(channel).verdict is Verdict.LATE
    assert Sent(job_id=4).judged(channel).verdict is Verdict.ACCEPTED


def test_a_prefix_that_moved_does_not_move_a_job() -> None:
    channel, sent = mining(extended()), Sent()
    before = sent.judged(channel)
    channel.move_to(b"\x09\x00\x00\x00", None)
    assert sent.judged(channel) == before


@pytest.mark.parametrize("job_id", [PAST_JOB, NEWER_JOB])
def test_a_share_is_paid_once_whatever_turned_meanwhile(job_id: int) -> None:
    channel, sent = mining(extended()), Sent(job_id=job_id)
    channel.seen.add(sent.judged(channel).header_hash)
    assert sent.judged(channel).verdict is Verdict.DUPLICATE
    channel.retire_jobs(GRACE_ENDS)
    again = sent.judged(channel).verdict
    assert again is (Verdict.DUPLICATE if job_id == NEWER_JOB else Verdict.UNKNOWN_JOB)


def test_a_hash_equal_to_the_target_meets_it() -> None:
    channel, sent = mining(extended()), Sent()
    issued = channel.jobs[NEWER_JOB]
    value = sent.judged(channel).hash_value
    for target, verdict in ((value, Verdict.ACCEPTED), (value - 1, Verdict.TOO_EASY)):
        channel.jobs[NEWER_JOB] = IssuedJob(issued.job, Target(target), issued.prefix, None)
        assert sent.judged(channel).verdict is verdict


def test_a_hash_equal_to_the_networks_target_is_a_block() -> None:
    channel, sent = mining(extended()), Sent()
    issued = channel.jobs[NEWER_JOB]
    value = sent.judged(channel).hash_value
    for target, is_block in ((value, True), (value - 1, False)):
        tip = replace(issued.job.tip, target=Target(target))
        channel.jobs[NEWER_JOB] = IssuedJob(issued.job.on(tip, NTIME), MAX_TARGET, issued.prefix, None)
        assert sent.judged(channel).candidate is is_block


@pytest.mark.parametrize("later", [1, MAX_TARGET])
def test_a_target_that_came_later_changes_nothing(later: int) -> None:
    channel = mining(extended(Target(2**255)))
    verdicts = [Sent(nonce=nonce).judged(channel).verdict for nonce in range(20)]
    assert {*verdicts} == {Verdict.ACCEPTED, Verdict.TOO_EASY}
    channel.target = Target(later)
    assert [Sent(nonce=nonce).judged(channel).verdict for nonce in range(20)] == verdicts


# The order of the checks. Each fault makes an otherwise good share earn its verdict; of two, the first wins.
Fault = Callable[[Channel, Sent], Sent]


def already_paid(channel: Channel, sent: Sent) -> Sent:
    channel.seen.add(sent.judged(channel).header_hash)
    return sent


def too_hard_a_job(channel: Channel, sent: Sent) -> Sent:
    for jobs in (channel.jobs, dict(channel.past)):
        jobs.update({number: IssuedJob(it.job, Target(0), it.prefix, None) for number, it in jobs.items()})
        channel.past = jobs if PAST_JOB in jobs else channel.past
    return sent


FAULTS: list[tuple[Verdict, Fault]] = [
    (Verdict.UNKNOWN_JOB, lambda _, sent: replace(sent, job_id=77)),
    (Verdict.BAD_EXTRANONCE_SIZE, lambda _, sent: replace(sent, extranonce=bytes(11))),
    (Verdict.BAD_VERSION, lambda _, sent: replace(sent, version=sent.version | 1)),
    (Verdict.BAD_NTIME, lambda _, sent: replace(sent, ntime=MAX_NTIME + 1)),
    (Verdict.STALE, lambda _, sent: replace(sent, job_id=min(sent.job_id, PAST_JOB), now=GRACE_ENDS + 1)),
    (Verdict.DUPLICATE, already_paid),
    (Verdict.TOO_EASY, too_hard_a_job),
]
UNSEEN = {Verdict.UNKNOWN_JOB, Verdict.BAD_EXTRANONCE_SIZE}


def several(verdicts: int) -> Iterator[tuple[tuple[Verdict, Fault], ...]]:
    return combinations(FAULTS, verdicts)


def spoiled(channel: Channel, faults: tuple[tuple[Verdict, Fault], ...], sent: Sent) -> Sent:
    # An unknown job last: the others look at the job.
    for _, fault in sorted(faults, key=lambda each: each[0] is Verdict.UNKNOWN_JOB):
        sent = fault(channel, sent)
    return sent


@pytest.mark.parametrize("faults", [*several(1), *several(2), *several(3)])
def test_the_first_fault_in_order_is_the_verdict(faults: tuple[tuple[Verdict, Fault], ...]) -> None:
    channel = mining(extended())
    judgement = spoiled(channel, faults, Sent()).judged(channel)
    assert judgement.verdict is faults[0][0]
    assert judgement.candidate is False


@pytest.mark.parametrize("lucky", [True, False])
@pytest.mark.parametrize(
    "faults", [each for number in range(6) for each in several(number) if not UNSEEN & {v for v, _ in each}]
)
def test_a_block_is_a_candidate_whatever_else_is_wrong(
    faults: tuple[tuple[Verdict, Fault], ...], lucky: bool
) -> None:
    channel = mining(extended(), EASY_NBITS)
    sent = with_luck(channel, spoiled(channel, faults, Sent()), lucky=lucky)
    judgement = sent.judged(channel)
    assert judgement.candidate is lucky
    assert judgement.header == header_of(channel, sent).to_bytes()
    assert judgement.header_hash == header_of(channel, sent).hash()


def test_a_block_found_on_a_retired_job_is_a_candidate() -> None:
    channel = mining(standard(), EASY_NBITS)
    sent = with_luck(channel, Sent(extranonce=b""))
    channel.retire_jobs(0.0)
    judgement = sent.judged(channel)
    assert judgement.verdict is Verdict.STALE
    assert judgement.candidate


def test_a_candidate_need_not_meet_a_target_harder_than_the_networks() -> None:
    channel = mining(extended(Target(1)), EASY_NBITS)
    judgement = with_luck(channel, Sent()).judged(channel)
    assert judgement.verdict is Verdict.TOO_EASY
    assert judgement.candidate


# SRI's golden shares. What differs on purpose:
# - an extranonce is 16 bytes with us and 32 or 27 there, so their jobs are put into the channel as they are;
# - a found block is a share with `candidate` set, not a verdict of its own;
# - a block that misses its job's target is an accepted share there. With us it is submitted and not paid, for
#   it did not do the job's work. Targets harder than the network's exist on regtest only;
# - we look at the version before the time, they the other way round; no vector has both wrong;
# - they refuse a share of a wrong time unhashed, we hash it all the same, it may be a block;
# - a block seen twice is a duplicate with both; that it is submitted once is the pool's business with us.
WORDS = {
    Verdict.TOO_EASY: "difficulty-too-low",
    Verdict.DUPLICATE: "duplicate-share",
    Verdict.BAD_NTIME: "invalid-share",
    Verdict.BAD_VERSION: "invalid-non-rollable-version-bit",
}
GOOD = {"valid": [False], "block_found": [True], "accepted": [False, True]}


class Replay:
    """A channel as SRI's tests drive it."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        if "target_le" in inputs:
            target = target_from_wire(bytes.fromhex(inputs["target_le"]))
        else:
            rate = target_for_hashrate(inputs["nominal_hashrate"], inputs["expected_share_per_minute"])
            target = min(rate, target_from_wire(bytes.fromhex(inputs["requested_max_target_le"])))
        self.channel = standard(target)
        self.prefix = bytes.fromhex(inputs["extranonce_prefix"])
        self.tip: Tip | None = None
        self.sent_ahead: dict[int, tuple[Template, bytes]] = {}
        self.shares = 0

    def step(self, step: dict[str, Any]) -> None:
        getattr(self, step["op"])(step)

    def set_target(self, step: dict[str, Any]) -> None:
        self.channel.target = target_from_wire(bytes.fromhex(step["target_le"]))

    def set_chain_tip(self, step: dict[str, Any]) -> None:
        nbits = step["nbits"]
        prev_hash = BlockHash(bytes.fromhex(step["prev_hash"]))
        self.tip = Tip(prev_hash, HEIGHT, nbits, step["min_ntime"], target_from_nbits(nbits))

    def new_template(self, step: dict[str, Any]) -> None:
        given, (reward,) = step["template"], step["coinbase_reward_outputs"]
        node_output = bytes.fromhex(given["coinbase_tx_outputs"])
        plan = CoinbasePlan(
            prefix_script=bytes.fromhex(given["coinbase_prefix"]),
            pool_tag=b"Sv2///",
            extranonce_size=len(self.prefix),
            outputs=(
                TxOut(reward["value"], bytes.fromhex(reward["script_pubkey"])),
                TxOut(int.from_bytes(node_output[:8], "little"), node_output[9:]),
            ),
            sequence=given["coinbase_tx_input_sequence"],
            locktime=given["coinbase_tx_locktime"],
        )
        offered = template(
            version=given["version"], merkle_path=tuple(map(bytes.fromhex, given["merkle_path"]))
        )
        job = Job(given["template_id"], offered, split_coinbase(plan))
        root = job.merkle_root(self.prefix)
        if job_sent := step["expected"].get("new_mining_job"):
            assert root.hex() == job_sent["merkle_root"]
        assert not given["future_template"]
        self._issue(job, root)

    def new_mining_job(self, step: dict[str, Any]) -> None:
        assert step["min_ntime"] is None
        root = bytes.fromhex(step["merkle_root"])
        self.sent_ahead[step["job_id"]] = template(version=step["version"]), root

    def mining_set_new_prev_hash(self, step: dict[str, Any]) -> None:
        self.set_chain_tip(step)
        offered, root = self.sent_ahead[step["job_id"]]
        self.channel.retire_jobs(0.0)
        self._issue(cut(offered, PAYOUT, step["job_id"]), root)

    def tdp_set_new_prev_hash(self, step: dict[str, Any]) -> None:
        assert not step["expected"]["ok"]  # of a template that is not known: nothing happens

    def submit_share(self, step: dict[str, Any]) -> None:
        for nonce in range(*step.get("nonce_range", (step["nonce"], step["nonce"] + 1))):
            share = (step["job_id"], nonce, step["ntime"], step["version"])
            judgement = judge(self.channel, share, b"", 1.0, 2**32 - 1)
            if judgement.verdict.credited:
                self.channel.seen.add(judgement.header_hash)
            self._compare(judgement, step)
            self.shares += 1

    def _issue(self, job: Job, root: bytes) -> None:
        assert self.tip is not None
        active = job.on(self.tip, self.tip.min_ntime)
        self.channel.jobs[job.job_id] = IssuedJob(active, self.channel.target, self.prefix, root)

    def _compare(self, judgement: Judgement, step: dict[str, Any]) -> None:
        expected, derived = step["expected"], step.get("derived")
        if judgement.candidate and judgement.verdict is Verdict.TOO_EASY:
            # And hence, sent again, no duplicate of a share that was paid.
            assert expected.get("error_code", expected["verdict"]) in ("block_found", "duplicate-share")
        elif expected["verdict"] == "rejected":
            assert WORDS[judgement.verdict] == expected["error_code"]
        else:
            assert judgement.verdict is Verdict.ACCEPTED
            assert judgement.candidate in GOOD[expected["verdict"]]
        if derived:
            assert judgement.header.hex() == derived["header"]
            assert judgement.header_hash[::-1].hex() == derived["share_hash_be"]
        if "share_hash_be" in expected:
            assert judgement.header_hash[::-1].hex() == expected["share_hash_be"]


SHARED = [
    case
    for case in vector_cases("sri_standard_channel.json")
    if any(step["op"] == "submit_share" for step in case["steps"])
]


@pytest.mark.parametrize("case", SHARED, ids=case_name)
def test_sris_golden_shares_have_the_same_fate_here(case: dict[str, Any]) -> None:
    replay = Replay(case["inputs"]["channel"])
    for step in case["steps"]:
        replay.step(step)
    assert replay.shares


def test_sris_shares_are_all_there() -> None:
    assert len(SHARED) == 14


def test_the_hash_is_that_of_the_header() -> None:
    judgement = Sent().judged(mining(extended()))
    assert judgement.header_hash == sha256d(judgement.header)
