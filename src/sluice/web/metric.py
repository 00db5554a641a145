"""What a metric is, and what it is read from: the pool's picture, or what the web process knows of itself.

Rule: a pool that is not in sight has no numbers; the web process always has.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from sluice.control.counters import Buckets, Sample
from sluice.control.words import PoolPicture

#: Stands before every name.
PREFIX = "sluice_"


class Kind(Enum):
    """What a metric is; the value is Prometheus' word."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class WebFacts:
    """What the web process knows of itself, and of how well it sees the pool."""

    picture_age: float | None = None
    sees_pool: bool = False
    answered: dict[int, int] | None = None
    turned_away: dict[str, int] | None = None
    open_requests: int = 0
    streams: int = 0
    #: Bytes free and in all where the data directory is; None if the disk does not say.
    disk: tuple[int, int] | None = None


#: Where a metric is read. A pool that is not in sight has no numbers; the web process always has.
OfPool = Callable[[PoolPicture], Iterable[Sample]]
OfWeb = Callable[[WebFacts], Iterable[Sample]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A row. Without `pool` and `web` it travels in the picture's counters under its name."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    pool: OfPool | None = None
    web: OfWeb | None = None

    def samples(self, picture: PoolPicture | None, facts: WebFacts) -> list[Sample]:
        """Its numbers now."""
        found: list[Sample] = []
        if picture is not None:
            found += (self.pool or self._carried)(picture)
        if self.web is not None:
            found += self.web(facts)
        return found

    def buckets(self, picture: PoolPicture | None) -> tuple[Buckets, ...]:
        """A histogram's counts now."""
        return () if picture is None else picture.counters.buckets.get(self.name, ())

    def _carried(self, picture: PoolPicture) -> Iterable[Sample]:
        return picture.counters.samples.get(self.name, ())
