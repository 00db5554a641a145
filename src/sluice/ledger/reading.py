"""What people ask of the record: totals, charts, bests, blocks; for web pages, REST and the terminal.

Rule: plain calls that wait for the database, from any thread; nothing is written or made. Times are unix seconds, work
is exact hashes, hashes of shares are integers (None before the first), block hashes are hex in display order. What is
older than the views' last catching up, seconds ago, is in them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import time
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sluice.ledger.chart import ChartPoint, points_of
from sluice.ledger.database import Database, open_for_reading
from sluice.ledger.lives import BlockLife, life_of
from sluice.ledger.rows import plain
from sluice.ledger.schema import (
    BLOCKS,
    DAY,
    EARNERS,
    LOST,
    POOL_SLOTS,
    REASONS,
    RUNS,
    SETTINGS,
    SLOT,
    SLOTS,
    STANDINGS,
    WORK_BITS,
)
from sluice.ledger.sums import NO_HASH, Part
from sluice.ledger.views import FIRST_AT, part_of

R = TypeVar("R")
#: Rows that one answer has at most, whatever was asked for.
MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A part of a list, and how long all of it is."""

    total: int
    rows: list[R]


@dataclass(frozen=True)
class Totals:
    """Shares together: `accepted` has the late ones in it, `refused` is by reason."""

    accepted: int = 0
    late: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    work: int = 0
    best_hash: int | None = None
    best_at: int | None = None
    best_today_hash: int | None = None
    first_at: int = 0
    last_at: int = 0
    blocks: int = 0


@dataclass(frozen=True)
class WorkerTotals(Totals):
    """What one worker of an account has done since ever; `worker` may be empty."""

    account: str = ""
    worker: str = ""


