"""Rows of the record for other programs: which there are, and row by row in three formats.

Rule: nothing is held that a year of shares would make large. Hashes are hex in display order, work is exact (decimal
digits, a decimal number in Parquet), times are unix seconds, and who is credited stands beside the name.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import Table

from sluice.accounting.name import earner_of
from sluice.ledger import schema
from sluice.ledger.database import AT_A_TIME, Database
from sluice.ledger.schema import CHANNELS, WORK_BITS

Row = Mapping[str, Any]
Write = Callable[[Row], None]

#: What can be exported: the table, and whether its rows are of a channel.
WHAT: Mapping[str, tuple[Table, bool]] = {
    "shares": (schema.SHARES, True),
    "refusals": (schema.REFUSALS, True),
    "channels": (schema.CHANNELS, False),
    "closings": (schema.CLOSINGS, True),
    "targets": (schema.TARGETS, True),
    "tips": (schema.TIPS, False),
    "templates": (schema.TEMPLATES, False),
    "candidates": (schema.CANDIDATES, False),
    "moves": (schema.MOVES, False),
    "answers": (schema.ANSWERS, False),
    "settings": (schema.SETTINGS, False),
    "runs": (schema.RUNS, False),
    "lost": (schema.LOST, False),
}
#: Digits of work in Parquet: below 2^95 hashes there are 29.
_DIGITS = 38
#: What begins something to be carried out, for the spreadsheets that open a CSV.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoParquet(Exception):
    """The package that writes it is not installed."""


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows of one kind from `since` to before `until`, in unix seconds."""

    what: str
    since: int = 0
    until: int = 1 << 62

    @property
    def _table(self) -> Table:
        return WHAT[self.what][0]

    @property
    def _within(self) -> Any:
        return sa.and_(self._table.c.at >= self.since, self._table.c.at < self.until)

    @property
    def columns(self) -> list[str]:
        """As they are called in every format."""
        names = [name for name in self._table.columns.keys() if name != "work_low"]  # noqa: SIM118
        named = WHAT[self.what][1] or "name" in names
        more = ["name"] if named and "name" not in names else []
        whose = ["account", "credited_worker"] if named and self.what != "settings" else []
        return [*("work" if name == "work_high" else name for name in names), *more, *whose]

    def count(self, database: Database) -> int:
        """How many rows that is. Raises LedgerError."""
        with database.reading() as connection:
            counted = sa.select(sa.func.count()).select_from(self._table).where(self._within)
            return connection.execute(counted).scalar_one()

    def rows(self, database: Database) -> Iterator[Row]:
        """The rows, in order of time, by the names of `columns`. Raises LedgerError."""
        table, of_a_channel = WHAT[self.what]
        query: Any = sa.select(table)
        if of_a_channel:
            named = table.outerjoin(CHANNELS, table.c.channel == CHANNELS.c.channel)
            query = sa.select(table, CHANNELS.c.name).select_from(named)
        query = query.where(self._within).order_by(table.c.at, *table.primary_key)
        with database.reading() as connection:
            streamed = connection.execution_options(yield_per=AT_A_TIME)
            for row in streamed.execute(query).mappings():
                yield self._plain(row)

    def _plain(self, row: Mapping[Any, Any]) -> Row:
        plain: dict[str, Any] = {
            name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()
        }
        if "work_high" in plain:
            plain["work"] = (plain.pop("work_high") << WORK_BITS) | plain.pop("work_low")
        if "account" in self.columns:
            plain["name"] = plain["name"] or ""
            plain["account"], plain["credited_worker"] = earner_of(plain["name"], plain.get("worker", ""))
        return plain


@contextmanager
def _csv(file: IO[bytes], columns: Sequence[str], _: int) -> Iterator[Write]:
    out = _Text(file)
    # As RFC 4180 has it; with another end of a line, a name that holds one half of it would not be quoted, and be two rows.
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    yield lambda row: writer.writerow({name: no_formula(row[name]) for name in columns})


def no_formula(value: Any) -> Any:
    """A miner's name, which a spreadsheet would carry out, as text: with the apostrophe that says so there."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


@contextmanager
def _ndjson(file: IO[bytes], columns: Sequence[str], _: int) -> Iterator[Write]:
    def write(row: Row) -> None:
        ready = {name: str(row[name]) if name == "work" else row[name] for name in columns}
        file.write(json.dumps(ready, ensure_ascii=True).encode() + b"\n")

    yield write


@contextmanager
def _parquet(file: IO[bytes], columns: Sequence[str], at_a_time: int) -> Iterator[Write]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise NoParquet("Parquet needs one more package: pip install 'sluice-pool[parquet]'") from error
    numbers = {
        column.name
        for table, _ in WHAT.values()
        for column in table.columns
        if isinstance(column.type, sa.Integer)
    }
    kinds = {name: pa.int64() if name in numbers else pa.string() for name in columns}
    shape = pa.schema(kinds | ({"work": pa.decimal128(_DIGITS, 0)} if "work" in columns else {}))
    held: list[Row] = []
    with pq.ParquetWriter(file, shape) as writer:

        def flush() -> None:
            table = {name: [row[name] for row in held] for name in columns}
            writer.write_table(pa.table(table, schema=shape))
            held.clear()

        def write(row: Row) -> None:
            held.append(row)
            if len(held) >= at_a_time:
                flush()

        yield write
        if held:
            flush()


class _Text:
    """A file of bytes for who writes text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", "backslashreplace"))


FORMATS: Mapping[str, Callable[[IO[bytes], Sequence[str], int], AbstractContextManager[Write]]] = {
    "csv": _csv,
    "ndjson": _ndjson,
    "parquet": _parquet,
}


def format_of(path: Path) -> str:
    """What a file's name says of its format; CSV if it says nothing."""
    suffix = path.suffix.removeprefix(".").lower()
    return {"jsonl": "ndjson", "pq": "parquet"}.get(suffix, suffix if suffix in FORMATS else "csv")


def export(
    database: Database,
    extract: Extract,
    form: str,
    file: IO[bytes],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Write an extract into `file`; how many rows. `progress` hears of each AT_A_TIME. Raises LedgerError, NoParquet."""
    done = 0
    with FORMATS[form](file, extract.columns, AT_A_TIME) as write:
        for row in extract.rows(database):
            write(row)
            done += 1
            if done % AT_A_TIME == 0:
                progress(done)
    progress(done)
    return done
