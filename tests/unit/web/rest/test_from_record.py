import pytest

from sluice.bitcoin.target import DIFFICULTY_1
from sluice.ledger.chart import ChartPoint
from sluice.ledger.reading import AccountTotals, Totals, WorkerTotals
from sluice.web.devices import devices_of
from sluice.web.rest.from_record import (
    NOTHING,
    account_answer,
    account_line,
    best_answer,
    chart_answer,
    totals_answer,
    worker_answer,
)
from support.pictures import ACCOUNT, NOW, channel, miner, pool

DEVICES = devices_of(pool(), [miner(1, channel(1)), miner(2, channel(1), connected_for=5.0)]).all


def test_work_beyond_what_a_double_holds_is_exact() -> None:
    said = totals_answer(Totals(accepted=3, late=1, refused={"stale": 2}, work=2**90 + 1))
    assert said.work == str(2**90 + 1)
    assert said.work_difficulty == pytest.approx(2**58)
    assert (said.accepted, said.late, said.refused) == (3, 1, {"stale": 2})


def test_a_best_share_is_a_hash_and_what_it_is_worth() -> None:
    said = best_answer(DIFFICULTY_1 // 1_000)
    assert said is not None
    assert said.difficulty == pytest.approx(1_000)
    assert (len(said.hash), said.hash[:8]) == (64, "00000000")
    assert best_answer(None) is None


def test_what_is_live_counts_before_the_record_has_it() -> None:
    kept = AccountTotals(accepted=1, work=86_400, last_at=int(NOW) - 60, account=ACCOUNT, workers=1)
    line = account_line(kept, DEVICES, 86_400)
    assert (line.connected, line.hashrates.one_day, line.last_share_at) == (2, 1.0, NOW - 4)
    assert account_line(kept, (), 0).last_share_at == int(NOW) - 60


def test_an_account_is_its_workers_and_who_is_connected() -> None:
    kept = [
        WorkerTotals(
            accepted=2, work=5, best_hash=9, first_at=50, last_at=60, account=ACCOUNT, worker="gone"
        ),
        WorkerTotals(accepted=1, work=6, best_hash=7, first_at=40, last_at=70, account=ACCOUNT, worker="rig"),
    ]
    said = account_answer(ACCOUNT, kept, DEVICES, None)
    assert (said.workers, said.connected, said.totals.accepted, said.totals.work) == (2, 2, 3, "11")
    assert (said.first_share_at, said.last_share_at, said.hashrates.one_day) == (40, NOW - 4, None)
    assert said.best == best_answer(7)
    nobody = account_answer("nobody", (), (), 0)
    assert (nobody.workers, nobody.best, nobody.first_share_at, nobody.last_share_at) == (0, None, None, None)


def test_a_workers_newest_channel_is_shown() -> None:
    said = worker_answer(ACCOUNT, "rig", NOTHING, DEVICES, 0)
    assert (said.connected, said.connected_at, said.difficulty, said.protocol) == (2, NOW - 5, 256.0, "sv2")
    gone = worker_answer(ACCOUNT, "rig", Totals(accepted=1), (), 0)
    assert (gone.connected, gone.connected_at, gone.difficulty, gone.protocol) == (0, None, None, "")


def test_a_chart_has_every_step() -> None:
    said = chart_answer([ChartPoint(600, 6_000, 2, 1), ChartPoint(900, 600, 1, 0)], 0, 1_800, 600)
    assert [(each.at, each.hashrate, each.work, each.accepted, each.refused) for each in said.points] == [
        (0, 0.0, "0", 0, 0),
        (600, 11.0, "6600", 3, 1),
        (1_200, 0.0, "0", 0, 0),
    ]
