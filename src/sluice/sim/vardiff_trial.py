"""The judge of vardiff: many miners on a clock that jumps, under our algorithm beside SRI's.

Shares come as a Poisson process of the miner's hash rate over the target's work, from a seeded generator: the
same seed is the same miner for both. `python -m sluice.sim.vardiff_trial` prints the table of docs/vardiff.md.

Rule: judged by the share rate to be expected of the true hash rate, never by a count of shares.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from random import Random
from statistics import fmean
from struct import pack, unpack
from typing import Protocol

from sluice.bitcoin.target import MAX_TARGET, Target, target_for_hashrate, work
from sluice.work.vardiff import Vardiff, VardiffPolicy

#: The true hash rate. Only ratios matter; a large one keeps SRI's integer steps out of the figures.
HASHRATE = 1e14
#: Seconds until a device hashes at a target that it was sent.
LAG = 1.0
#: Seconds between two looks at a channel: our sweep, SRI's loop.
SLUICE_SWEEP, SRI_SWEEP = 5.0, 60.0
MINUTE = 60.0
#: A claim is off by up to this factor, either way, at even odds on a logarithmic scale.
CLAIM_ERROR = 1.5
#: Seeds behind the printed table.
SEEDS = 1000


class Algorithm(Protocol):
    """What decides on a channel's target. `look` returns whether it changed."""

    @property
    def every(self) -> float: ...
    @property
    def target(self) -> Target: ...
    def accepted(self, work: int, now: float) -> bool:
        """Count a share; whether a look is wanted at once."""
        ...

    def look(self, now: float) -> bool: ...


Make = Callable[[float, int], Algorithm]
"""From the claimed hash rate and the wanted shares a minute."""


class Sluice:
    """Ours, swept as the pool does it."""

    every = SLUICE_SWEEP

    def __init__(self, claimed: float, shares_per_minute: int) -> None:
        target = target_for_hashrate(claimed, shares_per_minute)
        self.vardiff = Vardiff(target, VardiffPolicy(shares_per_minute), 0.0, MAX_TARGET, Target(1))

    @property
    def target(self) -> Target:
        return self.vardiff.target

    def accepted(self, work: int, now: float) -> bool:
        self.vardiff.accepted(work, now)
        return self.vardiff.hurried

    def look(self, now: float) -> bool:
        return self.vardiff.next_target(now) is not None


class SriClassic:
    """SRI's `vardiff/classic.rs` as its pool drives it, every 60 s."""

    every = SRI_SWEEP

    def __init__(self, claimed: float, shares_per_minute: int) -> None:
        self.shares_per_minute = shares_per_minute
        self.hashrate = f32(claimed)
        self.target = sri_target(self.hashrate, shares_per_minute)
        self.shares = 0
        self.since = 0.0

    def accepted(self, work: int, now: float) -> bool:
        self.shares += 1  # whatever its work
        return False

    def look(self, now: float) -> bool:
        seconds = int(now) - int(self.since)
        hashrate = sri_verdict(self.hashrate, self.target, self.shares_per_minute, self.shares, seconds)
        if hashrate is None:
            return False
        self.hashrate, self.shares, self.since = hashrate, 0, now
        before, self.target = self.target, sri_target(hashrate, self.shares_per_minute)
        return self.target != before


def f32(number: float) -> float:
    """Rounded to the four bytes in which SRI keeps a hash rate."""
    return float(unpack("<f", pack("<f", number))[0])


