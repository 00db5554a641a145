import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from sluice.ledger.database import FILE, failing, open_database, open_for_reading
from sluice.ledger.schema import RUNS
from sluice.pool.ports import LedgerError, LedgerUnusable


def test_it_is_made_with_its_directory_and_opened_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "down" / FILE
    for _ in range(2):
        database = open_database(str(file))
        beside = [each.stat().st_mode & 0o777 for each in file.parent.iterdir()]
        assert beside == [0o600] * 3, "the file, what is not in it yet, and who looks at that"
        database.close()
    assert file.exists()


def test_who_reads_makes_nothing_and_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with pytest.raises(LedgerError, match="no record yet"):
        open_for_reading(str(file))
    assert not file.exists()
    open_database(str(file)).close()
    database = open_for_reading(str(file))
    try:
        with pytest.raises((LedgerError, LedgerUnusable)), database.writing() as connection:
            connection.execute(RUNS.delete())
    finally:
        database.close()


def test_an_empty_database_is_no_record_yet(tmp_path: Path) -> None:
    file = tmp_path / FILE
    sqlite3.connect(file).close()
    with pytest.raises(LedgerError, match="no record in it yet"):
        open_for_reading(str(file))


def test_what_is_no_database_is_said_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text("a letter to my aunt " * 100)
    with pytest.raises(LedgerUnusable, match=r"not a record of Sluice.*ledger\.url"):
        open_database(str(file))


def test_a_record_of_a_newer_sluice_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / FILE
    open_database(str(file)).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for open_it in (open_database, open_for_reading):
        with pytest.raises(LedgerUnusable, match="newer Sluice"):
            open_it(str(file))


@pytest.mark.parametrize("url", ["mysql://x/y", "http://x/y"])
def test_a_url_that_cannot_be_used_names_the_option(url: str) -> None:
    with pytest.raises(LedgerUnusable, match=r"ledger\.url"):
        open_database(url)


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = open_database(str(tmp_path / FILE))
    try:
        with pytest.raises(ZeroDivisionError), database.writing(for_sure=True) as connection:
            connection.execute(RUNS.insert().values(at=1, version="", network="", shard=0))
            _ = 1 / 0
        with database.reading() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(RUNS)).scalar_one() == 0
    finally:
        database.close()


def test_a_failure_is_one_sentence() -> None:
    with pytest.raises(LedgerError, match=r"^disk full$"), failing():
        raise OSError("disk\nfull")
    with pytest.raises(LedgerUnusable, match="GRANT CREATE"), failing():
        raise sa.exc.OperationalError("x", {}, Exception("permission denied for schema public"))
    with pytest.raises(ValueError, match="ours"), failing():
        raise ValueError("ours")