@dataclass(frozen=True)
class AccountTotals(Totals):
    """What an account has done since ever, and how many workers it has had."""

    account: str = ""
    workers: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """A worker's best share; `at` is its time."""

    account: str
    worker: str
    hash: int
    at: int


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A found block; `stage` is a word of `pool/block_life.py`."""

    height: int
    block_hash: str
    account: str
    worker: str
    found_at: int
    stage: str


class Reader:
    """Opens the database when first asked. Raises LedgerError, LedgerUnusable with every call."""

    def __init__(self, where: str) -> None:
        """`where` as in `ledger/database.py`."""
        self._where = where
        self._lock = Lock()
        self._database: Database | None = None

    @property
    def database(self) -> Database:
        """Open for reading."""
        with self._lock:
            if self._database is None:
                self._database = open_for_reading(self._where)
            return self._database

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def known(self, account: str) -> bool:
        """Whether anybody of this account has ever sent a share."""
        with self.database.reading() as connection:
            return _exists(connection, STANDINGS, plain(account))

    def totals(self) -> Totals:
        """The whole pool's, since ever."""
        with self.database.reading() as connection:
            part, today = Part(), _today(connection, None)
            for row in connection.execute(STANDINGS.select()).mappings():
                part.add(part_of(row))
            reasons = connection.execute(
                sa.select(REASONS.c.reason, sa.func.sum(REASONS.c["count"])).group_by(REASONS.c.reason)
            )
            refused = {reason: int(count) for reason, count in reasons}
            blocks = connection.execute(sa.select(sa.func.count()).select_from(BLOCKS)).scalar_one()
            return Totals(**_counted(part), **_beside(refused, min(today.values(), default=None), blocks))

    def account(self, account: str) -> list[WorkerTotals]:
        """Every worker that an account has had, by name."""
        return sorted(self.workers([account]), key=lambda totals: totals.worker)

    def workers(self, accounts: Sequence[str]) -> list[WorkerTotals]:
        """Every worker that any of these accounts has had; of a thousand accounts at most."""
        with self.database.reading() as connection:
            return _workers(connection, list(map(plain, accounts[:MOST_ROWS])))

    def accounts(self, offset: int = 0, limit: int = 100) -> Page[AccountTotals]:
        """Accounts, who was here last first."""
        with self.database.reading() as connection:
            total = connection.execute(sa.select(sa.func.count(STANDINGS.c.account.distinct()))).scalar_one()
            newest = (
                sa.select(STANDINGS.c.account, sa.func.count())
                .group_by(STANDINGS.c.account)
                .order_by(sa.func.max(STANDINGS.c.last_at).desc(), STANDINGS.c.account)
            )
            names = {row[0]: row[1] for row in connection.execute(_cut(newest, offset, limit))}
            workers = _workers(connection, list(names))
        by_account: dict[str, list[WorkerTotals]] = {name: [] for name in names}
        for each in workers:
            by_account[each.account].append(each)
        return Page(total, [together(name, parts) for name, parts in by_account.items()])

    def bests(self, limit: int = 10, since: int | None = None) -> list[Best]:
        """The best shares, one a worker: since ever, or since a time within the last eight days."""
        with self.database.reading() as connection:
            if since is None:
                s = STANDINGS.c
                query = sa.select(s.account, s.worker, s.best_hash, s.best_at).where(s.best_hash.is_not(None))
                rows: list[Any] = list(connection.execute(_cut(query.order_by(s.best_hash), 0, limit)))
            else:
                # A worker may have many good slots: enough of them that `limit` workers are among them.
                spelt = self.database.words.in_order(SLOTS.c.best_hash)
                best = sa.func.min(spelt.concat(sa.cast(SLOTS.c.best_at + FIRST_AT, sa.Text)))
                query = (
                    sa.select(EARNERS.c.account, EARNERS.c.worker, best)
                    .join_from(SLOTS, EARNERS, SLOTS.c.earner == EARNERS.c.earner)
                    .where(SLOTS.c.slot >= since, SLOTS.c.best_hash.is_not(None))
                    .group_by(EARNERS.c.account, EARNERS.c.worker)
                    .order_by(best)
                )
                rows = [
                    (account, worker, both[:64], int(both[64:]) - FIRST_AT)
                    for account, worker, both in connection.execute(_cut(query, 0, limit))
                ]
        return [Best(account, worker, _hash(best), at) for account, worker, best, at in rows]

    def pool_chart(self, since: int, until: int, step: int) -> list[ChartPoint]:
        """What the pool did from `since` to `until`, in parts of `step` seconds; parts without a share are left out."""
        p = POOL_SLOTS.c
        query = sa.select(p.slot, p.accepted, p.refused, p.work_high, p.work_low).where(
            p.slot >= since, p.slot < until
        )
        with self.database.reading() as connection:
            return points_of(connection.execute(query), step)

    def worker_chart(
        self, account: str, worker: str | None, since: int, until: int, step: int
    ) -> list[ChartPoint]:
        """As `pool_chart`, of one worker, or of a whole account."""
        s = SLOTS.c
        query = (
            sa.select(s.slot, s.accepted, s.refused, s.work_high, s.work_low)
            .join_from(SLOTS, EARNERS, s.earner == EARNERS.c.earner)
            .where(_whose(account, worker), s.slot >= since, s.slot < until)
        )
        with self.database.reading() as connection:
            return points_of(connection.execute(query), step)

    def work_since(self, account: str, worker: str | None, at: int) -> int:
        """Credited since the slot that `at` lies in, of a worker or of a whole account."""
        return sum(point.work for point in self.worker_chart(account, worker, at - at % SLOT, 1 << 62, SLOT))

    def works_since(self, accounts: Sequence[str], at: int) -> dict[str, int]:
        """Credited since the slot that `at` lies in, by account; of the whole pool under the name ""."""
        s = SLOTS.c
        start = at - at % SLOT
        query = (
            sa.select(EARNERS.c.account, sa.func.sum(s.work_high), sa.func.sum(s.work_low))
            .join_from(SLOTS, EARNERS, s.earner == EARNERS.c.earner)
            .where(EARNERS.c.account.in_(list(map(plain, accounts))), s.slot >= start)
            .group_by(EARNERS.c.account)
        )
        with self.database.reading() as connection:
            return {
                account: (int(high) << WORK_BITS) + int(low)
                for account, high, low in connection.execute(query)
            }

    def workers_work_since(self, account: str, at: int) -> dict[str, int]:
        """Credited since the slot that `at` lies in, by worker of an account."""
        return {worker: work for (_, worker), work in self.works_by_worker([account], at).items()}

    def works_by_worker(self, accounts: Sequence[str], at: int) -> dict[tuple[str, str], int]:
        """The same, by account and worker; of a thousand accounts at most."""
        s, names = SLOTS.c, list(map(plain, accounts[:MOST_ROWS]))
        query = (
            sa.select(EARNERS.c.account, EARNERS.c.worker, sa.func.sum(s.work_high), sa.func.sum(s.work_low))
            .join_from(SLOTS, EARNERS, s.earner == EARNERS.c.earner)
            .where(EARNERS.c.account.in_(names), s.slot >= at - at % SLOT)
            .group_by(EARNERS.c.account, EARNERS.c.worker)
        )
        with self.database.reading() as connection:
            return {
                (account, worker): (int(high) << WORK_BITS) + int(low)
                for account, worker, high, low in connection.execute(query)
            }

    def pool_work_since(self, at: int) -> int:
        """Credited to anybody since the slot that `at` lies in."""
        return sum(point.work for point in self.pool_chart(at - at % SLOT, 1 << 62, SLOT))

    def blocks(self, offset: int = 0, limit: int = 100) -> Page[BlockLine]:
        """Found blocks, the newest first."""
        query = BLOCKS.select().order_by(
            BLOCKS.c.found_at.desc(), BLOCKS.c.height.desc(), BLOCKS.c.block_hash
        )
        with self.database.reading() as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(BLOCKS)).scalar_one()
            rows = [_block_line(row) for row in connection.execute(_cut(query, offset, limit)).mappings()]
        return Page(total, rows)

    def block(self, block_hash: str) -> BlockLife | None:
        """All that is recorded of a block; None if nothing is, or the hash is none."""
        return life_of(self.database, block_hash)

    def runs(self, limit: int = 100) -> list[dict[str, Any]]:
        """Starts of the pool, the newest first: run, at, version, network, shard."""
        return self._newest(RUNS.select().order_by(RUNS.c.run.desc()), limit)

    def settings(self, limit: int = 100) -> list[dict[str, Any]]:
        """Configuration changes, the newest first: run, at, name, value; no secrets."""
        return self._newest(SETTINGS.select().order_by(SETTINGS.c.at.desc(), SETTINGS.c.run.desc()), limit)

    def holes(self, limit: int = 100) -> list[dict[str, Any]]:
        """Where entries are missing, the newest first: run, at, entries."""
        return self._newest(LOST.select().order_by(LOST.c.at.desc()), limit)

    def _newest(self, query: Any, limit: int) -> list[dict[str, Any]]:
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(_cut(query, 0, limit)).mappings()]