def sri_target(hashrate: float, shares_per_minute: float) -> Target:
    """SRI's `hash_rate_to_target`."""
    hashes = int(hashrate * (60 / shares_per_minute))
    return Target((MAX_TARGET - hashes) // (hashes + 1))


def _sri_measured(hashrate: float, target: Target, wanted: float, realized: float) -> float:
    hundredths = int(60 / realized * 100) if realized else 0
    product = (target + 1) * hundredths
    if not hundredths or product > MAX_TARGET:  # more than 256 bits: SRI falls back
        return f32(hashrate * f32(realized) / f32(wanted))
    return f32((MAX_TARGET + 1 - target) // (product // 100))


#: Off by so many percent, after so many seconds: a change.
SRI_LADDER = (100.0, 0), (60.0, 60), (50.0, 120), (45.0, 180), (30.0, 240), (15.0, 300)


def sri_verdict(
    hashrate: float, target: Target, wanted: float, shares: int, seconds: int, least: float = 1.0
) -> float | None:
    """SRI's `try_vardiff`: the new hash rate, or None for no change. `wanted` is in shares a minute."""
    if seconds <= 15:
        return None
    least = least if isfinite(least) and least > 0 else 1.0
    hashrate = max(hashrate, least) if isfinite(hashrate) else least
    realized = shares / (seconds / 60)
    measured = _sri_measured(hashrate, target, wanted, realized)
    percent = abs(measured - hashrate) / hashrate * 100
    if not any(percent >= off and seconds >= after for off, after in SRI_LADDER):
        return None
    if not shares:
        measured = hashrate / (1.5 if seconds <= 30 else 2 if seconds < 60 else 3)
    elif percent > 1000:
        measured = hashrate * (10 if seconds <= 30 else 5 if seconds < 60 else 3)
    return f32(max(measured, least))


class Trial:
    """One miner under one algorithm, from the opening of its channel at second 0."""

    def __init__(self, make: Make, shares_per_minute: int, claim: float, seed: int) -> None:
        self._random = Random(seed)
        error = CLAIM_ERROR ** self._random.uniform(-1, 1)
        self.algorithm = make(HASHRATE * claim * error, shares_per_minute)
        self.pace = shares_per_minute / 60
        self.hashrate = HASHRATE
        self.lag = LAG
        self.now = 0.0
        self.shares = 0
        self.moves = 0
        self._next_look = self._random.uniform(0, self.algorithm.every)
        self._mined = self.algorithm.target
        self._sent: deque[tuple[float, Target]] = deque()  # targets on their way to the device

    @property
    def rate(self) -> float:
        """The share rate to be expected at the target of now, as a multiple of the wanted one."""
        return self.hashrate / work(self.algorithm.target) / self.pace

    def run(self, until: float) -> None:
        """Go on to that second. At each event the next share is drawn anew: Poisson has no memory."""
        while self.now < until:
            arrival = self._sent[0][0] if self._sent else inf
            event = min(until, self._next_look, arrival)
            share = self.now + self._random.expovariate(self.hashrate / work(self._mined))
            self.now = min(share, event)
            if share < event:
                self._share()
            elif event == arrival:
                self._mined = self._sent.popleft()[1]
            elif event == self._next_look:
                self._next_look += self.algorithm.every
                self._look()

    def _share(self) -> None:
        self.shares += 1
        if self.algorithm.accepted(work(self._mined), self.now):
            self._look()

    def _look(self) -> None:
        if self.algorithm.look(self.now):
            self.moves += 1
            self._sent.append((self.now + self.lag, self.algorithm.target))


def near(rate: float) -> bool:
    """Within 25 % of the wanted share rate."""
    return 0.75 <= rate <= 1.25


Outcome = dict[str, float]


def claims(make: Make, shares_per_minute: int, seed: int, claim: float) -> Outcome:
    """A channel opens with a hash rate that is `claim` times the true one."""
    trial = Trial(make, shares_per_minute, claim, seed)
    trial.run(MINUTE)
    flood = trial.shares / shares_per_minute
    trial.run(10 * MINUTE)
    return {"near": near(trial.rate), "flood": flood, "moves": trial.moves}


def steady(make: Make, shares_per_minute: int, seed: int) -> Outcome:
    """Nothing changes: the hour after the first ten minutes."""
    trial = Trial(make, shares_per_minute, 1.0, seed)
    trial.run(10 * MINUTE)
    before = trial.moves
    rates = []
    for minute in range(10, 70):
        trial.run((minute + 1) * MINUTE)
        rates.append(trial.rate)
    return {"moves": (trial.moves - before) / 6, "near": fmean(map(near, rates)), "rate": fmean(rates)}


def changes(make: Make, shares_per_minute: int, seed: int, factor: float, minutes: int) -> Outcome:
    """After twenty to twenty-five steady minutes the hash rate becomes `factor` times what it was."""
    trial = Trial(make, shares_per_minute, 1.0, seed)
    trial.run(20 * MINUTE + Random(seed).uniform(0, 5 * MINUTE))
    trial.hashrate *= factor
    before = trial.moves
    trial.run(trial.now + minutes * MINUTE)
    wait = 1 / trial.rate
    return {
        "followed": wait <= 1.5 if factor < 1 else wait >= 1 / 1.5,
        "close": 1 / 1.5 <= wait <= 1.5,
        "answered": trial.moves > before or near(trial.rate),
    }


def as_percent(mean: float) -> str:
    """For the mean of what is so, or not."""
    return f"{100 * mean:.1f} %"


def as_number(mean: float) -> str:
    """For the mean of a count."""
    return f"{mean:,.2f}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a scenario's outcome, as the mean over all seeds."""

    key: str
    words: str
    shown: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to a miner, at how many shares a minute; `asked` is of its first figure."""

    words: str
    shares_per_minute: int
    happens: Callable[[Make, int, int], Outcome]
    figures: tuple[Figure, ...]
    asked: str = ""

    def means(self, make: Make, seeds: int) -> Outcome:
        """Each value of the outcome, as its mean over that many seeds."""
        outcomes = [self.happens(make, self.shares_per_minute, seed) for seed in range(seeds)]
        return {key: fmean(outcome[key] for outcome in outcomes) for key in outcomes[0]}


CLAIM_FIGURES = (
    Figure("near", "within 25 % of the wanted rate at minute 10", as_percent),
    Figure("flood", "shares in the first minute, times the wanted", as_number),
    Figure("moves", "moves in these 10 minutes", as_number),
)
STEADY_FIGURES = (
    Figure("moves", "moves in 10 minutes", as_number),
    Figure("near", "of the time within 25 % of the wanted rate", as_percent),
    Figure("rate", "mean share rate, times the wanted", as_number),
)
CHANGE_FIGURES = (
    Figure("followed", "followed", as_percent),
    Figure("close", "followed, and not overdone", as_percent),
    Figure("answered", "moved, or had no need to", as_percent),
)

SCENARIOS = {
    "too high": Scenario(
        "claims 1,000 times too much", 6, partial(claims, claim=1e3), CLAIM_FIGURES, "≥ 80 %"
    ),
    "too low": Scenario("claims a 1,000th", 6, partial(claims, claim=1e-3), CLAIM_FIGURES, "≥ 80 %"),
    "steady": Scenario("steady", 6, steady, STEADY_FIGURES, "< 1"),
    "half": Scenario(
        "halves; 5 minutes later", 6, partial(changes, factor=0.5, minutes=5), CHANGE_FIGURES, "≥ 90 %"
    ),
    "double": Scenario(
        "doubles; 5 minutes later", 6, partial(changes, factor=2.0, minutes=5), CHANGE_FIGURES
    ),
    "steady at 60": Scenario("steady", 60, steady, STEADY_FIGURES),
    "half at 60": Scenario(
        "halves; 2 minutes later", 60, partial(changes, factor=0.5, minutes=2), CHANGE_FIGURES, "≥ 90 %"
    ),
    "double at 60": Scenario(
        "doubles; 2 minutes later", 60, partial(changes, factor=2.0, minutes=2), CHANGE_FIGURES
    ),
}


def table(seeds: int) -> Iterator[str]:
    """The lines of the markdown table, each as soon as it is known."""
    yield "| the miner | shares a minute | figure | asked | Sluice | SRI classic |"
    yield "|---|--:|---|--:|--:|--:|"
    for scenario in SCENARIOS.values():
        ours, theirs = (scenario.means(make, seeds) for make in (Sluice, SriClassic))
        asked = scenario.asked
        for figure in scenario.figures:
            cells = (
                scenario.words,
                str(scenario.shares_per_minute),
                figure.words,
                asked,
                figure.shown(ours[figure.key]),
                figure.shown(theirs[figure.key]),
            )
            yield f"| {' | '.join(cells)} |"
            asked = ""


if __name__ == "__main__":
    for line in table(int(sys.argv[1]) if sys.argv[1:] else SEEDS):
        sys.stdout.write(line + "\n")
