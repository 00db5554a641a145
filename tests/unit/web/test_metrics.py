"""What Prometheus reads: every row, escaped, and nothing old."""

import asyncio
import subprocess
from pathlib import Path
from time import time
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import parser as plain
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics import parser as openmetrics

from sluice.web.metric import WebFacts
from sluice.web.metric_table import METRICS
from sluice.web.metrics import STALE_SECONDS, fresh_of, space, written
from support.pictured import HOSTILE, busy, pictured
from support.prometheus import MISSING, program
from support.web import served, settings_in

WEB = WebFacts(1.0, True, {200: 3}, {"rate": 1}, 2, 1, (10, 20))
Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def families(text: str, parser: Any = plain) -> list[Family]:
    return list(parser.text_string_to_metric_families(text))


def numbers(text: str) -> Numbers:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families(text)
        for sample in family.samples
    }


def of_a_busy_pool(*nodes: str) -> str:
    return written(pictured(busy(), *nodes), WEB)[0].decode()


def test_every_row_is_there() -> None:
    text = of_a_busy_pool()
    for metric in METRICS:
        assert f"# TYPE sluice_{metric.name} {metric.kind.value}\n" in text
        assert f"# HELP sluice_{metric.name} " in text


def test_the_numbers_are_the_pool_s() -> None:
    said = numbers(of_a_busy_pool())
    assert said["sluice_shares_total", (("dialect", "sv2-extended"), ("verdict", "unknown-job"))] == 1
    assert said["sluice_node_state", (("node", "core"), ("state", "leading"))] == 1
    assert said["sluice_node_state", (("node", "core"), ("state", "silent"))] == 0
    assert said["sluice_node_submits_total", (("answer", "accepted"), ("node", "core"))] == 2
    assert said["sluice_web_requests_total", (("status", "200"),)] == 3
    assert said["sluice_process_cpu_seconds_total", (("process", "pool"),)] > 0
    assert said["sluice_process_cpu_seconds_total", (("process", "web"),)] > 0
    assert said["sluice_share_answer_seconds_bucket", (("le", "+Inf"),)] == 1
    assert said["sluice_share_answer_seconds_count", ()] == 1
    assert said["sluice_record_failing", ()] == 1
    assert said["sluice_record_entries_total", ()] == 400
    assert said["sluice_record_batches_total", ()] == 20
    assert said["sluice_bans", ()] == 1


def test_buckets_add_up() -> None:
    said = numbers(of_a_busy_pool())
    counts = [value for (name, labels), value in said.items() if name == "sluice_loop_lag_seconds_bucket"]
    assert counts == sorted(counts)


def test_a_miner_s_words_are_nowhere_and_an_operator_s_are_escaped() -> None:
    text = of_a_busy_pool(HOSTILE)
    assert "<script>evil" in text  # the node's name
    labels = {dict(labels).get("node") for _, labels in numbers(text)}
    assert labels == {None, HOSTILE}
    assert "evil" not in of_a_busy_pool("core")


def test_openmetrics_is_for_who_asks_for_it() -> None:
    body, content_type = written(pictured(busy()), WEB, "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert len(families(body.decode(), openmetrics)) == len(METRICS)


def test_without_a_pool_there_is_what_the_web_side_knows() -> None:
    said = numbers(written(None, WebFacts(sees_pool=False, answered={}, turned_away={}))[0].decode())
    assert said["sluice_up", ()] == 0
    assert {name for name, _ in said} == {
        "sluice_up",
        "sluice_process_cpu_seconds_total",
        "sluice_process_resident_memory_bytes",
        "sluice_web_requests_open",
        "sluice_web_streams_open",
    }


def test_it_is_asked_over_http(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            await client.get("/nowhere")
            answer = await client.get("/metrics")
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/plain; version=")
            said = numbers(answer.text)
            assert said["sluice_up", ()] == 0
            assert said["sluice_web_requests_total", (("status", "404"),)] == 1
            assert said["sluice_web_requests_open", ()] == 1
            assert said["sluice_disk_size_bytes", ()] > said["sluice_disk_free_bytes", ()] > 0

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("age", "shown"), [(0.0, True), (STALE_SECONDS / 2, True), (STALE_SECONDS + 1, False)]
)
def test_old_numbers_are_no_numbers(age: float, shown: bool) -> None:
    picture = replace(pictured(busy()), at=time() - age)
    fresh, _ = fresh_of(picture)
    assert (fresh is picture) == shown


def test_a_disk_that_does_not_answer_says_nothing(tmp_path: Path) -> None:
    assert space(str(tmp_path / "nowhere")) is None
    assert space(str(tmp_path)) is not None


@pytest.mark.skipif(program("promtool") is None, reason=MISSING)
def test_promtool_has_nothing_to_say() -> None:
    said = subprocess.run(
        [str(program("promtool")), "check", "metrics"],
        input=of_a_busy_pool(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
