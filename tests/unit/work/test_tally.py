"""Counters, and hash rates that are right from the first minute on."""

import pytest

from sluice.work.tally import WINDOWS, Tally
from sluice.work.verdict import Verdict


def test_a_new_tally_is_empty() -> None:
    tally = Tally(5.0)
    assert (tally.shares, tally.work, tally.best_hash, tally.last_share) == ({}, 0, None, None)
    assert tally.accepted == 0
    assert tally.refused == {}
    assert tally.hashrates(5.0) == tally.hashrates(100.0) == (0.0, 0.0, 0.0)


def test_credited_shares_add_up_exactly() -> None:
    tally = Tally(0.0)
    tally.credit(Verdict.ACCEPTED, 2**70 + 1, 500, 1.0)
    tally.credit(Verdict.LATE, 3, 400, 2.0)
    tally.credit(Verdict.ACCEPTED, 3, 600, 3.0)
    assert tally.shares == {Verdict.ACCEPTED: 2, Verdict.LATE: 1}
    assert tally.work == 2**70 + 7
    assert tally.best_hash == 400
    assert tally.last_share == 3.0
    assert tally.accepted == 3


def test_refusals_are_counted_by_reason_and_are_worth_nothing() -> None:
    tally = Tally(0.0)
    tally.credit(Verdict.ACCEPTED, 10, 1, 1.0)
    for verdict in (Verdict.STALE, Verdict.DUPLICATE, Verdict.STALE):
        tally.refuse(verdict)
    assert tally.refused == {Verdict.STALE: 2, Verdict.DUPLICATE: 1}
    assert (tally.accepted, tally.work, tally.last_share) == (1, 10, 1.0)


def test_a_tally_absorbs_another() -> None:
    one, other = Tally(0.0), Tally(0.0)
    one.credit(Verdict.ACCEPTED, 10, 700, 5.0)
    one.refuse(Verdict.STALE)
    other.credit(Verdict.ACCEPTED, 2**70, 600, 4.0)
    other.credit(Verdict.LATE, 1, 800, 3.0)
    one.absorb(other)
    assert one.shares == {Verdict.ACCEPTED: 2, Verdict.LATE: 1, Verdict.STALE: 1}
    assert (one.work, one.best_hash, one.last_share) == (2**70 + 11, 600, 5.0)
    assert (other.accepted, other.work) == (2, 2**70 + 1)


@pytest.mark.parametrize("empty_first", [True, False])
def test_an_empty_tally_adds_nothing_and_takes_all(empty_first: bool) -> None:
    empty, full = Tally(0.0), Tally(0.0)
    empty.absorb(Tally(0.0))
    assert (empty.work, empty.best_hash, empty.last_share) == (0, None, None)
    full.credit(Verdict.ACCEPTED, 10, 0, 0.0)
    absorbing, absorbed = (empty, full) if empty_first else (full, empty)
    absorbing.absorb(absorbed)
    assert (absorbing.accepted, absorbing.work) == (1, 10)
    assert (absorbing.best_hash, absorbing.last_share) == (0, 0.0)


def test_no_share_is_better_than_the_best_and_zero_is() -> None:
    tally = Tally(0.0)
    tally.credit(Verdict.ACCEPTED, 1, 0, 1.0)
    tally.credit(Verdict.ACCEPTED, 1, 7, 1.0)
    assert tally.best_hash == 0


@pytest.mark.parametrize("seconds", [1, 30, 60, 300, 4_000])
def test_a_steady_rate_is_told_from_the_start(seconds: int) -> None:
    tally = Tally(1_000.0)
    for second in range(1, seconds + 1):
        tally.credit(Verdict.ACCEPTED, 50, 1, 1_000.0 + second)
        tally.settle(1_000.0 + second)
    assert tally.hashrates(1_000.0 + seconds) == pytest.approx((50.0, 50.0, 50.0))


def test_shares_that_come_together_all_count() -> None:
    tally = Tally(0.0)
    for _ in range(4):
        tally.credit(Verdict.ACCEPTED, 30, 1, 1.0)
    assert tally.hashrates(2.0) == pytest.approx((60.0, 60.0, 60.0))


def test_how_often_it_is_settled_does_not_matter_when_nothing_comes() -> None:
    often, seldom = Tally(0.0), Tally(0.0)
    for tally in (often, seldom):
        tally.credit(Verdict.ACCEPTED, 6_000, 1, 10.0)
        tally.settle(60.0)
    for second in range(61, 200):
        often.settle(float(second))
    assert often.hashrates(200.0) == pytest.approx(seldom.hashrates(200.0))


def test_silence_is_seen_first_in_the_short_window() -> None:
    tally = Tally(0.0)
    for second in range(1, 3_601):
        tally.credit(Verdict.ACCEPTED, 50, 1, float(second))
        tally.settle(float(second))
    one, five, sixty = tally.hashrates(3_600.0 + WINDOWS[0])
    assert one == pytest.approx(50 / 2.718281828, rel=1e-6)
    assert one < five < sixty < 50.0


def test_a_share_after_a_silent_start_is_spread_over_it() -> None:
    tally = Tally(0.0)
    tally.settle(20.0)
    assert tally.hashrates(30.0) == (0.0, 0.0, 0.0)
    tally.credit(Verdict.ACCEPTED, 600, 1, 40.0)
    one, five, sixty = tally.hashrates(40.0)
    assert 15.0 < sixty < five < one < 60.0  # 600 hashes in 40 seconds, the last ten count more


def test_a_clock_that_stands_still_or_goes_back_loses_nothing() -> None:
    tally = Tally(100.0)
    tally.credit(Verdict.ACCEPTED, 50, 1, 100.0)
    assert tally.hashrates(100.0) == tally.hashrates(90.0) == (0.0, 0.0, 0.0)
    assert tally.hashrates(101.0) == pytest.approx((50.0, 50.0, 50.0))


def test_the_shortest_age_divides_by_no_zero() -> None:
    tally = Tally(0.0)
    tally.credit(Verdict.ACCEPTED, 50, 1, 1e-18)
    assert tally.hashrates(1e-18) == pytest.approx((5e19, 5e19, 5e19))


def test_the_hardest_target_fits() -> None:
    tally = Tally(0.0)
    tally.credit(Verdict.ACCEPTED, 2**256, 0, 1.0)
    assert tally.hashrates(1.0) == pytest.approx((2.0**256,) * 3)


def test_what_another_counted_is_counted_too() -> None:
    one, other = Tally(0.0), Tally(0.0)
    one.credit(Verdict.ACCEPTED, 50, 9, 1.0)
    one.refuse(Verdict.STALE)
    other.credit(Verdict.ACCEPTED, 70, 4, 5.0)
    other.credit(Verdict.LATE, 70, 8, 3.0)
    one.absorb(other)
    one.absorb(Tally(0.0))
    assert one.shares == {Verdict.ACCEPTED: 2, Verdict.STALE: 1, Verdict.LATE: 1}
    assert (one.work, one.best_hash, one.last_share) == (190, 4, 3.0)
    fresh = Tally(9.0)
    fresh.absorb(other)
    assert (fresh.shares, fresh.best_hash, fresh.last_share) == (other.shares, 4, 3.0)
    assert fresh.hashrates(10.0) == (0.0, 0.0, 0.0)
