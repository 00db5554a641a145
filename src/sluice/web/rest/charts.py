"""The API's charts: work and hash rates over time, of the pool, an account or a worker.

Rule: whole steps of ten minutes or a multiple, the running one included only if it is asked for; no more points than a
bound, so that no request holds the record for long.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from sluice.ledger.chart import ChartPoint
from sluice.ledger.reading import Reader
from sluice.web.devices import kept_name
from sluice.web.problem import Refusal
from sluice.web.rest import from_record as said
from sluice.web.rest.history import AccountName, WorkerName
from sluice.web.rest.kept import needed
from sluice.web.rest.live import picture_of
from sluice.web.rest.miner_answers import Chart
from sluice.web.sight import Sight

#: Seconds of the record's slots, and of a day.
SLOT, DAY = 600, 86_400
#: Points of one chart at most: two weeks of slots, some 200 KB.
MOST_POINTS = 2_016
#: Seconds that a chart is good for: its newest point is ten minutes long.
FRESH = 15.0
#: The largest number for a time: the year 9999.
LATEST = 253_402_300_799

Since = Annotated[
    int | None,
    QueryParameter(ge=0, le=LATEST, description="Unix seconds; a day before `until` if it is not given."),
]
Until = Annotated[
    int | None, QueryParameter(ge=0, le=LATEST, description="Unix seconds; now if it is not given.")
]
Step = Annotated[
    int,
    QueryParameter(
        ge=SLOT, le=365 * DAY, multiple_of=SLOT, description="Seconds of a step: a multiple of 600."
    ),
]
Look = Callable[[Reader, "Window"], Iterable[ChartPoint]]


@dataclass(frozen=True, slots=True)
class Window:
    """Whole steps, in unix seconds."""

    since: int
    until: int
    step: int


def window_of(since: int | None, until: int | None, step: int, now: float) -> Window:
    """The whole steps that lie between, the first and the last as they begin. Raises Refusal."""
    last = int(now if until is None else min(until, now + step)) // step * step
    first = last - max(DAY, step) if since is None else since // step * step
    if first > last:
        raise Refusal(400, "since: it is after until.")
    if (last - first) // step > MOST_POINTS:
        raise Refusal(
            400, f"step: a chart has {MOST_POINTS} points at most; take a longer step or a shorter time."
        )
    return Window(first, last, step)


@get("/charts/pool", summary="The pool over time", tags=["pool"])
async def pool_chart(
    sight: NamedDependency[Sight], since: Since = None, until: Until = None, step: Step = SLOT
) -> Chart:
    """Work and hash rate of the whole pool."""
    return await _chart(
        sight, "pool", (since, until, step), lambda reader, at: reader.pool_chart(at.since, at.until, at.step)
    )


@get("/charts/account", summary="An account over time", tags=["miners"])
async def account_chart(
    sight: NamedDependency[Sight],
    name: AccountName,
    since: Since = None,
    until: Until = None,
    step: Step = SLOT,
) -> Chart:
    """Work and hash rate of an account."""
    account = kept_name(name)
    return await _chart(
        sight,
        ("account", account),
        (since, until, step),
        lambda reader, at: reader.worker_chart(account, None, at.since, at.until, at.step),
    )


@get("/charts/worker", summary="A worker over time", tags=["miners"])
async def worker_chart(
    sight: NamedDependency[Sight],
    account: AccountName,
    name: WorkerName = "",
    since: Since = None,
    until: Until = None,
    step: Step = SLOT,
) -> Chart:
    """Work and hash rate of a worker."""
    account, worker = kept_name(account), kept_name(name)
    return await _chart(
        sight,
        ("worker", account, worker),
        (since, until, step),
        lambda reader, at: reader.worker_chart(account, worker, at.since, at.until, at.step),
    )


async def _chart(
    sight: Sight, whose: Hashable, asked: tuple[int | None, int | None, int], look: Look
) -> Chart:
    picture = await picture_of(sight)
    at = window_of(*asked, picture.at)
    found = await needed(sight, ("chart", whose, at), lambda reader: list(look(reader, at)), FRESH)
    return said.chart_answer(found, at.since, at.until, at.step)


CHARTS = (pool_chart, account_chart, worker_chart)
