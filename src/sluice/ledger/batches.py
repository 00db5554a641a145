"""Batches on their way into the database: the part of the record that is done twenty times a second.

Rule: a batch is there whole or not at all, and once. It goes over one connection of its own, that of the driver, with
statements that are made once; where the last batch ended is known and not asked again. After a failure nothing is
known: the connection is thrown away, and the next batch begins with a look at what is recorded.
"""

from collections.abc import Sequence
from typing import Any

from sluice.ledger.database import Database, failing
from sluice.ledger.many import Many
from sluice.ledger.rows import NUMBERED, rows_of
from sluice.ledger.schema import CANDIDATES, CHANNELS, METADATA, PROGRESS, SHARES, VIEWS
from sluice.pool.journal import CandidateAnswered, CandidateFound, CandidateMoved, Entry
from sluice.pool.ports import LedgerError

#: What is said of found blocks outlives the machine.
_FOR_SURE = (CandidateFound, CandidateMoved, CandidateAnswered)
#: What may be told twice, and counts once.
_ONCE = (CANDIDATES, CHANNELS)
_INSERTS = {
    table: Many(table, "ON CONFLICT DO NOTHING" if table in _ONCE else "")
    for table in METADATA.sorted_tables
    if table not in (SHARES, *VIEWS)
}
_NUMBERS = tuple(column.name for column in PROGRESS.columns)
_KNOWN = f"SELECT {', '.join(_NUMBERS)} FROM progress WHERE run = {{}}"  # noqa: S608 - names of our own
_MOVES = f"UPDATE progress SET {', '.join(f'{name} = {{}}' for name in _NUMBERS[1:])} WHERE run = {{}}"  # noqa: S608


class Batches:
    """Mutable; one thread."""

    __slots__ = ("_connection", "_database", "_last")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        #: The run's row of `progress` as it was committed; none if that is not known.
        self._last: dict[str, int] = {}

    def append(self, run: int, number: int, entries: Sequence[Entry]) -> None:
        """Record a batch of a run; one that is there already changes nothing. Raises LedgerError."""
        try:
            with failing():
                self._append(run, number, entries)
        except BaseException:  # interrupted, too: whatever it was, nobody knows how far the connection got
            self.let_go()
            raise

    def let_go(self) -> None:
        """Of the connection, and of what is known."""
        connection, self._connection, self._last = self._connection, None, {}
        if connection is not None:
            connection.invalidate()

    def _append(self, run: int, number: int, entries: Sequence[Entry]) -> None:
        words = self._database.words
        if self._connection is None:
            self._connection = self._database.engine.raw_connection()
            words.by_hand(self._connection.driver_connection)
        driver, mark = self._connection.driver_connection, words.mark
        if self._last.get("run") != run:
            row = driver.execute(_KNOWN.replace("{}", mark), (run,)).fetchone()
            if row is None:
                raise LedgerError(
                    f"run {run} is not in it any more, as if it was put back: start Sluice again"
                )
            self._last = dict(zip(_NUMBERS, row, strict=True))
        before = self._last
        if before["batch"] >= number:
            return
        last = {column: before[column] for column in NUMBERED.values()}
        rows = rows_of(entries, run, last)
        for_sure = any(isinstance(entry, _FOR_SURE) for entry in entries)
        if for_sure:
            words.for_sure(driver, True)
        driver.execute(words.begin)
        if rows.shares:
            words.load_shares(driver, rows.shares)
        for table, many in rows.others.items():
            _INSERTS[table].write_named(driver, mark, many)
        most = max(before["largest"], len(entries))
        after = before | last | {"batch": number, "entries": len(entries), "largest": most}
        driver.execute(_MOVES.replace("{}", mark), (*list(after.values())[1:], run))
        driver.execute("COMMIT")
        if for_sure:
            words.for_sure(driver, False)
        self._last = after