def _cut(query: Any, offset: int, limit: int) -> Any:
    return query.offset(max(offset, 0)).limit(min(max(limit, 0), MOST_ROWS))


def _hash(best: bytes | str) -> int:
    return int(best, 16) if isinstance(best, str) else int.from_bytes(best)


def _least(column: Any, connection: Connection) -> Any:
    """PostgreSQL has no least of bytes: their hex has the same order."""
    if connection.dialect.name == "postgresql":
        return sa.func.min(sa.func.encode(column, "hex").collate("C"))
    return sa.func.min(column)


def _exists(connection: Connection, table: sa.Table, account: str) -> bool:
    return connection.execute(sa.select(1).where(table.c.account == account).limit(1)).scalar() is not None


def _whose(account: str, worker: str | None) -> Any:
    """Names as they are written down: a database takes no NUL."""
    mine = EARNERS.c.account == plain(account)
    return mine if worker is None else sa.and_(mine, EARNERS.c.worker == plain(worker))


def _today(connection: Connection, accounts: Sequence[str] | None) -> dict[tuple[str, str], int]:
    """The best hash of each worker since midnight UTC."""
    now = int(time())
    best = _least(SLOTS.c.best_hash, connection)
    query = (
        sa.select(EARNERS.c.account, EARNERS.c.worker, best)
        .join_from(SLOTS, EARNERS, SLOTS.c.earner == EARNERS.c.earner)
        .where(SLOTS.c.slot >= now - now % DAY, SLOTS.c.best_hash.is_not(None))
        .group_by(EARNERS.c.account, EARNERS.c.worker)
    )
    if accounts is not None:
        query = query.where(EARNERS.c.account.in_(accounts))
    return {(account, worker): _hash(found) for account, worker, found in connection.execute(query)}


