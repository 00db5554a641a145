"""How long something took, how often: a few counters, cheap enough for every read of every connection.

Rule: an observation is one search among a dozen bounds, and two additions.
"""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """Mutable; one owner. `counts` has one more than `bounds`: what lies above all of them."""

    __slots__ = ("bounds", "counts", "seconds")

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds` are the buckets' upper ends, in seconds, rising; a bound belongs to its bucket."""
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.seconds = 0.0

    def observe(self, seconds: float) -> None:
        """It took so long."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds
