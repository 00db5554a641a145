import csv
import json
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from sluice.ledger import export as exports
from sluice.ledger.database import Database
from sluice.ledger.export import FORMATS, WHAT, Extract, export, format_of
from sluice.ledger.record import Record
from sluice.ledger.schema import CHANNELS, METADATA, VIEWS
from support.entries import T0, began, credited, recorded, start


def exported(database: Database, extract: Extract, form: str) -> bytes:
    file = BytesIO()
    assert export(database, extract, form, file) == extract.count(database)
    return file.getvalue()


def test_whatever_was_recorded_can_be_exported_in_every_format(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    record = recorded(tmp_path / "r")
    for what in WHAT:
        extract = Extract(what)
        rows = [json.loads(line) for line in exported(record.database, extract, "ndjson").splitlines()]
        read = list(csv.DictReader(StringIO(exported(record.database, extract, "csv").decode(), newline="")))
        assert [{name: str(value) for name, value in row.items()} for row in rows] == read
        table = pq.read_table(BytesIO(exported(record.database, extract, "parquet"))).to_pylist()
        assert [{name: str(value) for name, value in row.items()} for row in table] == read
        assert rows, what
    recorded_tables = {
        table.name for table in METADATA.tables.values() if "at" in table.columns and table not in VIEWS
    } - {"since"}
    assert set(WHAT) == recorded_tables
    record.close()


def test_a_share_says_whose_it_is_and_how_much_work_it_was_exactly(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    work = (1 << 90) + 1
    record.append(run, 1, [began(1, "alice.<b>\u202e"), credited(1, T0, work, share_hash=bytes(range(32)))])
    (row,) = (
        json.loads(line) for line in exported(record.database, Extract("shares"), "ndjson").splitlines()
    )
    assert (row["account"], row["credited_worker"], row["work"]) == ("alice", "<b>\u202e", str(work))
    assert row["hash"] == bytes(reversed(range(32))).hex()
    record.close()


@pytest.mark.parametrize("worker", ["=cmd|' /C calc'!A0", "+1", "-rig", "@SUM(1)", "\t=1", "\r=1"])
def test_no_name_is_carried_out_by_a_spreadsheet(tmp_path: Path, worker: str) -> None:
    with closing(Record(str(tmp_path / "r"))) as record:
        run = record.begin(start())
        record.append(run, 1, [began(1, "=alice"), credited(1, T0, worker=worker)])
        table = StringIO(exported(record.database, Extract("shares"), "csv").decode(), newline="")
        (row,) = csv.DictReader(table)
        assert (row["name"], row["account"]) == ("'=alice", "'=alice")
        assert row["worker"] == row["credited_worker"] == f"'{worker}"
        assert row["work"] == str(1 << 40)
        (kept,) = map(json.loads, exported(record.database, Extract("shares"), "ndjson").splitlines())
        assert kept["worker"] == worker, "who reads programs' formats wants what was said"


def test_from_and_to_cut_by_time(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    record.append(run, 1, [credited(1, at) for at in (T0, T0 + 1, T0 + 2)])
    assert [row["at"] for row in Extract("shares", T0 + 1, T0 + 2).rows(record.database)] == [T0 + 1]
    record.close()


def test_a_share_whose_channel_is_gone_is_still_exported(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    record.append(record.begin(start()), 1, [began(1, "a"), credited(1)])
    with record.database.writing() as connection:
        connection.execute(CHANNELS.delete())
        assert connection.execute(sa.select(sa.func.count()).select_from(CHANNELS)).scalar_one() == 0
    assert [row["account"] for row in Extract("shares").rows(record.database)] == [""]
    record.close()


def test_it_is_told_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_A_TIME", 40)
    record = recorded(tmp_path / "r")
    told: list[int] = []
    total = export(record.database, Extract("shares"), "parquet", BytesIO(), told.append)
    assert told == [*range(40, total + 1, 40), total]
    record.close()


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "csv"), ("a.parquet", "parquet"), ("a.JSONL", "ndjson"), ("a", "csv"), ("a.zip", "csv")],
)
def test_a_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(Path(name)) == form
    assert form in FORMATS
