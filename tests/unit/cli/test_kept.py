"""What the record says beside a running pool, and that it may say nothing."""

from pathlib import Path

import pytest

from sluice.cli.kept import HOUR, NotKept, from_record, pool_kept, workers_kept
from sluice.config import Config, read_config
from sluice.control.words import RecordPicture
from sluice.ledger.record import Record
from sluice.ledger.schema import DAY, SLOT
from sluice.pool.journal import Refusals
from support.entries import T0, began, credited, start
from support.shown_pool import pool

#: Two hours and a half past midnight, within a slot.
NOW = T0 + 9_000 + 60


def config(directory: Path, **more: str) -> Config:
    return read_config(None, {}, {"data.dir": str(directory), **more}, checks=())


def a_record(file: Path) -> Record:
    record = Record(str(file))
    run = record.begin(start(T0 - 2 * DAY))
    record.append(
        run,
        1,
        [
            began(1, "alice.attic", T0 - 2 * DAY),
            began(2, "bob", T0),
            credited(1, T0 - 2 * DAY, 1_000, share_hash=bytes(31) + b"\x01"),
            credited(1, T0 + 100, 7_200, share_hash=bytes(31) + b"\x03"),
            credited(2, NOW - 120, 3_600, share_hash=bytes(31) + b"\x02"),
            Refusals(NOW - 120, 2, "stale", 4),
        ],
    )
    while record.catch_up():
        pass
    return record


def test_totals_bests_and_rates_of_the_pool(tmp_path: Path) -> None:
    record = a_record(tmp_path / "record.sqlite")
    kept = from_record(config(tmp_path), None, lambda reader, _: pool_kept(reader, NOW))
    record.close()
    assert (kept.totals.accepted, kept.totals.refused, kept.totals.work) == (3, {"stale": 4}, 11_800)
    assert kept.totals.first_at == T0 - 2 * DAY
    assert kept.best
    assert (kept.best.account, kept.best.worker, kept.best.hash) == ("alice", "attic", 1 << 248)
    assert kept.best_today
    assert (kept.best_today.account, kept.best_today.hash) == ("bob", 2 << 248)
    # From the beginning of the slot that an hour, a day, ago lies in.
    assert kept.hashrates == (3_600 / (HOUR + 60), 10_800 / (DAY + 60))


def test_the_same_of_each_worker_that_is_asked_for(tmp_path: Path) -> None:
    record = a_record(tmp_path / "record.sqlite")
    names = ["alice", "nobody", *(f"name-{number}" for number in range(1_500)), "bob"]
    kept = from_record(config(tmp_path), None, lambda reader, _: workers_kept(reader, NOW, names))
    record.close()
    assert set(kept) == {("alice", "attic"), ("bob", "")}
    assert kept["alice", "attic"].totals.accepted == 2
    assert kept["alice", "attic"].hashrates == (0.0, 7_200 / (DAY + 60))
    assert kept["bob", ""].totals.refused == {"stale": 4}
    assert kept["bob", ""].hashrates[0] == 3_600 / (HOUR + 60)
    assert NOW % SLOT


def test_it_is_read_where_the_running_pool_says_that_it_is(tmp_path: Path) -> None:
    place = tmp_path / "elsewhere.sqlite"
    a_record(place).close()
    running = pool(record=RecordPicture(place=str(place)))
    kept = from_record(config(tmp_path / "data"), running, pool_kept)
    assert kept.totals.accepted == 3


def test_why_there_is_nothing_is_one_line(tmp_path: Path) -> None:
    missing = pool(record=RecordPicture(place=str(tmp_path / "none.sqlite")))
    (tmp_path / "garbage").write_text("no database, but long enough to be looked at\n" * 50)
    garbage = pool(record=RecordPicture(place=str(tmp_path / "garbage")))
    for shown, words in (
        (pool(record=None), r"no record is kept \(ledger.url is off\)"),
        (missing, "cannot be read: there is no record yet at .*none.sqlite"),
        (garbage, "cannot be read: file is not a database"),
        (None, "cannot be read: there is no record yet"),
    ):
        with pytest.raises(NotKept, match=words) as caught:
            from_record(config(tmp_path), shown, pool_kept)
        assert "\n" not in str(caught.value)
    with pytest.raises(NotKept, match="is off"):
        from_record(config(tmp_path, **{"ledger.url": "off"}), None, pool_kept)
