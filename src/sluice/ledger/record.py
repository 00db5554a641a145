"""The record: what the pool's journal held, for good.

Rule: a batch is in the record whole or not at all, and once; `append` comes back when that is so, and its rows are
numbered in the order in which things happened. Everything here waits for the database.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from sluice.ledger.batches import Batches
from sluice.ledger.compaction import fold, let_go
from sluice.ledger.database import Database, open_database
from sluice.ledger.rows import first_rows, rows_of
from sluice.ledger.schema import DAY, POOL_SLOTS, PROGRESS, RUNS, SETTINGS, SLOT, STANDINGS
from sluice.ledger.views import catch_up
from sluice.pool.journal import Configured, Entry
from sluice.pool.ports import Start

#: Seconds since the newest share after which it is rather the clock that is wrong than the pool that stands still.
BELIEVED = 30 * DAY


class Record:
    """A ledger (`pool/ports.py`) in a database. Mutable; one thread."""

    __slots__ = ("_batches", "_database", "_keep_days", "_where")

    def __init__(self, where: str, keep_days: int = 0) -> None:
        """`where`: a SQLite file's path, or a URL of PostgreSQL. `keep_days`: how long a share is a row; 0 for ever."""
        self._where = where
        self._keep_days = keep_days
        self._database: Database | None = None
        self._batches: Batches | None = None

    @property
    def database(self) -> Database:
        """Open, and up to date. Raises LedgerError, LedgerUnusable."""
        if self._database is None:
            self._database = open_database(self._where)
        return self._database

    def open(self) -> None:
        """Open it, if it is not."""
        _ = self.database

    def begin(self, start: Start) -> int:
        """A run begins; its number. Settings that are not as they were are its first entries."""
        with self.database.writing(for_sure=True) as connection:
            inserted = connection.execute(
                RUNS.insert().values(
                    at=start.at, version=start.version, network=start.network, shard=start.shard
                )
            ).inserted_primary_key
            assert inserted is not None
            run = int(inserted[0])
            connection.execute(
                PROGRESS.insert().values(run=run, batch=0, entries=0, largest=0, **first_rows(run))
            )
            newest = sa.select(SETTINGS.c.name, SETTINGS.c.value).order_by(SETTINGS.c.run, SETTINGS.c.at)
            known: dict[str, str] = {row.name: row.value for row in connection.execute(newest)}
            changed = [
                Configured(start.at, name, value)
                for name, value in sorted(start.settings.items())
                if known.get(name) != value
            ]
            for table, rows in rows_of(changed, run, first_rows(run)).others.items():
                connection.execute(table.insert(), rows)
        return run

    def append(self, run: int, batch: int, entries: Sequence[Entry]) -> None:
        """Record a batch of a run; one that is there already changes nothing."""
        if self._batches is None:
            self._batches = Batches(self.database)
        self._batches.append(run, batch, entries)

    def bests(self, limit: int) -> Mapping[str, int]:
        """The smallest hash, as an integer, of each of the accounts that mined last."""
        newest = (
            sa.select(STANDINGS.c.account)
            .group_by(STANDINGS.c.account)
            .order_by(sa.func.max(STANDINGS.c.last_at).desc(), STANDINGS.c.account)
            .limit(limit)
        )
        bests: dict[str, int] = {}
        with self.database.reading() as connection:
            query = sa.select(STANDINGS.c.account, STANDINGS.c.best_hash).where(
                STANDINGS.c.account.in_(newest), STANDINGS.c.best_hash.is_not(None)
            )
            for account, best in connection.execute(query):
                value = int.from_bytes(best)
                bests[account] = min(bests.get(account, value), value)
        return bests

    def catch_up(self) -> bool:
        """Bring the views a step nearer to what is recorded; whether there is more."""
        with self.database.writing() as connection:
            return catch_up(connection, self.database.words)

    def compact(self, now: int) -> bool:
        """Fold some of what is beyond retention into sums, and let go of old slots; whether there is more of it.

        Nothing is old by the clock alone, which may be ahead for a moment: slots are by the newest share, too, and shares
        by a clock that is not too far from it.
        """
        with self.database.reading() as connection:
            newest = connection.execute(sa.select(sa.func.max(POOL_SLOTS.c.slot))).scalar()
        ahead = 0 if newest is None else max(now - newest, 0)
        let_go(self.database, now - max(ahead - SLOT, 0))
        now -= max(ahead - BELIEVED, 0)
        if not self._keep_days:
            return False
        return fold(self.database, (now // DAY - self._keep_days) * DAY)

    def close(self) -> None:
        """Let go of the database, once the views are at its end."""
        database, self._database = self._database, None
        batches, self._batches = self._batches, None
        if batches is not None:
            batches.let_go()
        if database is not None:
            try:
                with database.writing() as connection:
                    catch_up(connection, database.words)
            finally:
                database.close()
