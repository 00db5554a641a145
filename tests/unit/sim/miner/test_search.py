"""The digits of the search: what moves first, what moves last, and what never moves."""

from sluice.bitcoin.hashes import BlockHash, MerkleRoot
from sluice.bitcoin.target import Target
from sluice.sim.miner.search import ROW_SIZE, row
from sluice.sim.miner.work_unit import ROLLABLE_BITS, ExtendedJob, StandardJob, Tip, WorkUnit

TIP = Tip(BlockHash(bytes(32)), 0x207FFFFF, min_ntime=100, since=0.0)


def standard(mask: int) -> WorkUnit:
    return WorkUnit(1, StandardJob(1, 0x3FFFFFFF, mask, MerkleRoot(bytes(32))), TIP, 100, Target(1))


def extended(mask: int, size: int) -> WorkUnit:
    return WorkUnit(1, ExtendedJob(1, 0x20000000, mask, b"", b"", (), size), TIP, 100, Target(1))


def test_sixteen_versions_come_before_the_next_extranonce() -> None:
    unit = extended(ROLLABLE_BITS, 4)
    rows = [row(unit, number, 0) for number in range(33)]
    assert all(rows)
    versions = [each.version for each in rows if each]
    extranonces = [each.extranonce for each in rows if each]
    assert versions[:16] == [0x20000000 | i << 5 for i in range(16)]
    assert versions[16:32] == versions[:16]
    assert extranonces[:17] == [bytes(4)] * 16 + [bytes(3) + b"\x01"]
    assert extranonces[32] == bytes(3) + b"\x02"


def test_then_the_nonces_lower_half() -> None:
    unit = extended(ROLLABLE_BITS, 1)
    first, following = row(unit, 16 * 256 - 1, 0), row(unit, 16 * 256, 0)
    assert first is not None
    assert following is not None
    assert (first.nonce_low, first.extranonce) == (0, b"\xff")
    assert (following.nonce_low, following.extranonce) == (1, b"\x00")


def test_then_the_other_version_bits_and_time_at_last() -> None:
    unit = standard(ROLLABLE_BITS)
    whole = (1 << 24) * 65536
    last = row(unit, whole - 1, 0)
    assert last is not None
    assert last.version == 0x3FFFFFFF  # all bits of the mask, and those outside it as they were
    assert last.ntime == 100
    assert row(unit, whole, 0) is None
    following = row(unit, whole, 1)
    assert following is not None
    assert following.ntime == 101


def test_bits_outside_the_mask_stay_as_the_job_has_them() -> None:
    unit = standard(0x00006000)
    seen = {each.version for number in range(4) if (each := row(unit, number, 0))}
    assert seen == {0x3FFF9FFF | bits for bits in (0, 0x2000, 0x4000, 0x6000)}


def test_a_fixed_version_leaves_the_nonce_and_time() -> None:
    unit = standard(0)
    assert row(unit, 65536, 0) is None
    following = row(unit, 65536, 1)
    assert following is not None
    assert (following.version, following.ntime, following.nonce_low) == (0x3FFFFFFF, 101, 0)


def test_a_row_and_a_nonces_half_make_a_nonce() -> None:
    assert ROW_SIZE * 65536 == 1 << 32
