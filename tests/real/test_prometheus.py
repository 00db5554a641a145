"""A real Prometheus scrapes a real `sluice run` on which a real miner mines."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from sluice.web.metric_table import METRICS
from support.miners import mining
from support.prometheus import MISSING, Prometheus, program
from support.server import PATIENCE, ServerProcess, sluice_server

OPS = Path(__file__).parents[2] / "ops"
#: What a pool that has just begun has no number for: nobody was turned away, no block was given to a node.
NOT_YET = {
    *(
        "sluice_channels_refused_total",
        "sluice_setups_refused_total",
        "sluice_web_requests_turned_away_total",
    ),
    *("sluice_connections_closed_total", "sluice_handshake_failures_total", "sluice_node_submits_total"),
}
#: However many miners come: what each of some hundred numbers is of are words of ours.
MOST_SERIES = 600

pytestmark = pytest.mark.skipif(program("prometheus") is None, reason=MISSING)


@pytest.fixture
def pool() -> Iterator[ServerProcess]:
    """With its dashboard, and a miner that finds shares all the time."""
    settings = {"web__listen": "127.0.0.1:0", "pool__shares_per_minute": 600}
    with sluice_server(**settings) as server, mining(server.url, "evil.<script>"):
        yield server


def address(server: ServerProcess) -> str:
    """Host and port of the dashboard, once it is served."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in server.events("dashboard"):
            return str(urlsplit(line["url"]).netloc)
        time.sleep(0.05)
    raise AssertionError(server.log_file.read_text())


def test_prometheus_sees_the_pool_and_no_rule_is_wrong(pool: ServerProcess, tmp_path: Path) -> None:
    with Prometheus(tmp_path, address(pool), OPS / "alerts.yml") as prometheus:
        query = prometheus.query
        prometheus.wait_for(lambda: query('up{job="sluice"} == 1'))
        prometheus.wait_for(lambda: query('increase(sluice_shares_total{verdict="accepted"}[10s]) > 0'))
        prometheus.wait_for(
            lambda: query("histogram_quantile(0.99, rate(sluice_share_answer_seconds_bucket[10s])) > 0")
        )
        assert [value for _, value in query("sluice_mining")] == [1]
        prometheus.wait_for(lambda: query("sluice_record_entries_total >= sluice_record_batches_total > 0"))

        series = prometheus.ask("series", **{"match[]": '{__name__=~"sluice_.+"}'})
        names = {each["__name__"].removesuffix("_bucket") for each in series}
        assert {f"sluice_{metric.name}" for metric in METRICS} - names <= NOT_YET
        assert len(series) < MOST_SERIES
        assert not [each for each in series if "evil" in json.dumps(each)]

        def rules() -> list[dict[str, str]]:
            return [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]

        prometheus.wait_for(lambda: all(rule["health"] != "unknown" for rule in rules()))
        assert {rule["health"] for rule in rules()} == {"ok"}
        firing = {alert["labels"]["alertname"] for alert in prometheus.ask("alerts")["alerts"]
                  if alert["state"] == "firing"}  # fmt: skip
        assert firing <= {"SluiceBlockFound", "SluiceBlockUndelivered"}


def test_every_panel_s_query_is_one_that_prometheus_understands(pool: ServerProcess, tmp_path: Path) -> None:
    dashboard = json.loads((OPS / "grafana.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    with Prometheus(tmp_path, address(pool), OPS / "alerts.yml") as prometheus:
        prometheus.wait_for(lambda: prometheus.query("increase(sluice_shares_total[10s]) > 0"))
        for query in queries:
            prometheus.query(query.replace("$instance", ".*").replace("$__rate_interval", "10s"))
    assert len(queries) > 40


def test_promtool_has_nothing_to_say_about_what_is_served(pool: ServerProcess) -> None:
    url = f"http://{address(pool)}/metrics"
    deadline = time.monotonic() + PATIENCE
    while "sluice_shares_total" not in (text := httpx.get(url).text) and time.monotonic() < deadline:
        time.sleep(0.1)
    tool = program("promtool")
    assert tool is not None
    said = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
