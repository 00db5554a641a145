"""One worker's rows: all of them, in order, once per tip, in batches of the right length."""

from dataclasses import replace

import pytest

from sluice.bitcoin.hashes import BlockHash, MerkleRoot
from sluice.bitcoin.target import MAX_TARGET, Target
from sluice.sim.miner.hasher import grind
from sluice.sim.miner.search import ROW_SIZE
from sluice.sim.miner.stripe import BATCH_SECONDS, Stripe
from sluice.sim.miner.work_unit import ROLLABLE_BITS, Share, StandardJob, Tip, WorkUnit

TIP = Tip(BlockHash(b"\x11" * 32), 0x207FFFFF, min_ntime=1_000, since=0.0)
JOB = StandardJob(1, 0x20000000, ROLLABLE_BITS, MerkleRoot(b"\x22" * 32))
UNIT = WorkUnit(2, JOB, TIP, 1_000, Target(1 << 246))


def rows_of(stripe: Stripe, rows: int) -> list[Share]:
    """Dig through so many rows."""
    shares: list[Share] = []
    tried = 0
    while tried < rows * ROW_SIZE:
        count, found = stripe.dig(0)
        tried += count
        shares += found
    return shares


def test_it_takes_every_nth_row() -> None:
    stripe = Stripe(1, 3)
    stripe.batch = ROW_SIZE // 4
    stripe.take(UNIT)
    expected = grind(UNIT, 1 * ROW_SIZE, ROW_SIZE) + grind(UNIT, 4 * ROW_SIZE, ROW_SIZE)
    assert expected
    assert rows_of(stripe, 2) == expected


def test_a_new_job_on_the_same_tip_goes_on_where_it_was() -> None:
    stripe = Stripe(0, 1)
    stripe.batch = ROW_SIZE
    stripe.take(UNIT)
    first = rows_of(stripe, 1)
    stripe.take(replace(UNIT, job=replace(JOB, job_id=2)))
    assert not set(first) & set(rows_of(stripe, 1))


def test_a_new_tip_begins_anew() -> None:
    stripe = Stripe(0, 1)
    stripe.batch = ROW_SIZE
    stripe.take(UNIT)
    rows_of(stripe, 1)
    other = replace(UNIT, tip=replace(TIP, prev_hash=BlockHash(b"\x44" * 32)))
    stripe.take(other)
    assert rows_of(stripe, 1) == grind(other, 0, ROW_SIZE)


def test_it_rests_without_work_and_when_all_is_tried() -> None:
    stripe = Stripe(65_535, 65_536)
    assert stripe.rests(0)
    stripe.batch = ROW_SIZE
    stripe.take(replace(UNIT, job=replace(JOB, version_mask=0), target=MAX_TARGET))
    assert not stripe.rests(0)
    stripe.dig(0)
    assert stripe.rests(0)
    assert not stripe.rests(1)
    stripe.take(None)
    assert stripe.rests(1_000)


@pytest.mark.parametrize("rate", [10_000, 300_000, 2_000_000, 10_000_000])
def test_batches_grow_and_shrink_to_the_time_they_may_take(rate: int) -> None:
    stripe = Stripe(0, 1)
    for begin in (1 << 8, ROW_SIZE):
        stripe.batch = begin
        for _ in range(20):
            stripe.pace(stripe.batch / rate)
        took = stripe.batch / rate
        assert took <= BATCH_SECONDS * 1.5
        assert took >= BATCH_SECONDS / 2 or stripe.batch == ROW_SIZE


def test_batches_of_any_length_leave_nothing_out() -> None:
    stripe = Stripe(0, 1)
    stripe.take(UNIT)
    tried, shares = 0, []
    for batch in (256, 65_536, 1_024, 512, 65_536, 65_536):
        stripe.batch = batch
        count, found = stripe.dig(0)
        tried += count
        shares += found
    assert shares == grind(UNIT, 0, tried)
    assert tried > ROW_SIZE
