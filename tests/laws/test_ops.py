"""The alert rules and the dashboard ask for what exists: every metric, every label, every value, every rule tested."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sluice.web.metric import Kind, WebFacts
from sluice.web.metric_table import METRICS
from sluice.web.metrics import written
from support.pictured import busy, pictured
from support.prometheus import MISSING, program

ROOT = Path(__file__).parents[2]
OPS = ROOT / "ops"
#: Labels that Prometheus adds to what it scrapes.
SCRAPED = {"instance", "job"}
#: Labels with values that there are only once something has happened.
OPEN = {"status", "reason", "instance", "node", "answer"}
LABELS = {
    f"sluice_{metric.name}{ending}": set(metric.labels) | SCRAPED | ({"le"} if ending == "_bucket" else set())
    for metric in METRICS
    for ending in (("_bucket", "_sum", "_count") if metric.kind is Kind.HISTOGRAM else ("",))
}
SELECTOR = re.compile(r"\b(sluice_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
needs_promtool = pytest.mark.skipif(program("promtool") is None, reason=MISSING)


def alerts() -> dict[str, str]:
    """Each rule's name, and its text."""
    rules = re.split(r"^ +- alert: ", (OPS / "alerts.yml").read_text(), flags=re.MULTILINE)[1:]
    return {rule.partition("\n")[0].strip(): rule for rule in rules}


def panels() -> dict[str, str]:
    """What each query of the dashboard asks, and what it calls the lines."""
    dashboard = json.loads((OPS / "grafana.json").read_text())
    return {
        f"{panel['title']} {target['refId']}": f"{target['expr']}\n{target['legendFormat']}"
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    }


TEXTS = alerts() | panels()
each = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


@pytest.fixture(scope="module")
def values() -> dict[str, set[str]]:
    """The values of each label that a pool's metrics have from the first moment."""
    facts = WebFacts(1.0, True, {200: 1}, {"rate": 1})
    found: dict[str, set[str]] = {}
    text = written(pictured(busy()), facts)[0].decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                found.setdefault(label, set()).add(value)
    return found


def matchers(text: str) -> Iterator[tuple[str, str, str, str]]:
    for name, inside in SELECTOR.findall(text):
        for label, operator, value in MATCHER.findall(inside):
            yield name, label, operator, value


@each
def test_every_metric_exists(text: str) -> None:
    names = {name for name, _ in SELECTOR.findall(text)}
    assert names
    assert names <= set(LABELS)


@each
def test_every_label_exists(text: str) -> None:
    of_all = set.union(*(LABELS[name] for name, _ in SELECTOR.findall(text)))
    for name, label, _, _ in matchers(text):
        assert label in LABELS[name]
    for grouped in re.findall(r"\bby \(([^)]*)\)", text):
        assert set(re.split(r"[, ]+", grouped)) <= of_all
    named = re.findall(r"\{\{ ?\$labels\.(\w+) ?\}\}|\{\{(\w+)\}\}", text)
    assert {one or other for one, other in named} <= of_all


@each
def test_every_value_is_one_that_the_label_can_have(text: str, values: dict[str, set[str]]) -> None:
    for _, label, _, value in matchers(text):
        if label not in OPEN:
            assert set(value.split("|")) <= values[label]


def test_every_number_is_shown_or_watched() -> None:
    """A metric that nobody looks at is one too many; these say what they are by their names alone."""
    by_themselves = {
        *(
            "sluice_build_info",
            "sluice_start_time_seconds",
            "sluice_extranonce_prefixes",
            "sluice_next_block_height",
        ),
        *("sluice_draining", "sluice_web_requests_turned_away_total"),
    }
    asked = {name for text in TEXTS.values() for name, _ in SELECTOR.findall(text)}
    declared = {name.removesuffix("_sum").removesuffix("_count").removesuffix("_bucket") for name in LABELS}
    assert declared - {name.removesuffix("_bucket") for name in asked} == by_themselves


@pytest.mark.parametrize(("name", "text"), alerts().items(), ids=alerts())
def test_every_rule_says_what_it_is_about_and_is_seen_to_fire_and_not_to(name: str, text: str) -> None:
    assert re.search(r"severity: (critical|warning|info) ", text)
    assert re.search(r"^ +summary: .{15}", text, re.MULTILINE)
    assert re.search(r"^ +description: .{15}", text, re.MULTILINE)
    tests = (OPS / "alerts_test.yml").read_text()
    assert re.search(rf"alertname: {name}\n +exp_alerts:\n", tests)
    assert f"alertname: {name}, exp_alerts: []" in tests


@needs_promtool
def test_promtool_takes_the_rules() -> None:
    run = subprocess.run(
        [str(program("promtool")), "check", "rules", "alerts.yml"], cwd=OPS, capture_output=True, text=True
    )
    assert f"SUCCESS: {len(alerts())} rules found" in run.stdout, run.stderr
    assert run.returncode == 0


@needs_promtool
def test_the_rules_fire_when_they_should_and_only_then() -> None:
    run = subprocess.run(
        [str(program("promtool")), "test", "rules", "alerts_test.yml"],
        cwd=OPS,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_dashboard_is_the_one_that_is_printed() -> None:
    run = subprocess.run(
        [sys.executable, "scripts/write_grafana.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (0, ""), "`make docs` writes it anew"


def test_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads((OPS / "grafana.json").read_text())["panels"]:
        place = panel["gridPos"]
        mine = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not mine & taken
        assert place["x"] + place["w"] <= 24
        taken |= mine
