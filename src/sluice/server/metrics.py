"""The numbers of this process for `/metrics`: what the pool counts, what the meter measures, what waits.

Rule: one look at what is counted anyway, without a step for each connection; a tenth of a millisecond in all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from sluice.control.counters import Buckets, Counters, Sample
from sluice.pool.block_life import Stage
from sluice.pool.candidates import Candidates
from sluice.pool.counts import Counts
from sluice.pool.events import Happening
from sluice.server.histogram import Histogram
from sluice.server.loop import Owner
from sluice.server.meter import Meter
from sluice.server.usage import usage

#: Values that one label may have. All of them are words of ours, some dozens; should one of our sentences ever carry
#: something that a peer chooses, it costs this many series and no more.
MOST_VALUES = 64
#: What the rest of them are together.
OTHERS = "other"

Samples = tuple[Sample, ...]


def counters(owner: Owner) -> Counters:
    """All that grows or waits in this process."""
    state, meter = owner.pool.state, owner.meter
    used = usage()
    return Counters(
        samples=_mining(state.counts)
        | {
            "handshake_failures_total": counted(owner.turned_away),
            "connections_closed_total": counted(state.closings),
            "events_total": tuple(Sample((name,), meter.happened[name]) for name in names_of(Happening)),
            "blocks_unsettled": _blocks(state.candidates),
            "blocks_unrecorded": _one(sum(not each.recorded for each in state.candidates.live.values())),
            "connections": (
                Sample(("handshake",), owner.shaking),
                Sample(("mining",), len(owner.pumps) - owner.shaking),
            ),
            "connections_stalled": _one(owner.stalling),
            "queue_length": (
                *(Sample((name,), waiting()) for name, waiting in meter.queues.items()),
                Sample(("answers",), len(state.unacknowledged)),
            ),
            "network_receive_bytes_total": _one(meter.received),
            "network_transmit_bytes_total": _one(meter.sent),
            "process_cpu_seconds_total": _one(used.cpu, "pool"),
            "process_resident_memory_bytes": _one(used.resident, "pool"),
            "extranonce_prefixes": _one(state.space.held),
        },
        buckets=_measured(meter),
    )


def counted(counts: Mapping[str, float]) -> Samples:
    """A sample for each word, what stands after its first colon or semicolon left out, and never too many of them."""
    short: dict[str, float] = {}
    for words, count in counts.items():
        kind = words.partition(":")[0].partition(";")[0]
        if kind not in short and len(short) >= MOST_VALUES:
            kind = OTHERS
        short[kind] = short.get(kind, 0) + count
    return tuple(Sample((kind,), count) for kind, count in short.items())


def _one(value: float, *labels: str) -> Samples:
    return (Sample(labels, value),)


def names_of(kind: type[Happening]) -> Iterable[str]:
    """All that can be told: what never was has a number, too, so that its first time is a rise."""
    names: dict[str, None] = {}
    for each in kind.__subclasses__():
        names |= dict.fromkeys((each.__name__, *names_of(each)))
    return names


def _blocks(candidates: Candidates) -> Samples:
    stages = Counter(each.stage for each in candidates.live.values())
    return tuple(Sample((stage.value,), stages[stage]) for stage in Stage if not stage.settled)


def _mining(counts: Counts) -> dict[str, Samples]:
    each = [(dialect.value, sums) for dialect, sums in counts.of.items()]
    return {
        "shares_total": tuple(
            Sample((dialect, verdict.value), count)
            for dialect, sums in each
            for verdict, count in sums.shares.items()
        ),
        "work_hashes_total": tuple(Sample((dialect,), float(sums.work)) for dialect, sums in each),
        "channels": tuple(Sample((dialect,), sums.opened - sums.closed) for dialect, sums in each),
        "channels_opened_total": tuple(Sample((dialect,), sums.opened) for dialect, sums in each),
        "channels_refused_total": counted(counts.channels_refused),
        "setups_refused_total": counted(counts.setups_refused),
    }


def _measured(meter: Meter) -> dict[str, tuple[Buckets, ...]]:
    def together(*histograms: tuple[str, Histogram]) -> Iterable[Buckets]:
        for label, histogram in histograms:
            labels = (label,) if label else ()
            yield Buckets(labels, tuple(histogram.counts), histogram.seconds)

    return {
        "share_answer_seconds": tuple(together(("", meter.answer))),
        "block_change_seconds": tuple(together(("announced", meter.announced), ("jobs", meter.jobs))),
        "loop_lag_seconds": tuple(together(("", meter.lag))),
    }
