"""What pages ask of the record, in their own terms, each answer kept for a moment.

Rule: None where there is no record, or none in time; a page says so and is right in everything else.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from sluice.ledger.lives import BlockLife
from sluice.ledger.reading import AccountTotals, BlockLine, Page, Reader, WorkerTotals
from sluice.ledger.schema import SLOT
from sluice.pool.overview import difficulty_of
from sluice.web.charts import DAY, Chart, chart_of, window
from sluice.web.sight import NoRecord, Sight

__all__ = ["BestShare", "BlockLife"]

T = TypeVar("T")
#: Seconds that an answer is good for: the record itself is some seconds behind.
FRESH = 4.0
#: A chart's newest step is minutes long.
CHART_FRESH = 30.0
#: Seconds that a page waits for the record: the first paint is worth more.
PATIENCE = 0.8


@dataclass(frozen=True, slots=True)
class BestShare:
    """Its difficulty is a number for people."""

    account: str
    worker: str
    difficulty: float
    at: float


async def pool_chart(sight: Sight, name: str) -> Chart | None:
    """The hash rate of the whole pool, over a range of `charts.RANGES`."""
    began, now = _lived(sight)
    since, until, step = window(name, now)
    return await _recalled(
        sight,
        ("pool chart", since, step),
        lambda reader: chart_of(
            ((point.at, point.work) for point in reader.pool_chart(since, until, step)),
            since,
            until,
            step,
            (began, now),
        ),
        CHART_FRESH,
    )


async def worker_chart(sight: Sight, account: str, worker: str | None, name: str) -> Chart | None:
    """That of an account, or of one worker of it."""
    began, now = _lived(sight)
    since, until, step = window(name, now)
    return await _recalled(
        sight,
        ("worker chart", account, worker, since, step),
        lambda reader: chart_of(
            ((point.at, point.work) for point in reader.worker_chart(account, worker, since, until, step)),
            since,
            until,
            step,
            (began, now),
        ),
        CHART_FRESH,
    )


def _lived(sight: Sight) -> tuple[float, float]:
    """When the pool began, and now."""
    return sight.picture.started_at if sight.picture else 0.0, sight.now


async def bests(sight: Sight, limit: int) -> list[BestShare] | None:
    """The best shares ever, one of each account."""

    def look(reader: Reader) -> list[BestShare]:
        return [
            BestShare(best.account, best.worker, difficulty_of(best.hash), best.at)
            for best in reader.bests(limit)
        ]

    return await _recalled(sight, ("bests", limit), look)


async def blocks(sight: Sight, offset: int, limit: int) -> Page[BlockLine] | None:
    """The newest first."""
    return await _recalled(sight, ("blocks", offset, limit), lambda reader: reader.blocks(offset, limit))


async def block(sight: Sight, block_hash: str) -> BlockLife | None:
    """One block's life; None also if it is not known."""
    return await _recalled(sight, ("block", block_hash), lambda reader: reader.block(block_hash))


async def work_since_block(sight: Sight) -> float | None:
    """Hashes credited since the newest block, or since ever before the first."""
    now = sight.now

    def look(reader: Reader) -> float:
        newest = reader.blocks(0, 1).rows
        since = newest[0].found_at if newest else 0
        points = reader.pool_chart(since - since % SLOT, 1 << 62, SLOT)
        return sum(point.work * _part(point.at, since, now) for point in points)

    return await _recalled(sight, ("since block",), look)


def _part(slot: int, since: int, now: float) -> float:
    """How much of a slot is after `since`, as if work came evenly."""
    end = min(float(slot + SLOT), max(now, slot + 1))
    return min(max(end - since, 0) / (end - slot), 1.0)


async def accounts(sight: Sight, offset: int, limit: int) -> Page[AccountTotals] | None:
    """All that were ever credited."""
    return await _recalled(sight, ("accounts", offset, limit), lambda reader: reader.accounts(offset, limit))


async def account(sight: Sight, name: str) -> list[WorkerTotals] | None:
    """Every worker of an account, with its totals."""
    return await _recalled(sight, ("account", name), lambda reader: list(reader.account(name)))


async def works_of_day(sight: Sight, name: str) -> dict[str, int] | None:
    """Hashes credited in the last 24 hours, by worker of an account."""
    since = int(sight.now) - DAY
    return await _recalled(
        sight, ("day", name), lambda reader: reader.workers_work_since(name, since), CHART_FRESH
    )


async def _recalled(
    sight: Sight, key: Hashable, call: Callable[[Reader], T | None], seconds: float = FRESH
) -> T | None:
    async def ask() -> T | None:
        try:
            return await sight.read(call)
        except NoRecord:
            return None

    return await sight.memory.recall(key, seconds, ask, PATIENCE)
