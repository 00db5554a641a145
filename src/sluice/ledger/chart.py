"""Points of a chart: what was done in equal parts of time.

Rule: work is exact; parts without a share have no point, and who draws knows that they are zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sluice.ledger.schema import WORK_BITS


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """From `at` (unix seconds) for a step: work in hashes, shares credited and refused."""

    at: int
    work: int
    accepted: int
    refused: int


def points_of(rows: Iterable[Any], step: int) -> list[ChartPoint]:
    """Rows (slot, accepted, refused, work_high, work_low) as points, in order of time."""
    parts: dict[int, list[int]] = {}
    for slot, accepted, refused, high, low in rows:
        part = parts.setdefault(slot - slot % step, [0, 0, 0])
        part[0] += (high << WORK_BITS) + low
        part[1] += accepted
        part[2] += refused
    return [ChartPoint(at, *part) for at, part in sorted(parts.items())]
