"""How much one visitor may ask for: a bucket of requests for each, filled again at a steady rate.

Rule: time is an argument. Memory is bounded: of more visitors than fit, the one that has been away longest is forgotten,
whose bucket is the likeliest to be full.
"""

from collections import OrderedDict
from dataclasses import dataclass

#: Visitors that are remembered: 10,000 are some 2 MB, and more than a pool's dashboard has.
MOST_VISITORS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Allowances:
    """A bucket for each visitor. Mutable."""

    __slots__ = ("_buckets", "_burst", "_most", "_rate")

    def __init__(self, per_second: float, burst: int, most: int = MOST_VISITORS) -> None:
        self._rate = per_second
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, who: str, now: float) -> float:
        """Take one request of `who`'s: 0.0 if there was one, else the seconds until there is one, and nothing is taken."""
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = _Bucket(float(self._burst), now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(who)
        bucket.left = min(self._burst, bucket.left + max(0.0, now - bucket.at) * self._rate)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._rate
        bucket.left -= 1
        return 0.0
