"""Many rows in one statement: how batches and views are written.

Rule: a statement's text is made once for each power of two of rows, and goes to the driver as it is. So neither is a
statement built anew with every batch, nor does a thread ask for Python's lock again with every row.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

#: Rows of one statement at most: SQLite takes 32,766 values, PostgreSQL 65,535, and no table has 100 columns.
MOST = 256


class Many:
    """An INSERT of any number of rows; `tail` is what follows them, as ON CONFLICT."""

    def __init__(
        self,
        table: Table,
        tail: str = "",
        *,
        without: str = "",
        looked_up: Mapping[str, tuple[str, Sequence[str]]] | None = None,
    ) -> None:
        """`without`: a column that the database fills in. `looked_up`: columns that it finds by other values: an
        expression with {} for each of these, and their names.
        """
        found = looked_up or {}
        columns = [column.name for column in table.columns if column.name != without]
        self._head = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of our own
        self._row = f"({', '.join(found[name][0] if name in found else '{}' for name in columns)})"
        self._tail = tail
        #: The names of a row's values, in their order.
        self.values = tuple(
            chain.from_iterable(found[name][1] if name in found else (name,) for name in columns)
        )
        self._ordered = itemgetter(*self.values)
        self._text = cache(self._made)

    def write(self, driver: Any, mark: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows as tuples, over the driver's connection; `mark` is what stands for a value in its SQL."""
        at, size = 0, MOST
        while at < len(rows):
            while size > len(rows) - at:
                size >>= 1
            driver.execute(self._text(mark, size), list(chain.from_iterable(rows[at : at + size])))
            at += size

    def write_named(self, driver: Any, mark: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """The same, of rows by name."""
        self.write(driver, mark, list(map(self._ordered, rows)))

    def _made(self, mark: str, rows: int) -> str:
        row = self._row.replace("{}", mark)
        return f"{self._head}{', '.join([row] * rows)} {self._tail}"
