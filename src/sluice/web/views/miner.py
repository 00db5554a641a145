"""A miner: its account with all its workers, or one of these.

What is live comes from the pool, what counts since ever from the record; a worker is there if either knows it.
"""

from dataclasses import dataclass

from litestar.exceptions import NotFoundException

from sluice.ledger.reading import WorkerTotals
from sluice.pool.overview import difficulty_of
from sluice.web import archive
from sluice.web.charts import RANGES, USUAL, day_rate, drawn
from sluice.web.crowd import Rig
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked, turned

PAGE_SIZE = 100
_NO_RATES = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One worker; difficulties are numbers for people, 0 if there is none."""

    worker: str
    rig: Rig | None
    rates: tuple[float, float, float]
    #: Hashes credited in the last 24 hours; None where the record does not say.
    work_of_day: int | None
    accepted: int
    late: int
    refused: dict[str, int]
    best: float
    best_today: float
    first_at: float | None
    last_at: float | None
    blocks: int

    @property
    def refusals(self) -> int:
        """For whatever reason."""
        return sum(self.refused.values())

    def day_rate(self, now: float) -> float | None:
        """Over 24 hours, or since the first share if that is shorter."""
        return None if self.work_of_day is None else day_rate(self.work_of_day, self.first_at or now, now)


async def miner(sight: Sight, asked: Asked) -> dict[str, object]:
    """The account. Raises NotFoundException if nobody knows it."""
    account = asked.text("account")
    rows = await _rows(sight, account)
    if not rows:
        raise NotFoundException
    rows.sort(key=lambda row: (row.rig is None, -row.rates[1], row.worker))
    pages = turned(len(rows), asked.page, PAGE_SIZE)
    return {
        "account": account,
        "rows": rows[max(pages.first - 1, 0) : pages.last],
        "pages": pages,
        "whole": _together(rows),
        "online": sum(row.rig is not None for row in rows),
        "asked": asked,
        **await _history(sight, asked, account, None),
    }


async def worker(sight: Sight, asked: Asked) -> dict[str, object]:
    """One worker. Raises NotFoundException if nobody knows it."""
    account, name = asked.text("account"), asked.text("worker")
    row = next((row for row in await _rows(sight, account) if row.worker == name), None)
    if row is None:
        raise NotFoundException
    return {
        "account": account,
        "row": row,
        "rig": row.rig,
        "asked": asked,
        **await _history(sight, asked, account, name),
    }


async def _history(sight: Sight, asked: Asked, account: str, worker: str | None) -> dict[str, object]:
    name = asked.choice("range", RANGES, USUAL)
    return drawn(await archive.worker_chart(sight, account, worker, name)) | {
        "range": name,
        "ranges": tuple(RANGES),
    }


async def _rows(sight: Sight, account: str) -> list[Row]:
    await sight.first()
    rigs = sight.crowd.accounts.get(account, {})
    kept = {totals.worker: totals for totals in await archive.account(sight, account) or ()}
    works = await archive.works_of_day(sight, account)
    names = dict.fromkeys((*rigs, *kept))
    return [
        _row(sight, rigs.get(name), kept.get(name), None if works is None else works.get(name, 0), name)
        for name in names
    ]


def _row(sight: Sight, rig: Rig | None, totals: WorkerTotals | None, work: int | None, name: str) -> Row:
    live_last = None
    if rig is not None and rig.figures.last_share_ago is not None:
        live_last = sight.now - rig.figures.last_share_ago
    figures = rig.figures if rig else None
    session_best = figures.best_difficulty if figures else 0.0
    return Row(
        worker=name,
        rig=rig,
        rates=figures.hashrates if figures else _NO_RATES,
        work_of_day=work,
        accepted=totals.accepted if totals else figures.accepted if figures else 0,
        late=totals.late if totals else figures.late if figures else 0,
        refused=dict(totals.refused) if totals else dict(figures.refused) if figures else {},
        best=max(_difficulty(totals.best_hash if totals else None), session_best),
        best_today=_difficulty(totals.best_today_hash if totals else None),
        first_at=(totals.first_at or None) if totals else None,
        last_at=max(filter(None, (live_last, totals.last_at if totals else None)), default=None),
        blocks=totals.blocks if totals else 0,
    )


def _difficulty(best_hash: int | None) -> float:
    return difficulty_of(best_hash) if best_hash is not None else 0.0


def _together(rows: list[Row]) -> Row:
    refused: dict[str, int] = {}
    for row in rows:
        for reason, count in row.refused.items():
            refused[reason] = refused.get(reason, 0) + count
    works = [row.work_of_day for row in rows]
    one, five, sixty = (sum(column) for column in zip(*(row.rates for row in rows), strict=True))
    return Row(
        worker="",
        rig=None,
        rates=(one, five, sixty),
        work_of_day=None if None in works else sum(filter(None, works)),
        accepted=sum(row.accepted for row in rows),
        late=sum(row.late for row in rows),
        refused=refused,
        best=max(row.best for row in rows),
        best_today=max(row.best_today for row in rows),
        first_at=min((row.first_at for row in rows if row.first_at), default=None),
        last_at=max((row.last_at for row in rows if row.last_at), default=None),
        blocks=sum(row.blocks for row in rows),
    )
