"""Every metric there is, once: its name, what it counts, and where it is read.

`/metrics` and docs/metrics.md come of this table; the dashboard and the alert rules in ops/ are held to it by a test.
Names are Prometheus' way: seconds, bytes and hashes, `_total` for what only grows. Rule: a label has few values, all
of them words of ours or names that the operator chose; nothing a miner says becomes one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sluice.control.counters import Sample
from sluice.control.words import NodePicture, PoolPicture, RecordPicture
from sluice.node.several.standing import State
from sluice.server.usage import usage
from sluice.web.metric import PREFIX, Kind, Metric, OfPool


def _one(value: float | None, *labels: str) -> tuple[Sample, ...]:
    return () if value is None else (Sample(labels, float(value)),)


def _each_node(read: Callable[[NodePicture], float | None]) -> OfPool:
    return lambda picture: [sample for node in picture.nodes for sample in _one(read(node), node.node)]


def _of_record(read: Callable[[RecordPicture], float]) -> OfPool:
    return lambda picture: () if picture.record is None else _one(read(picture.record))


def _hashrates(picture: PoolPicture) -> Iterable[Sample]:
    windows = zip(("1m", "5m", "1h"), picture.figures.hashrates, strict=True)
    return [Sample((window,), rate) for window, rate in windows]


def _states(picture: PoolPicture) -> Iterable[Sample]:
    return [
        Sample((node.node, state.value), float(node.state == state.value))
        for node in picture.nodes
        for state in State
    ]


def _submits(picture: PoolPicture) -> Iterable[Sample]:
    return [
        Sample((node.node, answer), count)
        for node in picture.nodes
        for answer, count in sorted(node.outcomes.items())
    ]


def _counts(counts: Mapping[Any, int] | None) -> Iterable[Sample]:
    return [Sample((str(value),), count) for value, count in sorted((counts or {}).items())]


COUNTER, GAUGE, HISTOGRAM = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM
_OF_PROCESS = ("process",)

#: By what they are about, in the order in which they are shown.
GROUPS: dict[str, tuple[Metric, ...]] = {
    "Mining": (
        Metric(
            "mining",
            GAUGE,
            "Whether work is given out and mined; where not, the dashboard says why.",
            pool=lambda p: _one(not p.trouble),
        ),
        Metric(
            "shares_total",
            COUNTER,
            "Shares judged, by what the channel speaks and what became of them.",
            ("dialect", "verdict"),
        ),
        Metric(
            "work_hashes_total",
            COUNTER,
            "Work credited: the hashes that accepted shares stand for.",
            ("dialect",),
        ),
        Metric(
            "hashrate_hashes_per_second",
            GAUGE,
            "Hash rate of all that is connected, over 1 minute, 5 minutes and 1 hour.",
            ("window",),
            pool=_hashrates,
        ),
        Metric("channels", GAUGE, "Open channels.", ("dialect",)),
        Metric("channels_opened_total", COUNTER, "Channels opened.", ("dialect",)),
        Metric(
            "channels_refused_total", COUNTER, "Requests to open a channel that were refused.", ("reason",)
        ),
        Metric(
            "extranonce_prefixes",
            GAUGE,
            "Parts of the search space that are given out, or rest until the next block.",
        ),
        Metric(
            "network_difficulty",
            GAUGE,
            "Difficulty of the block to be found.",
            pool=lambda p: _one(p.network_difficulty or None),
        ),
        Metric("next_block_height", GAUGE, "Height of the block to be found.", pool=lambda p: _one(p.height)),
    ),
    "Speed": (
        Metric(
            "share_answer_seconds",
            HISTOGRAM,
            "From reading shares off a connection to their answer's being written, once for each read; with pool.ack_milliseconds set, to its being put off.",
        ),
        Metric(
            "block_change_seconds",
            HISTOGRAM,
            "From a node's news of a block to everybody's having been told: `announced` the small message that stops stale work, on channels that share jobs; `jobs` all of it.",
            ("told",),
        ),
        Metric(
            "loop_lag_seconds",
            HISTOGRAM,
            "How late the pool's event loop came to what it had to do, a hundred times a second.",
        ),
    ),
    "Connections": (
        Metric("connections", GAUGE, "Open connections of miners.", ("stage",)),
        Metric(
            "connections_limit",
            GAUGE,
            "How many may be open: server.max_connections.",
            pool=lambda p: _one(p.max_connections),
        ),
        Metric(
            "connections_stalled",
            GAUGE,
            "Connections whose peers do not read as fast as they are written to.",
        ),
        Metric(
            "connections_closed_total", COUNTER, "Connections that ended after their handshake.", ("reason",)
        ),
        Metric(
            "handshake_failures_total",
            COUNTER,
            "Connections that ended before they had finished their handshake.",
            ("reason",),
        ),
        Metric(
            "setups_refused_total", COUNTER, "Connections whose SetupConnection was refused.", ("reason",)
        ),
        Metric(
            "bans",
            GAUGE,
            "Names, addresses and networks that are not taken.",
            pool=lambda p: _one(len(p.bans)),
        ),
        Metric("network_receive_bytes_total", COUNTER, "Bytes read from miners."),
        Metric("network_transmit_bytes_total", COUNTER, "Bytes written to miners."),
        Metric(
            "draining", GAUGE, "Whether miners are being sent elsewhere.", pool=lambda p: _one(p.draining)
        ),
    ),
    "Nodes": (
        Metric(
            "node_state",
            GAUGE,
            "1 for the state that a node is in (docs/nodes.md), 0 for the others.",
            ("node", "state"),
            pool=_states,
        ),
        Metric(
            "node_template_age_seconds",
            GAUGE,
            "Since a node's last template came.",
            ("node",),
            pool=_each_node(lambda node: node.template_age),
        ),
        Metric(
            "node_tip_lag_seconds",
            GAUGE,
            "How much later than the first a node told of the last block.",
            ("node",),
            pool=_each_node(lambda node: node.lag),
        ),
        Metric(
            "node_blocks_behind",
            GAUGE,
            "Blocks between a node's tip and the one that is mined on.",
            ("node",),
            pool=_each_node(lambda node: node.behind),
        ),
        Metric(
            "node_next_block_height",
            GAUGE,
            "Height of the block to be found on a node's tip.",
            ("node",),
            pool=_each_node(lambda node: node.next_height or None),
        ),
        Metric(
            "node_template_reward_satoshis",
            GAUGE,
            "What a block of a node's last template pays.",
            ("node",),
            pool=_each_node(lambda node: node.reward or None),
        ),
        Metric(
            "node_submits_total",
            COUNTER,
            "Attempts to give a block to a node, by its answer.",
            ("node", "answer"),
            pool=_submits,
        ),
        Metric(
            "template_age_seconds",
            GAUGE,
            "Since the template that is mined came.",
            pool=lambda p: _one(p.template.age if p.template else None),
        ),
    ),
    "Blocks": (
        Metric(
            "blocks_unsettled",
            GAUGE,
            "Found blocks that are looked after, by where they stand (docs/blocks.md).",
            ("stage",),
        ),
        Metric("blocks_unrecorded", GAUGE, "Those of them that are not on the disk."),
        Metric(
            "blocks_accepted_total",
            COUNTER,
            "Found blocks that a node was seen to take.",
            pool=lambda p: _one(p.blocks_accepted),
        ),
    ),
    "Record": (
        Metric(
            "record_failing",
            GAUGE,
            "Whether the record cannot be written; mining goes on.",
            pool=_of_record(lambda record: bool(record.failing)),
        ),
        Metric(
            "record_lag_seconds",
            GAUGE,
            "Age of the oldest entry that is not written.",
            pool=_of_record(lambda record: record.lag),
        ),
        Metric(
            "record_queue_entries",
            GAUGE,
            "Entries that are not written.",
            pool=_of_record(lambda record: record.queued),
        ),
        Metric(
            "record_entries_total",
            COUNTER,
            "Entries written.",
            pool=_of_record(lambda record: record.entries),
        ),
        Metric(
            "record_batches_total",
            COUNTER,
            "Batches in which they were written, each one transaction.",
            pool=_of_record(lambda record: record.batches),
        ),
        Metric(
            "record_lost_entries_total",
            COUNTER,
            "Entries given up because the record could not be written.",
            pool=_of_record(lambda record: record.lost),
        ),
        Metric(
            "disk_free_bytes",
            GAUGE,
            "Free where the data directory is.",
            web=lambda web: _one(web.disk and web.disk[0]),
        ),
        Metric(
            "disk_size_bytes",
            GAUGE,
            "The size of that file system.",
            web=lambda web: _one(web.disk and web.disk[1]),
        ),
    ),
    "Process": (
        Metric(
            "build_info",
            GAUGE,
            "1, with what runs.",
            ("version", "network", "mode"),
            pool=lambda p: _one(1, p.version, p.network, p.mode),
        ),
        Metric("up", GAUGE, "Whether the web process sees the pool.", web=lambda web: _one(web.sees_pool)),
        Metric(
            "picture_age_seconds",
            GAUGE,
            "Age of what the web process knows of the pool: the numbers here are of then.",
            web=lambda web: _one(web.picture_age),
        ),
        Metric(
            "start_time_seconds",
            GAUGE,
            "When the pool began, in unix seconds.",
            pool=lambda p: _one(p.started_at),
        ),
        Metric(
            "process_cpu_seconds_total",
            COUNTER,
            "Processor time taken.",
            _OF_PROCESS,
            web=lambda _: _one(usage().cpu, "web"),
        ),
        Metric(
            "process_resident_memory_bytes",
            GAUGE,
            "Memory in use.",
            _OF_PROCESS,
            web=lambda _: _one(usage().resident, "web"),
        ),
        Metric(
            "queue_length",
            GAUGE,
            "What waits: for the disk, for a node to take a block, answers for their time.",
            ("queue",),
        ),
        Metric(
            "events_total",
            COUNTER,
            "What was told, by kind: the lines of the log and those below its level.",
            ("event",),
        ),
    ),
    "Dashboard": (
        Metric(
            "web_requests_total",
            COUNTER,
            "Requests answered, by status.",
            ("status",),
            web=lambda web: _counts(web.answered),
        ),
        Metric(
            "web_requests_turned_away_total",
            COUNTER,
            "Requests over a limit for one address.",
            ("limit",),
            web=lambda web: _counts(web.turned_away),
        ),
        Metric(
            "web_requests_open",
            GAUGE,
            "Requests that are being answered, event streams among them.",
            web=lambda web: _one(web.open_requests),
        ),
        Metric("web_streams_open", GAUGE, "Open event streams.", web=lambda web: _one(web.streams)),
    ),
}
METRICS: tuple[Metric, ...] = tuple(metric for group in GROUPS.values() for metric in group)


def metric_rows() -> str:
    """The part of docs/metrics.md that is printed."""
    return "\n".join(
        f"## {title}\n\n| metric | labels | |\n|---|---|---|\n" + "".join(map(_row, group))
        for title, group in GROUPS.items()
    )


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{PREFIX}{metric.name}` | {labels} | {metric.help} |\n"
