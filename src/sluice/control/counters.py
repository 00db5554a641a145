"""The numbers of the pool's process that stand in no other field of a picture, as they travel to `/metrics`.

A metric is named as in docs/metrics.md, without the `sluice_` before it; what it says is declared where it is shown
(`web/metric_table.py`), and a test holds both to each other.
Rule: counters only grow while the process lives; label values are words of ours, in the order of the declaration.
"""

from msgspec import Struct

#: Upper ends of a histogram's buckets, in seconds: what takes longer is counted beyond the last.
BOUNDS: dict[str, tuple[float, ...]] = {
    # A share takes some 20 µs, a read of a proxy's hundred some ms; 50 ms is what we promise at the 99th percentile.
    "share_answer_seconds": (
        *(0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5),
        *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
    ),
    # 11 µs a connection for the first word, 30 for all: a millisecond for a hundred, a third of a second for ten thousand.
    "block_change_seconds": (0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
    # What the loop does at a time should be over in a few ms.
    "loop_lag_seconds": (0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
}

Labels = tuple[str, ...]


class Sample(Struct, frozen=True, array_like=True):
    """One number, and what it is of."""

    labels: Labels
    value: float


class Buckets(Struct, frozen=True, array_like=True):
    """One histogram: how many came to lie in each bucket, the last one open; `seconds` is the sum of all."""

    labels: Labels
    counts: tuple[int, ...]
    seconds: float


class Counters(Struct, frozen=True):
    """All of them, by the metric's name."""

    samples: dict[str, tuple[Sample, ...]] = {}
    buckets: dict[str, tuple[Buckets, ...]] = {}
