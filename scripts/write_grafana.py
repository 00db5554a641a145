"""Write ops/grafana.json, a dashboard for Grafana; with --check only say whether it differs.

A panel is one row of a table: its title, what it asks Prometheus, what each line is called, its unit.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WHERE = ROOT / "ops" / "grafana.json"

#: Of one Sluice, the one that is chosen above.
OF = 'instance=~"$instance"'
#: Panels beside each other, of the 24 columns that Grafana has.
ACROSS = 3
WIDTH, HEIGHT = 24 // ACROSS, 7
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """`asks` are queries, each with the name of its lines; `shape` is Grafana's."""

    title: str
    asks: tuple[tuple[str, str], ...]
    unit: str = "short"
    shape: str = "timeseries"


def one(title: str, query: str, legend: str = "", unit: str = "short", shape: str = "timeseries") -> Panel:
    """A panel with one query."""
    return Panel(title, ((query, legend),), unit, shape)


def quantiles(title: str, metric: str, more: str = "") -> Panel:
    """How long something takes: the middle, one in ten, one in a hundred."""
    rate = f"sum by (le) (rate({metric}_bucket{{{OF}{more}}}[$__rate_interval]))"
    return Panel(
        title,
        tuple((f"histogram_quantile({part}, {rate})", f"p{part * 100:g}") for part in (0.5, 0.9, 0.99)),
        "s",
    )


def per_second(metric: str, by: str, more: str = "") -> str:
    """The rate of a counter, by a label."""
    return f"sum by ({by}) (rate({metric}{{{OF}{more}}}[$__rate_interval]))"


ROWS: dict[str, tuple[Panel, ...]] = {
    "Mining": (
        one("Hash rate", f"sluice_hashrate_hashes_per_second{{{OF}}}", "{{window}}", "H/s"),
        one("Mining", f"sluice_mining{{{OF}}}", "{{instance}}", "bool_yes_no", "stat"),
        one("Open channels", f"sluice_channels{{{OF}}}", "{{dialect}}"),
        one(
            "Shares", per_second("sluice_shares_total", "dialect, verdict"), "{{dialect}} {{verdict}}", "ops"
        ),
        one(
            "Refused, of all",
            f'sum(rate(sluice_shares_total{{{OF}, verdict!~"accepted|late"}}[$__rate_interval]))'
            f" / sum(rate(sluice_shares_total{{{OF}}}[$__rate_interval]))",
            "refused",
            "percentunit",
        ),
        one("Work credited", per_second("sluice_work_hashes_total", "dialect"), "{{dialect}}", "H/s"),
        one("Channels refused", per_second("sluice_channels_refused_total", "reason"), "{{reason}}", "ops"),
        one("Channels opened", per_second("sluice_channels_opened_total", "dialect"), "{{dialect}}", "ops"),
        one("Network difficulty", f"sluice_network_difficulty{{{OF}}}", "{{instance}}", shape="stat"),
    ),
    "Speed": (
        quantiles("Reading shares to writing their answer", "sluice_share_answer_seconds"),
        quantiles("A block to all having been told", "sluice_block_change_seconds", ', told="announced"'),
        quantiles("Lateness of the event loop", "sluice_loop_lag_seconds"),
    ),
    "Connections": (
        Panel(
            "Connections",
            (
                (f"sluice_connections{{{OF}}}", "{{stage}}"),
                (f"sluice_connections_limit{{{OF}}}", "at most"),
                (f"sluice_connections_stalled{{{OF}}}", "not reading"),
            ),
        ),
        one(
            "Failed before they began",
            per_second("sluice_handshake_failures_total", "reason"),
            "{{reason}}",
            "ops",
        ),
        one("Ended", per_second("sluice_connections_closed_total", "reason"), "{{reason}}", "ops"),
        Panel(
            "Bytes",
            (
                (f"rate(sluice_network_receive_bytes_total{{{OF}}}[$__rate_interval])", "read"),
                (f"rate(sluice_network_transmit_bytes_total{{{OF}}}[$__rate_interval])", "written"),
            ),
            "Bps",
        ),
        one("Set-ups refused", per_second("sluice_setups_refused_total", "reason"), "{{reason}}", "ops"),
        one("Bans", f"sluice_bans{{{OF}}}", "{{instance}}", shape="stat"),
    ),
    "Nodes": (
        one("State", f"sluice_node_state{{{OF}}} == 1", "{{node}}: {{state}}", shape="stat"),
        one("Age of the last template", f"sluice_node_template_age_seconds{{{OF}}}", "{{node}}", "s"),
        one(
            "Later than the first with the last block",
            f"sluice_node_tip_lag_seconds{{{OF}}}",
            "{{node}}",
            "s",
        ),
        one("Height of the next block", f"sluice_node_next_block_height{{{OF}}}", "{{node}}", "none"),
        one("Blocks behind", f"sluice_node_blocks_behind{{{OF}}}", "{{node}}"),
        one("What a block pays", f"sluice_node_template_reward_satoshis{{{OF}}} / 1e8", "{{node}}", "none"),
    ),
    "Blocks": (
        Panel(
            "Found and taken",
            (
                (f'sluice_events_total{{{OF}, event="BlockFound"}}', "found"),
                (f"sluice_blocks_accepted_total{{{OF}}}", "taken by a node"),
                (f'sluice_events_total{{{OF}, event="BlockBuried"}}', "in the chain for good"),
                (f'sluice_events_total{{{OF}, event="BlockOrphaned"}}', "lost a race"),
            ),
            shape="stat",
        ),
        one("Under way", f"sluice_blocks_unsettled{{{OF}}}", "{{stage}}"),
        one("Given to nodes", f"sluice_node_submits_total{{{OF}}}", "{{node}}: {{answer}}", shape="stat"),
    ),
    "Record": (
        one("Age of the oldest unwritten entry", f"sluice_record_lag_seconds{{{OF}}}", "{{instance}}", "s"),
        Panel(
            "Waiting, and lost",
            (
                (f"sluice_record_queue_entries{{{OF}}}", "waiting"),
                (f"sluice_record_lost_entries_total{{{OF}}}", "lost"),
            ),
        ),
        Panel(
            "Written, each second",
            (
                (f"rate(sluice_record_entries_total{{{OF}}}[$__rate_interval])", "entries"),
                (f"rate(sluice_record_batches_total{{{OF}}}[$__rate_interval])", "batches"),
            ),
        ),
        one(
            "Disk in use",
            f"1 - sluice_disk_free_bytes{{{OF}}} / sluice_disk_size_bytes{{{OF}}}",
            "{{instance}}",
            "percentunit",
        ),
    ),
    "Process and dashboard": (
        one(
            "Processor",
            per_second("sluice_process_cpu_seconds_total", "process"),
            "{{process}}",
            "percentunit",
        ),
        one("Memory", f"sluice_process_resident_memory_bytes{{{OF}}}", "{{process}}", "bytes"),
        one("What waits", f"sluice_queue_length{{{OF}}}", "{{queue}}"),
        one(
            "Requests to the dashboard",
            per_second("sluice_web_requests_total", "status"),
            "{{status}}",
            "ops",
        ),
        Panel(
            "Open on the dashboard",
            (
                (f"sluice_web_requests_open{{{OF}}}", "requests"),
                (f"sluice_web_streams_open{{{OF}}}", "event streams"),
            ),
        ),
        one("What was told", per_second("sluice_events_total", "event"), "{{event}}", "ops"),
    ),
}


