import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sluice.ledger.batches import Batches
from sluice.ledger.database import FILE, Database, open_database
from sluice.ledger.record import Record
from sluice.ledger.schema import MOVES, PROGRESS, SHARES
from sluice.pool.journal import CandidateMoved, Entry
from sluice.pool.ports import LedgerError
from support.entries import T0, began, credited, start


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Of a record with two runs."""
    record = Record(str(tmp_path / FILE))
    assert [record.begin(start()), record.begin(start())] == [1, 2]
    record.close()
    opened = open_database(str(tmp_path / FILE))
    yield opened
    opened.close()


@pytest.fixture
def batches(database: Database) -> Iterator[Batches]:
    it = Batches(database)
    yield it
    it.let_go()


def rows(database: Database, table: sa.Table) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(table.select()).mappings())


def test_one_after_the_other_each_once(database: Database, batches: Batches) -> None:
    batches.append(1, 1, [began(1, "alice"), credited(1), credited(1)])
    batches.append(1, 1, [credited(1)])
    batches.append(2, 1, [credited(1)])
    batches.append(1, 2, [credited(1)])
    assert [row["share"] for row in rows(database, SHARES)] == [1 << 40 | n for n in (1, 2, 3)] + [
        2 << 40 | 1
    ]
    assert [(row["batch"], row["entries"], row["largest"]) for row in rows(database, PROGRESS)] == [
        (2, 1, 3),
        (1, 1, 1),
    ]


def test_who_takes_over_finds_out_where_it_ended(database: Database, batches: Batches) -> None:
    batches.append(1, 1, [credited(1)])
    other = Batches(database)
    other.append(1, 1, [credited(1)])
    other.append(1, 2, [credited(1)])
    other.let_go()
    assert len(rows(database, SHARES)) == 2


def test_one_that_fails_in_the_middle_leaves_nothing_and_can_be_told_again(
    database: Database, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches.append(1, 1, [credited(1)])
    with database.writing() as connection:
        connection.execute(sa.text("ALTER TABLE moves RENAME TO away"))
    batch: list[Entry] = [credited(1), CandidateMoved(T0, bytes(32), "accepted", "said so")]
    with pytest.raises(LedgerError, match="moves"):
        batches.append(1, 2, batch)
    assert len(rows(database, SHARES)) == 1
    with database.writing() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO moves"))
    batches.append(1, 2, batch)
    assert (len(rows(database, SHARES)), len(rows(database, MOVES))) == (2, 1)


def test_what_is_said_of_a_found_block_is_synced_and_shares_are_not(
    database: Database, batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    batches.append(1, 1, [credited(1)])
    driver = batches._connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(said.append)
    batches.append(1, 2, [credited(1)])
    assert not [text for text in said if "PRAGMA" in text]
    batches.append(1, 3, [CandidateMoved(T0, bytes(32), "accepted", "said so")])
    assert [text for text in said if "PRAGMA" in text or text in ("BEGIN IMMEDIATE", "COMMIT")][2:] == [
        "PRAGMA synchronous=FULL",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "PRAGMA synchronous=NORMAL",
    ]


def test_a_database_that_was_put_back_to_before_the_run_is_said_and_no_batch_is_let_go(
    database: Database, batches: Batches
) -> None:
    with pytest.raises(LedgerError, match=r"run 3 is not in it any more.*start Sluice again"):
        batches.append(3, 1, [credited(1)])
    batches.append(2, 1, [credited(1)])
    assert len(rows(database, SHARES)) == 1
