from pathlib import Path

import pytest

from sluice.ledger.reading import MOST_ROWS, Reader, Totals, together
from sluice.ledger.record import Record
from sluice.ledger.schema import SLOT
from sluice.pool.journal import Configured, Lost, Refusals
from sluice.pool.ports import LedgerError
from support.entries import T0, began, credited, recorded, start


def test_there_may_be_no_record_yet(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no record yet"):
        Reader(str(tmp_path / "r")).totals()


def test_what_is_read_adds_up(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r")
    reader = Reader(str(tmp_path / "r"))
    pool, page = reader.totals(), reader.accounts()
    assert page.total == len(page.rows) == 5
    assert sum(account.accepted for account in page.rows) == pool.accepted
    assert sum(account.work for account in page.rows) == pool.work == reader.pool_work_since(T0)
    assert min(account.best_hash for account in page.rows if account.best_hash is not None) == pool.best_hash
    assert sum(account.blocks for account in page.rows) == pool.blocks == reader.blocks().total
    works = reader.works_since([account.account for account in page.rows], T0)
    for account in page.rows:
        workers = reader.account(account.account)
        assert len(workers) == account.workers
        assert together(account.account, workers) == account
        assert works.get(account.account, 0) == account.work == reader.work_since(account.account, None, T0)
        for worker, work in reader.workers_work_since(account.account, T0).items():
            assert work == reader.work_since(account.account, worker, T0)
        assert reader.known(account.account)
    assert not reader.known("nobody")
    assert reader.known("bad\0\udcff")  # as the wire had it
    assert reader.account("nobody") == []
    reader.close()
    record.close()


def test_charts_have_points_where_there_were_shares(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    record.append(run, 1, [began(1, "a.x"), began(2, "a.y"), credited(1, T0, 5), credited(2, T0 + SLOT, 7)])
    record.append(run, 2, [Refusals(T0 + SLOT, 1, "stale", 3)])
    record.catch_up()
    reader = Reader(str(tmp_path / "r"))

    def points(worker: str | None, step: int = SLOT) -> list[tuple[int, int, int, int]]:
        chart = reader.worker_chart("a", worker, T0, T0 + 9_000, step)
        return [(point.at - T0, point.work, point.accepted, point.refused) for point in chart]

    assert points(None) == [(0, 5, 1, 0), (SLOT, 7, 1, 3)]
    assert points("x") == [(0, 5, 1, 0), (SLOT, 0, 0, 3)]
    assert points(None, 2 * SLOT) == [(0, 12, 2, 3)]
    assert [point.work for point in reader.pool_chart(T0, T0 + SLOT, SLOT)] == [5]
    reader.close()
    record.close()


def test_the_best_shares_are_one_a_worker_the_best_first(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r")
    reader = Reader(str(tmp_path / "r"))
    ever, lately = reader.bests(50), reader.bests(50, T0)
    assert (
        [best.hash for best in ever] == sorted(best.hash for best in ever) == [best.hash for best in lately]
    )
    assert len({(best.account, best.worker) for best in ever}) == len(ever)
    assert len(reader.bests(2)) == 2
    assert reader.bests(5, T0 + 10**9) == []
    reader.close()
    record.close()


def test_no_answer_is_longer_than_it_may_be(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start(a="1"))
    record.append(run, 1, [Configured(T0 + n, "name", str(n)) for n in range(1_500)] + [Lost(T0, 5)])
    reader = Reader(str(tmp_path / "r"))
    assert len(reader.settings(10**9)) == MOST_ROWS
    assert reader.settings(1)[0]["value"] == "1499"
    assert reader.settings(-1) == []
    assert reader.holes() == [{"run": run, "at": T0, "entries": 5}]
    assert [each["run"] for each in reader.runs()] == [run]
    assert reader.accounts(-5, 10).total == 0
    assert reader.totals() == Totals()
    reader.close()
    record.close()


def test_the_best_since_a_time_has_the_time_at_which_it_came(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    shares = [(T0 + 10, 9), (T0 + 705, 3), (T0 + 5_000, 8)]
    record.append(
        run,
        1,
        [
            began(1, "alice"),
            *(credited(1, at, share_hash=number.to_bytes(32, "little")) for at, number in shares),
        ],
    )
    record.close()
    reader = Reader(str(tmp_path / "r"))
    (best,) = reader.bests(5, T0)
    assert (best.hash, best.at) == (3, T0 + 705)
    (later,) = reader.bests(5, T0 + 1_200)
    assert (later.hash, later.at) == (8, T0 + 5_000)
    reader.close()
