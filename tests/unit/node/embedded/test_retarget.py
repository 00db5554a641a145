"""The embedded chain's difficulty: bounded steps, and blocks that come at the wanted interval."""

from random import Random

import pytest

from sluice.bitcoin.target import Target, nbits_from_target, target_for_hashrate, target_from_nbits, work
from sluice.node.embedded.retarget import EASIEST, HARDEST, next_target

WANTED = 10.0
SOME = target_from_nbits(0x1E00FFFF)


@pytest.mark.parametrize(
    ("seconds", "eighths"),
    [(0.0, 7), (-5.0, 7), (10.0, 8), (18.0, 8.8), (60.0, 13), (10_000.0, 13)],
)
def test_a_step_follows_the_block_and_is_bounded(seconds: float, eighths: float) -> None:
    following = next_target(SOME, seconds, WANTED)
    assert following == pytest.approx(SOME * eighths / 8, rel=1e-4)
    assert following == target_from_nbits(nbits_from_target(following))


def test_there_is_an_easiest_and_a_hardest() -> None:
    assert next_target(EASIEST, 60.0, WANTED) == EASIEST
    assert next_target(HARDEST, 0.0, WANTED) == HARDEST


def mined(target: Target, hashrate: float, blocks: int, seed: int) -> tuple[list[float], Target]:
    """The times that blocks took at a hash rate, and the target after them."""
    noise, times = Random(seed), []
    for _ in range(blocks):
        times.append(noise.expovariate(hashrate / work(target)))
        target = next_target(target, times[-1], WANTED)
    return times, target


def test_the_mean_is_the_wanted_interval() -> None:
    times, _ = mined(target_for_hashrate(1_000_000, 6), 1_000_000, 5_000, seed=1)
    assert sum(times) / len(times) == pytest.approx(WANTED, rel=0.1)


@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_times_too_easy_is_over_within_minutes(seed: int) -> None:
    start = target_for_hashrate(1_000, 6)
    times, target = mined(start, 1_000_000, 80, seed)
    assert sum(times[:40]) < 120
    assert WANTED / 4 < work(target) / 1_000_000 < WANTED * 4
