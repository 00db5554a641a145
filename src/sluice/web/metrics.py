"""`/metrics`, for Prometheus: the table's rows with the numbers of now, in the format that was asked for.

Rule: the registry is made for one answer and forgotten; numbers of a pool that has been out of sight for a while are
left out, as old ones would be taken for new.
"""

import shutil
from collections.abc import Iterator
from itertools import accumulate
from time import time
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from sluice.control.counters import BOUNDS
from sluice.control.words import PoolPicture
from sluice.web.metric import PREFIX, Kind, Metric, WebFacts
from sluice.web.metric_table import METRICS
from sluice.web.sight import Sight

#: Seconds after which a picture is not shown as the present any more: four scrapes of the usual pace.
STALE_SECONDS = 60.0
#: Seconds for the file system to say how full it is, once in a while: one that hangs holds up no scrape.
DISK_SECONDS, DISK_AGAIN = 1.0, 10.0


class Snapshot(Collector):
    """The table at one moment."""

    def __init__(self, picture: PoolPicture | None, facts: WebFacts) -> None:
        self._picture = picture
        self._facts = facts

    def collect(self) -> Iterator[Family]:
        """Families, in the table's order; those without a number are left out."""
        for metric in METRICS:
            family = self._histogram(metric) if metric.kind is Kind.HISTOGRAM else self._plain(metric)
            if family.samples:
                yield family

    def _plain(self, metric: Metric) -> Family:
        kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
        family = kind(PREFIX + metric.name, metric.help, labels=metric.labels)
        for sample in metric.samples(self._picture, self._facts):
            family.add_metric(sample.labels, sample.value)
        return family

    def _histogram(self, metric: Metric) -> Family:
        family = HistogramMetricFamily(PREFIX + metric.name, metric.help, labels=metric.labels)
        ends = [*map(str, BOUNDS[metric.name]), "+Inf"]
        for buckets in metric.buckets(self._picture):
            below = list(zip(ends, accumulate(buckets.counts), strict=True))
            family.add_metric(buckets.labels, below, buckets.seconds)
        return family


def written(picture: PoolPicture | None, facts: WebFacts, accept: str = "") -> tuple[bytes, str]:
    """The answer's body, and its content type: OpenMetrics for who asks for it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Snapshot(picture, facts))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


@get("/metrics", include_in_schema=False)
async def metrics(sight: NamedDependency[Sight], request: Request[Any, Any, Any]) -> Response[bytes]:
    """All numbers there are."""
    fresh, age = fresh_of(sight.picture)
    traffic = sight.traffic
    facts = WebFacts(
        picture_age=age,
        sees_pool=fresh is not None and not sight.trouble,
        answered=dict(traffic.answered),
        turned_away=dict(traffic.turned_away),
        open_requests=traffic.open,
        streams=sight.streams,
        disk=await _disk(sight),
    )
    body, content_type = written(fresh, facts, request.headers.get("accept", ""))
    return Response(body, media_type=content_type)


def fresh_of(picture: PoolPicture | None) -> tuple[PoolPicture | None, float | None]:
    """The picture if it is of now, and its age."""
    if picture is None:
        return None, None
    age = max(0.0, time() - picture.at)
    return (picture if age < STALE_SECONDS else None), age


async def _disk(sight: Sight) -> tuple[int, int] | None:
    where = sight.settings.data_dir

    async def ask() -> tuple[int, int] | None:
        return await sight.aside(lambda: space(where))

    return await sight.memory.recall("disk", DISK_AGAIN, ask, DISK_SECONDS)


def space(where: str) -> tuple[int, int] | None:
    """Bytes free and in all on the file system of a directory; None if it does not say."""
    try:
        usage = shutil.disk_usage(where)
    except OSError:
        return None
    return usage.free, usage.total
