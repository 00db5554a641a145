from pathlib import Path

import sqlalchemy as sa

from sluice.ledger.record import Record
from sluice.ledger.schema import CANDIDATES, CHANNELS, PROGRESS, ROW_BITS, SETTINGS, SHARES
from sluice.pool.journal import CandidateFound
from support.entries import T0, began, credited, recorded, start


def count(record: Record, table: sa.Table) -> int:
    with record.database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_nothing_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    assert not (tmp_path / "r").exists()
    record.open()
    record.open()
    assert (tmp_path / "r").exists()
    record.close()
    record.close()


def test_a_batch_counts_once_however_often_it_is_told(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    for _ in range(3):
        record.append(run, 1, [began(1, "a"), credited(1), credited(1)])
    record.append(run, 3, [credited(1)])
    record.append(run, 2, [credited(1)])  # came too late: it was given up
    assert count(record, SHARES) == 3
    with record.database.reading() as connection:
        (row,) = connection.execute(PROGRESS.select()).mappings().all()
    assert (row["batch"], row["entries"], row["largest"]) == (3, 1, 3)
    assert row["share"] == run << ROW_BITS | 3
    record.close()


def test_what_may_be_told_twice_is_there_once(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    found = CandidateFound(T0, bytes(32), 1, 1, "a")
    record.append(run, 1, [began(1, "a"), found])
    record.append(run, 2, [began(1, "a"), found])
    record.append(record.begin(start()), 1, [found])
    assert (count(record, CHANNELS), count(record, CANDIDATES)) == (1, 1)
    record.close()


def test_a_start_records_the_settings_that_differ_from_before(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    assert record.begin(start(a="1", b="2")) == 1
    assert record.begin(start(a="1", b="3")) == 2
    assert record.begin(start(a="1", b="2")) == 3
    with record.database.reading() as connection:
        rows = connection.execute(sa.select(SETTINGS.c.run, SETTINGS.c.name, SETTINGS.c.value)).all()
    assert sorted(map(tuple, rows)) == [(1, "a", "1"), (1, "b", "2"), (2, "b", "3"), (3, "b", "2")]
    record.close()


def test_the_bests_are_those_of_accounts_that_mined_last(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    record.append(run, 1, [began(1, "old.w"), began(2, "new.w"), began(3, "new.x")])
    record.append(run, 2, [credited(1, T0), credited(2, T0 + 5, share_hash=b"\x07" + bytes(31))])
    record.append(run, 3, [credited(3, T0 + 4, share_hash=b"\x03" + bytes(31))])
    record.catch_up()
    assert record.bests(1) == {"new": 3}
    assert record.bests(9) == {"new": 3, "old": int.from_bytes(b"\xaa" * 32)}
    record.close()


def test_the_end_brings_the_views_up_to_the_record(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", caught_up=False)
    record.close()
    assert not record.catch_up()
    assert record.bests(100)
    record.close()


def test_a_share_takes_less_than_160_bytes_on_the_disk(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    record.append(run, 1, [began(1, "a")])
    shares = 20_000

    def size() -> int:
        with record.database.reading() as connection:
            pages = connection.exec_driver_sql(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            )
            return int(pages.scalar_one())

    before = size()
    record.append(
        run,
        2,
        [credited(1, 1_790_000_000 + n // 10, 1 << 70, share_hash=n.to_bytes(32)) for n in range(shares)],
    )
    per_share = (size() - before) / shares
    record.close()
    assert 60 < per_share < 160, per_share
