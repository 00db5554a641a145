"""What vardiff believes and does, share by share; how well it does is judged in tests/world/test_vardiff.py."""

from fractions import Fraction
from itertools import pairwise
from sys import getsizeof

import pytest

from sluice.bitcoin.target import MAX_TARGET, Target, difficulty, target_for_hashrate, work
from sluice.work import vardiff
from sluice.work.vardiff import Vardiff, VardiffPolicy

HASHRATE = 10**14
PACE = 6  # shares a minute
SWEEP = 5.0
TARGET = target_for_hashrate(HASHRATE, PACE)
HARDEST = Target(1)
LONGEST_STEP = 4


def fresh(target: Target = TARGET, easiest: Target = MAX_TARGET, hardest: Target = HARDEST) -> Vardiff:
    return Vardiff(target, VardiffPolicy(PACE), 0.0, easiest, hardest)


def moves(channel: Vardiff, since: float, until: float, speed: float = 0.0) -> list[tuple[float, Target]]:
    """Sweep the channel of a miner of `speed` times HASHRATE that has no luck, good or bad.

    A share takes it the same time as the next; none comes between two sweeps unnoticed.
    """
    found, now, done = [], since, 0.0
    while now < until:
        now = min(now + SWEEP, until)
        done += SWEEP * speed * HASHRATE / work(channel.target)
        while done >= 1:
            channel.accepted(work(channel.target), now)
            done -= 1
        target = channel.next_target(now)
        if target is not None:
            done = 0.0
            found.append((now, target))
    return found


def ratio(easier: Target, harder: Target) -> float:
    return float(difficulty(harder) / difficulty(easier))


def test_a_miner_at_its_pace_keeps_its_target() -> None:
    assert moves(fresh(), 0, 3600, speed=1) == []


def test_the_hash_rate_is_that_of_the_target_to_begin_with() -> None:
    assert fresh().hashrate == pytest.approx(HASHRATE, rel=0.1)


def test_silence_eases_soon_and_step_by_step() -> None:
    targets = [target for _, target in moves(fresh(), 0, 120)]
    assert moves(fresh(), 0, 60)
    assert ratio(targets[-1], TARGET) > 10
    assert all(1 < ratio(after, before) <= LONGEST_STEP * 1.001 for before, after in pairwise(targets))


def test_the_silence_of_a_miner_that_never_shared_eases_to_a_bound() -> None:
    eased = ratio(moves(fresh(), 0, 24 * 3600)[-1][1], TARGET)
    assert eased == pytest.approx(2**16, rel=1e-6)


def test_the_silence_of_a_miner_that_has_shared_eases_less() -> None:
    channel = fresh()
    assert not moves(channel, 0, 600, speed=1)
    eased = ratio(moves(channel, 600, 24 * 3600)[-1][1], TARGET)
    assert eased == pytest.approx(2**6, rel=1e-6)


def test_after_silence_a_share_lets_it_ease_on() -> None:
    channel = fresh()
    channel.accepted(work(TARGET), 1.0)
    (_, quiet) = moves(channel, 0, 24 * 3600)[-1]
    channel.accepted(work(quiet), 24 * 3600.0)
    (_, quieter) = moves(channel, 24 * 3600, 48 * 3600)[-1]
    assert ratio(quieter, quiet) == pytest.approx(2**6, rel=1e-6)


def test_a_flood_is_noticed_before_the_sweep_and_hardened_step_by_step() -> None:
    channel = fresh()
    now, shares, targets = 0.0, 0, [TARGET]
    while ratio(TARGET, targets[-1]) < 250:
        now += 0.01 * ratio(TARGET, targets[-1])  # a miner 1,000 times as strong
        channel.accepted(work(targets[-1]), now)
        shares += 1
        if channel.hurried:
            targets.append(channel.next_target(now) or targets[-1])
    assert now < 15
    assert shares < 100
    assert all(ratio(before, after) <= LONGEST_STEP * 1.001 for before, after in pairwise(targets))


