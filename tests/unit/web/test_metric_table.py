"""The table and what the pool's process sends are one; names are as Prometheus wants them."""

import re

import pytest

from sluice.control.counters import BOUNDS, Buckets, Sample
from sluice.server.metrics import counters
from sluice.web.metric import Kind, Metric, WebFacts
from sluice.web.metric_table import METRICS, metric_rows
from support.pictured import busy, pictured

WEB = WebFacts(1.0, True, {200: 3}, {"rate": 1}, 2, 1, (10, 20))
each = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)


def test_all_that_is_sent_is_declared_and_all_that_is_declared_is_sent() -> None:
    said = counters(busy())
    carried = {metric.name for metric in METRICS if metric.pool is None and metric.kind is not Kind.HISTOGRAM}
    only_web = {
        metric.name for metric in METRICS if metric.web is not None and metric.name not in said.samples
    }
    assert set(said.samples) == carried - only_web
    assert (
        set(said.buckets)
        == set(BOUNDS)
        == {metric.name for metric in METRICS if metric.kind is Kind.HISTOGRAM}
    )


@each
def test_every_number_has_its_labels(metric: Metric) -> None:
    picture = pictured(busy())
    numbers: list[Sample | Buckets] = [*metric.samples(picture, WEB), *metric.buckets(picture)]
    assert numbers
    assert all(len(number.labels) == len(metric.labels) for number in numbers)
    assert len({number.labels for number in numbers}) == len(numbers)


@each
def test_names_are_prometheus_way(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*[a-z]", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.kind is not Kind.HISTOGRAM or metric.name.endswith("_seconds")
    assert metric.help.endswith(".")


def test_every_name_is_there_once() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_the_page_has_a_line_for_each() -> None:
    page = metric_rows()
    assert all(f"| `sluice_{metric.name}` |" in page for metric in METRICS)
