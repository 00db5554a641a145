"""The judge is judged: SRI's model by SRI's own tests, the simulated miner by arithmetic."""

from functools import partial
from math import isfinite, sqrt
from random import Random
from runpy import run_path
from statistics import fmean, pvariance
from typing import Any

import pytest

from sluice.bitcoin.target import MAX_TARGET, Target, target_for_hashrate, work
from sluice.sim import vardiff_trial
from sluice.sim.vardiff_trial import (
    HASHRATE,
    SCENARIOS,
    Algorithm,
    Scenario,
    Sluice,
    SriClassic,
    Trial,
    changes,
    claims,
    f32,
    near,
    sri_target,
    sri_verdict,
    steady,
    table,
)
from support.vectors import case_name, vector_cases


class Unmoved:
    """Never changes the target; keeps what it was told."""

    every = 5.0

    def __init__(self, claimed: float, shares_per_minute: int) -> None:
        self.target = target_for_hashrate(claimed, shares_per_minute)
        self.told: list[tuple[int, float]] = []
        self.looks: list[float] = []

    def accepted(self, work: int, now: float) -> bool:
        self.told.append((work, now))
        return False

    def look(self, now: float) -> bool:
        self.looks.append(now)
        return False


class Impatient(Unmoved):
    """Wants a look at each share, and makes the target ten times harder at the first."""

    every = 1e9

    def accepted(self, work: int, now: float) -> bool:
        super().accepted(work, now)
        return len(self.told) == 1

    def look(self, now: float) -> bool:
        super().look(now)
        self.target = Target(self.target // 10)
        return True


@pytest.mark.parametrize("case", vector_cases("sri_targets.json", "vardiff"), ids=case_name)
def test_sri_decides_as_sri(case: dict[str, Any]) -> None:
    """In the file, "inf" and "nan" are strings."""
    given, expected = case["inputs"], case["expected"]
    hashrate, wanted = f32(float(given["hashrate"])), given["shares_per_minute"]
    target = sri_target(f32(float(given.get("target_from_hashrate", hashrate))), wanted)
    least = float(given["min_allowed_hashrate"])
    found = sri_verdict(hashrate, target, wanted, given["shares"], given["elapsed_seconds"], least)
    if "update" in expected:
        tolerance = case.get("tolerance", 1e-6)
        assert found == (expected["update"] and pytest.approx(expected["update"], abs=tolerance, rel=1e-6))
    else:
        assert found is not None
        assert isfinite(found)
        assert found > expected["update_greater_than"]


@pytest.mark.parametrize(
    ("shares", "seconds", "factor"),
    [
        (0, 16, 1 / 1.5),
        (0, 59, 1 / 2),
        (0, 60, 1 / 3),
        (1000, 30, 10),
        (1000, 59, 5),
        (1000, 60, 3),
        (10**6, 60, 3),  # so many that SRI's conversion fails, and falls back
        (6, 60, None),
        (9, 60, None),
        (10, 60, 10 / 6),
        (33, 300, None),
        (36, 300, 36 / 30),
        (12, 15, None),
    ],
)
def test_sri_ladder(shares: int, seconds: int, factor: float | None) -> None:
    found = sri_verdict(1e12, sri_target(1e12, 6), 6, shares, seconds)
    assert found == (factor and pytest.approx(1e12 * factor, rel=0.01))


def test_sri_loop_keeps_its_window_until_it_moves() -> None:
    sri = SriClassic(1e12, 6)
    for minute in range(1, 4):
        for _ in range(6):
            assert not sri.accepted(1, 60.0 * minute)
        assert not sri.look(60.0 * minute)
    assert sri.shares == 18
    assert sri.since == 0
    for _ in range(30):
        sri.accepted(1, 200.0)
    assert sri.look(240.0)
    assert (sri.shares, sri.since) == (0, 240.0)
    assert sri.target == sri_target(sri.hashrate, 6)
    assert sri.hashrate == pytest.approx(2e12, rel=0.01)


def test_ours_is_the_pools() -> None:
    ours = Sluice(HASHRATE, 6)
    assert ours.target == target_for_hashrate(HASHRATE, 6)
    before = ours.target
    hurried = [ours.accepted(10**30, 0.1) for _ in range(16)]
    assert (hurried[0], hurried[-1]) == (False, True)
    assert ours.look(0.2)
    assert ours.target < before


def test_shares_are_a_poisson_process() -> None:
    counts = []
    for seed in range(300):
        trial = Trial(Unmoved, 6, 1.0, seed)
        trial.run(600)
        counts.append(trial.shares / trial.rate)  # the claim is off by up to half, and so is the count
    assert fmean(counts) == pytest.approx(60, abs=4 * sqrt(60 / 300))
    assert pvariance(counts) == pytest.approx(60, rel=0.4)


def test_a_share_carries_the_work_of_what_is_mined() -> None:
    trial = Trial(Unmoved, 60, 1.0, 1)
    trial.run(60)
    algorithm = trial.algorithm
    assert isinstance(algorithm, Unmoved)
    assert {told for told, _ in algorithm.told} == {work(algorithm.target)}
    assert len(algorithm.told) == trial.shares > 30


def test_looks_come_as_often_as_the_algorithm_wants() -> None:
    trial = Trial(Unmoved, 6, 1.0, 2)
    trial.run(600)
    algorithm = trial.algorithm
    assert isinstance(algorithm, Unmoved)
    assert len(algorithm.looks) == 120
    assert 0 <= algorithm.looks[0] <= 5
    assert algorithm.looks[1] - algorithm.looks[0] == pytest.approx(5)
    assert trial.moves == 0


def test_a_device_takes_a_target_after_the_lag() -> None:
    trial = Trial(Impatient, 60, 1.0, 3)
    trial.lag = 20.0
    trial.run(600)
    algorithm = trial.algorithm
    assert isinstance(algorithm, Impatient)
    (decided,) = algorithm.looks
    first = algorithm.told[0][0]
    for told, now in algorithm.told:
        assert told == pytest.approx(first if now < decided + 20 else 10 * first, rel=1e-9)
    assert trial.moves == 1
    assert trial.rate == pytest.approx(0.1, rel=0.6)


def test_a_trial_can_be_repeated() -> None:
    def story(make: type[Sluice] | type[SriClassic], seed: int) -> tuple[int, int, Target]:
        trial = Trial(make, 6, 30.0, seed)
        trial.run(1200)
        return trial.shares, trial.moves, trial.algorithm.target

    assert story(Sluice, 5) == story(Sluice, 5) != story(Sluice, 6)
    assert story(SriClassic, 5) == story(SriClassic, 5) != story(SriClassic, 6)


def test_a_claim_is_off_by_up_to_half() -> None:
    rates = [Trial(Unmoved, 6, 1.0, seed).rate for seed in range(200)]
    assert 1 / 1.5 <= min(rates) < 0.7
    assert 1.45 < max(rates) <= 1.5


@pytest.mark.parametrize(("rate", "is_near"), [(0.74, False), (0.75, True), (1.25, True), (1.26, False)])
def test_near_is_within_25_percent(rate: float, is_near: bool) -> None:
    assert near(rate) is is_near


def test_who_does_nothing_is_seen_to_do_nothing() -> None:
    high = claims(Unmoved, 6, 1, claim=1000.0)
    assert high == {"near": False, "flood": 0, "moves": 0}
    low = claims(Unmoved, 6, 1, claim=0.001)
    assert not low["near"]
    assert 500 < low["flood"] < 1600
    calm = steady(Unmoved, 6, 1)
    assert calm["moves"] == 0
    assert calm["near"] in {0, 1}
    for seed in range(20):
        start = Trial(Unmoved, 6, 1.0, seed).rate
        halved = changes(Unmoved, 6, seed, factor=0.5, minutes=5)
        assert halved["followed"] == (start / 2 >= 1 / 1.5)
        assert halved["answered"] == near(start / 2)
        doubled = changes(Unmoved, 6, seed, factor=2.0, minutes=5)
        assert doubled["followed"] == (start * 2 <= 1.5)


class Perfect(Unmoved):
    """Knows the time of the change, and the hash rate before and after."""

    def __init__(self, claimed: float, shares_per_minute: int, factor: float) -> None:
        super().__init__(HASHRATE, shares_per_minute)
        self.after = target_for_hashrate(HASHRATE * factor, shares_per_minute)

    def look(self, now: float) -> bool:
        moved = now > 25 * 60 + 10 and self.target != self.after
        if moved:
            self.target = self.after
        return moved


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_who_knows_is_seen_to_follow(factor: float) -> None:
    def make(claimed: float, shares_per_minute: int) -> Algorithm:
        return Perfect(claimed, shares_per_minute, factor)

    seeds = [seed for seed in range(20) if Random(seed).uniform(0, 300) > 20]
    for seed in seeds:
        outcome = changes(make, 6, seed, factor=factor, minutes=5)
        assert outcome == {"followed": True, "close": True, "answered": True}


def test_overdoing_it_is_not_close() -> None:
    def make(claimed: float, shares_per_minute: int) -> Algorithm:
        return Perfect(claimed, shares_per_minute, 0.1)

    outcome = changes(make, 6, 1, factor=0.5, minutes=6)
    assert outcome == {"followed": True, "close": False, "answered": True}


def test_a_mean_is_over_the_seeds() -> None:
    def odd(make: vardiff_trial.Make, shares_per_minute: int, seed: int) -> dict[str, float]:
        return {"odd": seed % 2, "pace": shares_per_minute}

    assert Scenario("any", 6, odd, ()).means(Unmoved, 10) == {"odd": 0.5, "pace": 6}


def test_each_figure_is_one_of_its_scenario() -> None:
    for scenario in SCENARIOS.values():
        outcome = scenario.happens(Unmoved, scenario.shares_per_minute, 0)
        assert [figure.key for figure in scenario.figures] == list(outcome)


def test_the_table_has_a_row_for_each_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Scenario("stays", 6, partial(claims, claim=1.0), vardiff_trial.CLAIM_FIGURES, "much")
    monkeypatch.setattr(vardiff_trial, "SCENARIOS", {"one": one})
    head, line, *rows = table(1)
    assert head.count("|") == line.count("|") == 7
    assert [row.split(" | ")[2] for row in rows] == [figure.words for figure in one.figures]
    assert [row.split(" | ")[3] for row in rows] == ["much", "", ""]
    assert all(row.count("|") == 7 for row in rows)


def test_it_prints_the_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["vardiff_trial", "1"])
    run_path(vardiff_trial.__file__, run_name="__main__")
    assert capsys.readouterr().out.splitlines() == list(table(1))


def test_the_target_of_no_hash_rate() -> None:
    assert sri_target(0.0, 6) == MAX_TARGET