def test_a_look_ends_the_hurry() -> None:
    channel = fresh()
    for _ in range(int(vardiff.HURRY_SHARES)):
        channel.accepted(work(TARGET), 1.0)
    hurried = channel.hurried
    channel.next_target(1.0)
    assert (hurried, channel.hurried) == (True, False)


def test_a_few_shares_at_once_are_no_flood() -> None:
    channel = fresh()
    for _ in range(int(vardiff.HURRY_SHARES) - 1):
        channel.accepted(work(TARGET), 5.0)
    assert not channel.hurried


def test_many_shares_are_no_flood_where_many_are_wanted() -> None:
    busy = Vardiff(TARGET, VardiffPolicy(600), 0.0, MAX_TARGET, HARDEST)
    for share in range(1, 60):
        busy.accepted(work(TARGET), share / 10)
    assert not busy.hurried


def test_shares_of_an_easier_job_count_by_their_work() -> None:
    """After a hardening the device goes on for a while as before: that is no reason to harden again."""
    whole, parts = fresh(), fresh()
    easier = target_for_hashrate(Fraction(HASHRATE, 4), PACE)
    for share in range(1, 7):
        whole.accepted(work(TARGET), share * 10.0)
        for _ in range(4):
            parts.accepted(work(easier), share * 10.0)
    assert whole.next_target(60.0) == parts.next_target(60.0) is None
    assert whole.hashrate == pytest.approx(parts.hashrate, rel=1e-6)


def test_a_share_of_a_harder_job_counts_as_one() -> None:
    """It may have been found by luck; a thousand shares at once would be a flood."""
    plain, lucky = fresh(), fresh()
    plain.accepted(work(TARGET), 1.0)
    lucky.accepted(1000 * work(TARGET), 1.0)
    assert not lucky.hurried
    assert plain.next_target(SWEEP) == lucky.next_target(SWEEP)
    assert plain.hashrate == lucky.hashrate


@pytest.mark.parametrize("speed", [1 / 2, 1 / 30, 2, 30])
def test_it_finds_another_hash_rate(speed: float) -> None:
    found = moves(fresh(), 0, 900, speed)
    assert ratio(TARGET, found[-1][1]) == pytest.approx(speed, rel=0.35)
    assert len(found) < 20


def test_it_eases_sooner_than_it_hardens() -> None:
    """By shares, not by the clock: a target too hard takes away what would tell."""
    slower, faster = moves(fresh(), 0, 900, 0.5)[0][0], moves(fresh(), 0, 900, 2)[0][0]
    assert slower * 0.5 < faster * 2


def test_one_look_at_a_long_pause_weighs_no_more_than_a_bound() -> None:
    channel = fresh()
    channel.next_target(1e9)
    assert channel.hashrate > 0


def test_one_look_at_a_burst_weighs_no_more_than_a_bound() -> None:
    channel = fresh()
    for _ in range(100_000):
        channel.accepted(work(TARGET), 0.0)
    harder = channel.next_target(0.0)
    assert harder is not None
    assert ratio(TARGET, harder) == pytest.approx(LONGEST_STEP, rel=1e-6)


def test_a_clock_that_goes_back_changes_nothing() -> None:
    channel = fresh()
    assert channel.next_target(-1000.0) is None
    assert channel.hashrate == pytest.approx(fresh().hashrate)


def test_bounds_hold() -> None:
    easiest = target_for_hashrate(Fraction(HASHRATE, 10), PACE)
    hardest = target_for_hashrate(10 * HASHRATE, PACE)
    assert moves(fresh(easiest=easiest), 0, 3600)[-1][1] == easiest
    assert moves(fresh(hardest=hardest), 0, 3600, speed=100)[-1][1] == hardest


def test_at_a_bound_it_is_quiet_and_comes_back() -> None:
    channel = fresh(easiest=TARGET)
    assert moves(channel, 0, 3600) == []
    back = moves(channel, 3600, 4500, speed=4)
    assert ratio(TARGET, back[-1][1]) == pytest.approx(4, rel=0.35)


