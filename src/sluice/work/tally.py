"""What a channel has done: shares by fate, work, the best share, hash rates over three windows.

Rule: counted once, from a verdict; work is an exact integer, hash rates are estimates for people.
"""

from math import exp, expm1

from sluice.work.verdict import Verdict

#: Windows of the hash rate estimates, in seconds: 1, 5 and 60 minutes.
WINDOWS = (60.0, 300.0, 3600.0)
_NO_RATES = (0.0,) * len(WINDOWS)


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
        self._rates: list[float] | None = None
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

    def hashrates(self, now: float) -> tuple[float, float, float]:
        """Hashes per second over the last 1, 5 and 60 minutes, or since the start if that is shorter."""
        self.settle(now)
        age = now - self._since
        if self._rates is None or age <= 0:
            return 0.0, 0.0, 0.0
        one, five, sixty = (
            rate / _weight(age, window) for rate, window in zip(self._rates, WINDOWS, strict=True)
        )
        return one, five, sixty

    def settle(self, now: float) -> None:
        """Fold what came since the last time into the windows; called by a sweep every few seconds."""
        elapsed = now - self._settled
        if elapsed <= 0:
            return
        if self._pending or self._rates is not None:
            arrived = self._pending / elapsed
            self._rates = [
                rate * exp(-elapsed / window) + arrived * _weight(elapsed, window)
                for rate, window in zip(self._rates or _NO_RATES, WINDOWS, strict=True)
            ]
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


def _weight(seconds: float, window: float) -> float:
    """The part of an exponential window that its last `seconds` make up."""
    return -expm1(-seconds / window)
