"""What a channel has done: shares by fate, work, the best share, hash rates over three windows.

Rule: counted once, from a verdict; work is an exact integer, hash rates are estimates for people.
"""

from collections.abc import Callable
from math import exp, expm1

from sluice.work.verdict import Verdict

#: Windows of the hash rate estimates, in seconds: 1, 5 and 60 minutes.
WINDOWS = _ONE, _FIVE, _SIXTY = (60.0, 300.0, 3600.0)
Rates = tuple[float, float, float]
_NO_RATES: Rates = (0.0, 0.0, 0.0)


class Tally:
    """Counters of one channel, worker or connection. Mutable; one owner."""

    __slots__ = ("_pending", "_rates", "_settled", "_since", "best_hash", "last_share", "shares", "work")

    def __init__(self, now: float) -> None:
        self.shares: dict[Verdict, int] = {}
        self.work = 0
        #: The smallest header hash, as an integer; None before the first share.
        self.best_hash: int | None = None
        #: When the last credited share came, in steady seconds.
        self.last_share: float | None = None
        self._pending = 0
        self._rates: Rates | None = None
        self._settled = now
        self._since = now

    def credit(self, verdict: Verdict, work: int, header_hash: int, now: float) -> None:
        """A share was credited with `work` (hashes expected for its job's target)."""
        shares = self.shares
        shares[verdict] = shares.get(verdict, 0) + 1
        self.work += work
        self._pending += work
        self.last_share = now
        best = self.best_hash
        if best is None or header_hash < best:
            self.best_hash = header_hash

    def refuse(self, verdict: Verdict) -> None:
        """A share was refused."""
        self.shares[verdict] = self.shares.get(verdict, 0) + 1

    def absorb(self, other: "Tally") -> None:
        """Count all that `other` has counted; its hash rates end with it."""
        for verdict, count in other.shares.items():
            self.shares[verdict] = self.shares.get(verdict, 0) + count
        self.work += other.work
        self.best_hash = min(
            (best for best in (self.best_hash, other.best_hash) if best is not None), default=None
        )
        self.last_share = max(
            (at for at in (self.last_share, other.last_share) if at is not None), default=None
        )

    def age(self, now: float) -> float:
        """Seconds since it began to count."""
        return now - self._since

    def hashrates(self, now: float) -> Rates:
        """Hashes per second over the last 1, 5 and 60 minutes, or since the start if that is shorter."""
        self.settle(now)
        age = now - self._since
        if self._rates is None or age <= 0:
            return _NO_RATES
        one, five, sixty = self._rates
        return one / _weight(age, _ONE), five / _weight(age, _FIVE), sixty / _weight(age, _SIXTY)

    def settle(self, now: float) -> None:
        """Fold what came since the last time into the windows; called by a sweep every few seconds."""
        elapsed = now - self._settled
        if elapsed <= 0:
            return
        if self._pending or self._rates is not None:
            arrived = self._pending / elapsed
            one, five, sixty = (
                self._rates or _NO_RATES
            )  # three lines instead of a loop: every channel, every second
            self._rates = (
                one * exp(-elapsed / _ONE) + arrived * _weight(elapsed, _ONE),
                five * exp(-elapsed / _FIVE) + arrived * _weight(elapsed, _FIVE),
                sixty * exp(-elapsed / _SIXTY) + arrived * _weight(elapsed, _SIXTY),
            )
        self._pending = 0
        self._settled = now

    @property
    def accepted(self) -> int:
        """Shares credited, late ones included."""
        return sum(count for verdict, count in self.shares.items() if verdict.credited)

    @property
    def refused(self) -> dict[Verdict, int]:
        """Shares refused, by reason."""
        return {verdict: count for verdict, count in self.shares.items() if not verdict.credited}


def fading(seconds: float) -> Callable[[Rates, float], Rates]:
    """What becomes of the hash rates of a tally of some age, if there is no share in so many seconds."""
    of_one, of_five, of_sixty = (exp(-seconds / window) for window in WINDOWS)

    def faded(rates: Rates, age: float) -> Rates:
        if age <= 0 or rates == _NO_RATES:
            return rates
        one, five, sixty = rates
        then = age + seconds
        return (
            one * of_one * _weight(age, _ONE) / _weight(then, _ONE),
            five * of_five * _weight(age, _FIVE) / _weight(then, _FIVE),
            sixty * of_sixty * _weight(age, _SIXTY) / _weight(then, _SIXTY),
        )

    return faded


def _weight(seconds: float, window: float) -> float:
    """The part of an exponential window that its last `seconds` make up."""
    return -expm1(-seconds / window)