def dashboard() -> str:
    """The whole file."""
    panels: list[dict[str, Any]] = []
    down = 0
    for title, row in ROWS.items():
        place = {"x": 0, "y": down, "w": 24, "h": 1}
        panels.append({"type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []})
        down += 1
        for at, panel in enumerate(row):
            x, y = at % ACROSS * WIDTH, down + at // ACROSS * HEIGHT
            panels.append(_panel(panel, {"x": x, "y": y, "w": WIDTH, "h": HEIGHT}))
        down += -(-len(row) // ACROSS) * HEIGHT
    whole = {
        "__inputs": [],
        "title": "Sluice",
        "uid": "sluice",
        "tags": ["bitcoin", "mining"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [_datasource(), _instance()]},
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels, 1)],
    }
    return json.dumps(whole, indent=1) + "\n"


def _panel(panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + number), "datasource": DATASOURCE, "expr": query, "legendFormat": legend}
        for number, (query, legend) in enumerate(panel.asks)
    ]
    shown: dict[str, Any] = {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi"},
    }
    if panel.shape == "stat":
        shown = {"textMode": "auto", "colorMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
    return {
        "type": panel.shape,
        "title": panel.title,
        "gridPos": place,
        "datasource": DATASOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "options": shown,
        "targets": targets,
    }


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}


def _instance() -> dict[str, Any]:
    query = "label_values(sluice_up, instance)"
    return {
        "name": "instance",
        "label": "Sluice",
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": "instances"},
        "definition": query,
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
    }


def main(*arguments: str) -> int:
    """Write it if it differs, or only say so; 1 if --check found that."""
    text = dashboard()
    differs = not WHERE.exists() or WHERE.read_text() != text
    if differs:
        print(WHERE.relative_to(ROOT))
        if "--check" not in arguments:
            WHERE.write_text(text)
    return int(differs and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