def _workers(connection: Connection, accounts: Sequence[str]) -> list[WorkerTotals]:
    """Everything of every worker of these accounts."""
    today = _today(connection, accounts)
    refused: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in connection.execute(REASONS.select().where(REASONS.c.account.in_(accounts))).mappings():
        refused[row["account"], row["worker"]][row["reason"]] = row["count"]
    found = (
        sa.select(BLOCKS.c.account, BLOCKS.c.worker, sa.func.count())
        .where(BLOCKS.c.account.in_(accounts))
        .group_by(BLOCKS.c.account, BLOCKS.c.worker)
    )
    blocks = {(account, worker): count for account, worker, count in connection.execute(found)}
    workers = []
    for row in connection.execute(STANDINGS.select().where(STANDINGS.c.account.in_(accounts))).mappings():
        account, worker = key = row["account"], row["worker"]
        beside = _beside(refused.get(key, {}), today.get(key), blocks.get(key, 0))
        workers.append(WorkerTotals(**_counted(part_of(row)), **beside, account=account, worker=worker))
    return workers


def _counted(part: Part) -> dict[str, Any]:
    credited = part.best != NO_HASH
    return {
        "accepted": part.accepted,
        "late": part.late,
        "work": part.work,
        "best_hash": int.from_bytes(part.best) if credited else None,
        "best_at": part.best_at if credited else None,
        "first_at": part.first_at,
        "last_at": part.last_at,
    }


def _beside(refused: Mapping[str, int], today: int | None, blocks: int) -> dict[str, Any]:
    return {"refused": refused, "best_today_hash": today, "blocks": blocks}


def together(account: str, parts: Sequence[Totals]) -> AccountTotals:
    """Totals of an account's workers, as if of one."""
    refused: dict[str, int] = defaultdict(int)
    for part in parts:
        for reason, count in part.refused.items():
            refused[reason] += count
    bests = [(part.best_hash, part.best_at) for part in parts if part.best_hash is not None]
    best_hash, best_at = min(bests, default=(None, None))
    todays = [part.best_today_hash for part in parts if part.best_today_hash is not None]
    return AccountTotals(
        accepted=sum(part.accepted for part in parts),
        late=sum(part.late for part in parts),
        refused=dict(refused),
        work=sum(part.work for part in parts),
        best_hash=best_hash,
        best_at=best_at,
        best_today_hash=min(todays, default=None),
        first_at=min((part.first_at for part in parts), default=0),
        last_at=max((part.last_at for part in parts), default=0),
        blocks=sum(part.blocks for part in parts),
        account=account,
        workers=len(parts),
    )


def _block_line(row: Mapping[Any, Any]) -> BlockLine:
    return BlockLine(
        row["height"], row["block_hash"].hex(), row["account"], row["worker"], row["found_at"], row["stage"]
    )
