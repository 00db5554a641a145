"""Hash rates over time: what a script draws, and the still picture that is there before, and without it.

Rule: a point is the mean over its step, at the step's beginning; nothing is invented for before the first point that
is known, and a step without shares after it is zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf

import msgspec

#: How long a chart is, by its name, and how long a step of it, in seconds.
RANGES: dict[str, tuple[int, int]] = {
    "24h": (86_400, 600),
    "7d": (604_800, 3_600),
    "30d": (2_592_000, 14_400),
}
USUAL = "24h"
#: Seconds of the running step that say something: the record is some of them behind.
ENOUGH_SECONDS = 60
DAY = 86_400
#: The still picture's own units.
WIDTH, HEIGHT = 1_000, 232
_MARGIN = 8


class Chart(msgspec.Struct, frozen=True):
    """`at` in unix seconds, `rate` in hashes a second, null where nothing is known."""

    at: list[int]
    rate: list[float | None]

    @property
    def most(self) -> float:
        """The highest rate."""
        return max((rate for rate in self.rate if rate is not None), default=0.0)

    @property
    def mean(self) -> float | None:
        """Over what is known."""
        known = [rate for rate in self.rate if rate is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class Still:
    """The picture as paths of an SVG; empty if there is nothing to draw."""

    edge: str
    under: str


def window(name: str, now: float) -> tuple[int, int, int]:
    """From when, until when, and the step, of the chart that is called so; the running step is in it once it says enough."""
    length, step = RANGES[name]
    running = int(now // step) * step
    until = running + step if now - running >= ENOUGH_SECONDS else running
    return until - length, until, step


def chart_of(
    points: Iterable[tuple[int, int]],
    since: int,
    until: int,
    step: int,
    lived: tuple[float, float] = (0, inf),
) -> Chart:
    """From (when a step began, hashes of work in it).

    `lived`: when the pool began, and now. The step that runs is as long as it has lasted, and so is the first that is
    known, if the pool began in it; of too little time nothing is known.
    """
    began, now = lived
    work: dict[int, int] = {}
    for at, hashes in points:
        place = at // step * step
        work[place] = work.get(place, 0) + hashes
    first = min(work, default=until)
    times = list(range(ceil(since / step) * step, until, step))
    begins = {first: began} if first < began < first + step else {}
    seconds = {each: min(each + step, now) - begins.get(each, each) for each in times}
    known = {each: each > first or (each == first and seconds[each] >= ENOUGH_SECONDS) for each in times}
    return Chart(times, [work.get(each, 0) / seconds[each] if known[each] else None for each in times])


def day_rate(work: int, first_at: float, now: float) -> float:
    """Hashes a second of the work of the last day; of less than that for who sent a first share less than a day ago."""
    return work / min(max(now - first_at, ENOUGH_SECONDS), DAY)


def still_of(chart: Chart) -> Still:
    """Drawn once."""
    most = chart.most
    if most <= 0:
        return Still("", "")
    steps = max(len(chart.at) - 1, 1)
    known = [
        (round(WIDTH * place / steps, 1), round(HEIGHT - (HEIGHT - _MARGIN) * rate / (1.08 * most), 1))
        for place, rate in enumerate(chart.rate)
        if rate is not None
    ]
    edge = _path(known) if len(known) > 1 else f"{_path(known)} h0"  # one point is a dot
    return Still(edge, f"{edge} L{known[-1][0]:g} {HEIGHT} L{known[0][0]:g} {HEIGHT} Z")


def drawn(chart: Chart | None) -> dict[str, object]:
    """For a template: the chart, and the still picture of it."""
    return {"chart": chart, "still": still_of(chart) if chart else None}


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in points)
