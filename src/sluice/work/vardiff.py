"""How hard a channel's shares should be: a belief about the miner's hash rate, and when to act on it.

The belief is a small table: how likely it is that the miner hashes at 1/4, ... 1, ... 4 times the rate that the
target was set for. Each look weighs it by the shares that came and those that did not (Bayes, Poisson), and
lets a little of it go, because miners change. docs/vardiff.md has the reasons, and the figures.

Rule: only accepted work counts, each share with the work of the job it was found on. Nothing here knows
luck, and a target is an integer made of integers.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from math import exp, inf, log, log2

from sluice.bitcoin.target import MAX_TARGET, Target, work

#: The table's grain: each cell is 2^(1/8) = 1.09 times the one before.
CELLS_PER_OCTAVE = 8
#: Cells to either side of the target's rate. Also the longest step at once, a factor of 4: one burst of late
#: shares, or one pause, may be an accident of the network.
REACH = 2 * CELLS_PER_OCTAVE
CELLS = 2 * REACH + 1

#: In so many seconds the belief is let go of, for what is known of a miner of which nothing is known but its
#: target: near it, and less likely by e for each so many octaves away. Sooner, or wider, follows a change
#: faster and moves more often for nothing.
FORGOTTEN_IN = 300.0
CHANGE_OCTAVES = 0.45
#: Belief in a hash rate that the miner only claims, within one cell; the rest is spread by octaves.
CLAIM_BELIEVED = 0.8
CLAIM_OCTAVES = 0.5

#: What counts as slower, or faster: 3 cells, a factor of 1.3.
NOTICED = 3
#: Easing is done on suspicion: at this much belief in slower, because a target that is too hard takes away
#: the very shares that would tell. It goes to where less than a third of the belief is slower still.
EASE_AT, EASE_TO = 0.45, 0.3
#: Hardening is done on conviction: until then it only costs us a few more shares.
HARDEN_AT, HARDEN_TO = 0.85, 0.4
#: A move by this many cells (a factor of 2) starts a new estimate. It is reviewed after so many shares, and at
#: each doubling, and put right cell by cell.
UPSET = CELLS_PER_OCTAVE
FIRST_REVIEW = 12.0

#: One look weighs no more than this many shares, come or missing, so that no pause or burst outweighs the rest.
EVIDENCE = 64.0
#: `hurried` is set once so many shares came since the last look, if that is also so many times the pace.
HURRY_SHARES = 16.0
HURRY_PACE = 4.0
#: Octaves eased in silence: a miner that shared comes back to at most 64 times too many shares, and gets hold
#: of the first harder target within a round trip. One that never did may have claimed anything.
SILENCE_KNOWN = 6 * CELLS_PER_OCTAVE
SILENCE_UNKNOWN = 16 * CELLS_PER_OCTAVE

_SCALE = 1 << 64


def _spread(octaves: float) -> list[float]:
    weights = [exp(-abs(cell) / CELLS_PER_OCTAVE / octaves) for cell in range(-REACH, REACH + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def _claim() -> list[float]:
    belief = [(1 - CLAIM_BELIEVED) * weight for weight in _spread(CLAIM_OCTAVES)]
    for cell, part in (-1, 0.3), (0, 0.4), (1, 0.3):
        belief[REACH + cell] += CLAIM_BELIEVED * part
    return belief


_RATIOS: list[float] = [2.0 ** (cell / CELLS_PER_OCTAVE) for cell in range(-REACH, REACH + 1)]
_CHANGED = _spread(CHANGE_OCTAVES)
_CLAIMED = _claim()
_LOOK = [(log(ratio), ratio, changed) for ratio, changed in zip(_RATIOS, _CHANGED, strict=True)]
#: What a target is multiplied by, in 1/2^64, for a miner of each ratio.
_FACTORS = [round(_SCALE / ratio) for ratio in _RATIOS]


@dataclass(frozen=True, slots=True)
class VardiffPolicy:
    """What the operator wants. `easiest`: no channel's target is easier, whoever asks."""

    shares_per_minute: int | float | Fraction = 6
    easiest: Target = MAX_TARGET
    #: Shares a second.
    pace: float = field(init=False)

    def __post_init__(self) -> None:
        if self.shares_per_minute <= 0:
            raise ValueError(f"shares a minute must be above zero, not {self.shares_per_minute}")
        object.__setattr__(self, "pace", float(self.shares_per_minute) / 60)


