"""Every share that is found meets its target, and none is missed: recomputed with Header, one by one."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from sluice.bitcoin.hashes import BlockHash, MerkleRoot, from_display
from sluice.bitcoin.header import Header
from sluice.bitcoin.target import MAX_TARGET, Target, target_from_nbits
from sluice.sim.miner.hasher import exhausted, grind, measure
from sluice.sim.miner.search import ROW_SIZE, row
from sluice.sim.miner.work_unit import ROLLABLE_BITS, ExtendedJob, Share, StandardJob, Tip, WorkUnit

TIP = Tip(BlockHash(b"\x11" * 32), 0x207FFFFF, min_ntime=1_700_000_000, since=0.0)
STANDARD = StandardJob(1, 0x20000000, ROLLABLE_BITS, MerkleRoot(b"\x22" * 32))
EXTENDED = ExtendedJob(1, 0x20000000, ROLLABLE_BITS, b"head", b"tail", (b"\x33" * 32,), 4)
FIXED = StandardJob(1, 4, 0, MerkleRoot(b"\x22" * 32))


def unit(target: int, job: StandardJob | ExtendedJob = STANDARD) -> WorkUnit:
    return WorkUnit(2, job, TIP, TIP.min_ntime, Target(target))


def slowly(unit: WorkUnit, start: int, count: int) -> list[Share]:
    """The same by the specification's words, header by header."""
    found = []
    for attempt in range(start, start + count):
        this = row(unit, attempt // ROW_SIZE, 0)
        assert this is not None
        nonce = this.nonce_low | (attempt % ROW_SIZE) << 16
        root = unit.job.merkle_root(this.extranonce)
        header = Header(this.version, unit.tip.prev_hash, root, this.ntime, unit.tip.nbits, nonce)
        digest = sha256(sha256(header.to_bytes()).digest()).digest()
        if int.from_bytes(digest, "little") <= unit.target:
            found.append(Share(nonce, this.version, this.ntime, this.extranonce, BlockHash(digest)))
    return found


@pytest.mark.parametrize("job", [STANDARD, EXTENDED, FIXED], ids=["standard", "extended", "fixed"])
@pytest.mark.parametrize(
    "target",
    [MAX_TARGET, 1 << 255, (1 << 252) - 1, 0x0F << 248 | 5, 1 << 247, 1 << 245],
    ids=["all", "half", "sixteenth", "sixteenth and a bit", "512th", "2048th"],
)
@pytest.mark.parametrize("start", [0, 12_345, ROW_SIZE - 1_000], ids=["first", "within", "over a row's end"])
def test_exactly_the_shares_are_found(job: StandardJob | ExtendedJob, target: int, start: int) -> None:
    work = unit(target, job)
    shares = grind(work, start, 2_000)
    assert shares == slowly(work, start, 2_000)
    if target == MAX_TARGET:
        assert len(shares) == 2_000


def test_a_hash_equal_to_the_target_is_a_share() -> None:
    share = grind(unit(1 << 250), 0, 2_000)[0]
    value = int.from_bytes(share.hash, "little")
    assert share in grind(unit(value), 0, 2_000)
    assert share not in grind(unit(value - 1), 0, 2_000)


def test_the_genesis_block_is_found() -> None:
    """Bitcoin's first: its nonce, from its other fields."""
    nonce, nbits = 2_083_236_893, 0x1D00FFFF
    root = from_display("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")
    genesis = WorkUnit(
        channel_id=1,
        job=StandardJob(1, 1, 0, MerkleRoot(root)),
        tip=Tip(BlockHash(bytes(32)), nbits, 1_231_006_505, 0.0),
        ntime=1_231_006_505,
        target=target_from_nbits(nbits),
    )
    low, high = nonce & 0xFFFF, nonce >> 16
    (share,) = grind(genesis, low * ROW_SIZE + high - 50, 100)
    assert share.nonce == nonce
    assert share.hash == from_display("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")


def test_nothing_is_tried_before_its_time() -> None:
    work = unit(MAX_TARGET, FIXED)
    whole = 1 << 32
    assert grind(work, whole, 10) == []
    assert len(grind(work, whole - 5, 10)) == 5
    assert exhausted(work, whole, 0)
    assert not exhausted(work, whole - 1, 0)
    late = grind(work, whole, 10, ntime_lead=1)
    assert {share.ntime for share in late} == {TIP.min_ntime + 1}
    assert not exhausted(work, whole, 1)


def test_the_measure_is_hashes_over_time() -> None:
    def clock_of(step: float) -> Callable[[], float]:
        times = iter(step * i for i in range(1_000))
        return lambda: next(times)

    assert measure(clock_of(0.1)) == pytest.approx(4096 / 0.1)
    assert measure(clock_of(0.5)) == pytest.approx(4096 / 0.5)
