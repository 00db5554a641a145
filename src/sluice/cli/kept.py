"""What the record says beside a running pool: totals since ever, bests, hash rates of an hour and of a day.

Rule: read from where the pool says that its record is, as the web side reads it; a record that cannot be read is one
line, and the rest is shown all the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import time
from typing import TypeVar

from sluice.config import Config
from sluice.control.words import PoolPicture
from sluice.ledger.reading import MOST_ROWS, Best, Reader, Totals, WorkerTotals
from sluice.ledger.schema import DAY, SLOT
from sluice.pool.ports import LedgerError, LedgerUnusable
from sluice.records import place_beside

T = TypeVar("T")
HOUR = 3_600
#: Hashes a second over the last hour and the last day.
Rates = tuple[float, float]
NO_RATES: Rates = (0.0, 0.0)


class NotKept(Exception):
    """There is no record, or it cannot be read; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class PoolKept:
    """What the whole pool has done since the record began."""

    totals: Totals
    best: Best | None
    best_today: Best | None
    hashrates: Rates


@dataclass(frozen=True, slots=True)
class WorkerKept:
    """What one worker has done since then."""

    totals: WorkerTotals
    hashrates: Rates


#: Workers by account and name.
Workers = Mapping[tuple[str, str], WorkerKept]


def from_record(config: Config, pool: PoolPicture | None, ask: Callable[[Reader, int], T]) -> T:
    """What comes of asking the record of the pool that `pool` shows, or that of `config` where none runs; `ask` is told
    the time. Raises NotKept.
    """
    place = place_beside(config, pool.record if pool else None, running=pool is not None)
    if not place:
        raise NotKept("no record is kept (ledger.url is off)")
    try:
        with closing(Reader(place)) as reader:
            return ask(reader, int(time()))
    except (LedgerError, LedgerUnusable) as error:
        raise NotKept(f"the record cannot be read: {error}") from error


def pool_kept(reader: Reader, now: int) -> PoolKept:
    """Of the whole pool."""
    best, today = reader.bests(1), reader.bests(1, now - now % DAY)
    since = (now - HOUR, now - DAY)
    one, day = (_rate(reader.pool_work_since(at), at, now) for at in since)
    return PoolKept(reader.totals(), best[0] if best else None, today[0] if today else None, (one, day))


def workers_kept(reader: Reader, now: int, accounts: Iterable[str]) -> Workers:
    """Of every worker that these accounts have had."""
    names = list(dict.fromkeys(accounts))
    kept: dict[tuple[str, str], WorkerKept] = {}
    for first in range(0, len(names), MOST_ROWS):
        kept |= _some(reader, now, names[first : first + MOST_ROWS])
    return kept


def _some(reader: Reader, now: int, accounts: Sequence[str]) -> Workers:
    hour, day = (reader.works_by_worker(accounts, now - span) for span in (HOUR, DAY))
    kept = {}
    for totals in reader.workers(accounts):
        key = totals.account, totals.worker
        rates = (
            _rate(hour.get(key, 0), now - HOUR, now),
            _rate(day.get(key, 0), now - DAY, now),
        )
        kept[key] = WorkerKept(totals, rates)
    return kept


def _rate(work: int, at: int, now: int) -> float:
    """Hashes a second since the slot that `at` lies in."""
    return work / (now - (at - at % SLOT))