class Vardiff:
    """The share rate of one channel, kept near the wanted one.

    `now` is steady seconds. Bounds are `hardest <= target <= easiest`; targets given are within them, and if
    they contradict each other, `hardest` wins: harder than the network's would throw blocks away.
    """

    __slots__ = (
        "_belief",
        "_easiest",
        "_hardest",
        "_policy",
        "_review",
        "_seen",
        "_shares",
        "_silence",
        "_since",
        "_target",
        "_work",
        "hurried",
    )

    def __init__(
        self, target: Target, policy: VardiffPolicy, now: float, easiest: Target, hardest: Target
    ) -> None:
        self._policy = policy
        self._easiest, self._hardest = easiest, hardest
        self._target, self._work = target, work(target)
        self._belief = array("d", _CLAIMED)
        self._shares = 0.0  # since the last look
        self._since = now  # the last look
        self._seen = 0.0  # shares since the last upset
        self._review = inf  # when _seen gets there
        self._silence = SILENCE_UNKNOWN  # cells that may be eased until a share comes
        #: Shares come much too fast: call next_target now, not at the next sweep.
        self.hurried = False

    @property
    def target(self) -> Target:
        """What was last said."""
        return self._target

    @property
    def hashrate(self) -> float:
        """The miner's hash rate as far as we know it, in hashes a second."""
        expected = sum(part * ratio for part, ratio in zip(self._belief, _RATIOS, strict=True))
        return expected * self._work * self._policy.pace

    def accepted(self, work: int, now: float) -> None:
        """Count a share of a job of this much work. One of an easier job, from before, counts in part."""
        shares = self._shares = self._shares + (1.0 if work >= self._work else work / self._work)
        if shares >= HURRY_SHARES and shares > HURRY_PACE * self._policy.pace * (now - self._since):
            self.hurried = True

    def next_target(self, now: float) -> Target | None:
        """Look at what came since the last look: the new target, or None if it stays."""
        self._look(now)
        cells = max(self._verdict(), -self._silence)
        old = self._target
        new = ((old + 1) * _FACTORS[cells + REACH] // _SCALE) - 1 if cells else old
        new = max(min(new, self._easiest), self._hardest)
        if new == old:
            return None
        moved = self._aim(Target(new))
        self._silence = max(self._silence + min(moved, 0), 0)
        if abs(moved) >= UPSET:
            self._seen, self._review = 0.0, FIRST_REVIEW
        return self._target

    def retarget(self, target: Target, now: float) -> None:
        """The target is another one by the miner's word, which is believed half (UpdateChannel)."""
        self._look(now)
        if target == self._target:
            return
        self._aim(target)
        self._silence = SILENCE_UNKNOWN
        mixed = [(mine + theirs) / 2 for mine, theirs in zip(self._belief, _CLAIMED, strict=True)]
        self._belief = array("d", mixed)

    def rebound(self, easiest: Target, hardest: Target) -> None:
        """Other bounds, from now on; the next look keeps them."""
        self._easiest, self._hardest = easiest, hardest

    def _look(self, now: float) -> None:
        """Weigh the belief by the shares since the last look."""
        seconds = max(now - self._since, 0.0)
        shares, due = self._shares, seconds * self._policy.pace
        self._since, self._shares, self.hurried = now, 0.0, False
        if shares:
            self._seen += shares
            self._silence = SILENCE_KNOWN
        most = max(shares, due)
        if most > EVIDENCE:
            shares, due = shares * EVIDENCE / most, due * EVIDENCE / most
        kept = exp(-seconds / FORGOTTEN_IN)
        lost = 1 - kept
        weighed = [
            (kept * part + lost * changed) * exp(shares * logarithm - due * ratio)
            for part, (logarithm, ratio, changed) in zip(self._belief, _LOOK, strict=True)
        ]
        scale = 1 / sum(weighed)
        self._belief = array("d", [part * scale for part in weighed])

    def _verdict(self) -> int:
        """By how many cells the target should be harder; below zero: easier."""
        belief = self._belief
        if sum(belief[: REACH + 1 - NOTICED]) >= EASE_AT:
            return _quantile(belief, EASE_TO)
        if sum(belief[REACH + NOTICED :]) >= HARDEN_AT:
            return _quantile(belief, HARDEN_TO)
        if self._seen >= self._review:
            self._review *= 2
            return _quantile(belief, 0.5)
        return 0

    def _aim(self, target: Target) -> int:
        """Take the target; the belief is about the miner, so it slides the other way. Says by how many cells."""
        moved = round(CELLS_PER_OCTAVE * log2((self._target + 1) / (target + 1)))
        self._target, self._work = target, work(target)
        slid = [self._belief[min(max(cell + moved, 0), CELLS - 1)] for cell in range(CELLS)]
        scale = 1 / sum(slid)
        self._belief = array("d", [part * scale for part in slid])
        return moved


def _quantile(belief: Sequence[float], part: float) -> int:
    """The first cell, counted from the middle, up to which there is this much of the belief."""
    sums = accumulate(belief)
    return next(cell for cell, total in enumerate(sums, -REACH) if total >= part or cell == REACH)