def test_other_bounds_are_kept_at_the_next_look() -> None:
    channel = fresh()
    easiest = target_for_hashrate(2 * HASHRATE, PACE)
    channel.rebound(easiest, HARDEST)
    assert channel.next_target(SWEEP) == easiest
    assert channel.next_target(2 * SWEEP) is None


def test_a_bound_that_eases_far_leaves_no_debt_of_silence() -> None:
    channel = fresh()
    far = Target(TARGET << 40)
    channel.rebound(MAX_TARGET, far)
    assert channel.next_target(5.0) == far
    for look in range(2, 200):
        assert (channel.next_target(5.0 * look) or far) >= far


def test_where_bounds_contradict_each_other_no_block_is_thrown_away() -> None:
    channel = fresh()
    network = target_for_hashrate(Fraction(HASHRATE, 2), PACE)
    channel.rebound(easiest=TARGET, hardest=network)
    assert channel.next_target(SWEEP) == network


def test_a_target_from_outside_is_half_believed() -> None:
    """What was measured is not forgotten: a wrong claim is put right sooner than by a fresh channel."""
    known, unknown = fresh(), fresh(target_for_hashrate(8 * HASHRATE, PACE))
    assert not moves(known, 0, 1800, speed=1)
    claimed = target_for_hashrate(8 * HASHRATE, PACE)
    known.retarget(claimed, 1800.0)
    assert known.hashrate < unknown.hashrate
    first_known = moves(known, 1800, 3600, speed=1)[0][0] - 1800
    first_unknown = moves(unknown, 0, 1800, speed=1)[0][0]
    assert first_known < first_unknown


def test_a_target_from_outside_that_is_the_old_one_changes_nothing() -> None:
    told, left = fresh(), fresh()
    told.retarget(TARGET, 7.0)
    left.next_target(7.0)
    assert told.hashrate == left.hashrate


def test_a_true_claim_is_kept() -> None:
    channel = fresh()
    channel.retarget(target_for_hashrate(8 * HASHRATE, PACE), 0.0)
    assert not moves(channel, 0, 1800, speed=8)


def test_a_big_move_is_reviewed_and_put_right() -> None:
    """A fifth too much is let be; but not where it is what a big move ended with."""
    assert moves(fresh(), 0, 1800, speed=1.2) == []
    channel = fresh(target_for_hashrate(100 * HASHRATE, PACE))
    (_, last) = moves(channel, 0, 3600, speed=1)[-1]
    assert ratio(TARGET, last) == pytest.approx(1, rel=0.1)


def test_targets_are_integers_made_of_integers() -> None:
    """Down and up again by as many cells ends where it began, but for the last digits."""
    factors = vardiff._FACTORS
    for cells in range(vardiff.REACH + 1):
        down, up = factors[vardiff.REACH - cells], factors[vardiff.REACH + cells]
        assert isinstance(down, int)
        assert down * up / 2**128 == pytest.approx(1, rel=1e-9)
    assert all(type(target) is int for _, target in moves(fresh(), 0, 300))


@pytest.mark.parametrize("target", [Target(1), Target(2), Target(1000), MAX_TARGET])
def test_the_ends_of_the_scale_are_no_trouble(target: Target) -> None:
    for shares in (0, 1, 1000):
        channel = fresh(target)
        for look in range(1, 100):
            for _ in range(shares):
                channel.accepted(work(channel.target), look * SWEEP)
            channel.next_target(look * SWEEP)
            assert 1 <= channel.target <= MAX_TARGET


@pytest.mark.parametrize("pace", [0, -1, -0.5])
def test_a_pace_must_be_above_zero(pace: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        VardiffPolicy(pace)


@pytest.mark.parametrize(("pace", "a_second"), [(6, 0.1), (60, 1.0), (Fraction(1, 2), 1 / 120), (1.5, 0.025)])
def test_the_pace_may_be_any_number(pace: float | Fraction, a_second: float) -> None:
    assert VardiffPolicy(pace).pace == pytest.approx(a_second)


def test_a_channel_costs_little_memory() -> None:
    channel = fresh()
    assert not hasattr(channel, "__dict__")
    assert getsizeof(channel) + getsizeof(channel._belief) < 600
