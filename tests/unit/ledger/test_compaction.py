from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from sluice.ledger import compaction
from sluice.ledger.compaction import SLOTS_KEPT, fold, let_go
from sluice.ledger.reading import Reader
from sluice.ledger.record import Record
from sluice.ledger.replay import replay
from sluice.ledger.schema import CHANNELS, DAY, SHARES, SLOTS
from support.entries import T0, began, credited, recorded, start


def test_before_and_after_the_record_says_the_same_of_everybody(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(compaction, "STEP", 20)
    file = tmp_path / "r"
    record = recorded(file)
    reader = Reader(str(file))
    before = reader.totals(), reader.accounts(), reader.pool_chart(0, T0 * 2, 600), reader.blocks()
    steps = 0
    while fold(record.database, T0 + DAY):
        steps += 1
        assert not replay(record.database).differences
    assert steps > 3
    assert not replay(record.database).differences
    assert (reader.totals(), reader.accounts(), reader.pool_chart(0, T0 * 2, 600), reader.blocks()) == before
    with record.database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SHARES)).scalar_one() == 0
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(CHANNELS)).scalar_one() > 0
        )  # still open
    reader.close()
    record.close()


def test_nothing_is_folded_that_no_view_has_seen(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", caught_up=False)
    fold(record.database, T0 + DAY)
    assert not replay(record.database).differences
    assert Reader(str(tmp_path / "r")).totals().accepted > 0
    record.close()


def test_slots_by_worker_go_after_eight_days(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r")
    let_go(record.database, T0 + SLOTS_KEPT + 3_600)
    with record.database.reading() as connection:
        oldest = connection.execute(sa.select(sa.func.min(SLOTS.c.slot))).scalar_one()
    assert oldest >= T0 + 3_600
    assert not replay(record.database).differences
    record.close()


def test_a_clock_that_was_ahead_does_not_end_charts_by_worker(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", keep_days=90)
    reader = Reader(str(tmp_path / "r"))
    end = T0 + 2 * DAY

    def alices() -> int:
        return sum(point.accepted for point in reader.worker_chart("alice", None, 0, end, DAY))

    before = alices()
    assert before
    record.compact(T0 + 400 * DAY)
    assert alices() == before, "nothing is old that is newer than all but a year"
    # While the clock was ahead, somebody mined.
    record.append(1, 100, [credited(1, T0 + 400 * DAY)])
    while record.catch_up():
        pass
    record.compact(T0 + 400 * DAY)
    assert alices() == 0
    assert not replay(record.database).differences
    record.compact(T0 + DAY)
    for number, at in enumerate((T0 + DAY, T0 + DAY + 700)):
        record.append(1, 101 + number, [credited(1, at)])
        while record.catch_up():
            pass
        assert not replay(record.database).differences
    assert alices() == 1, "from the next ten minutes on"
    reader.close()
    record.close()


def test_a_channel_that_was_quiet_for_long_is_its_miners_still_where_several_processes_are_one_pool(
    tmp_path: Path,
) -> None:
    quiet, busy = (Record(str(tmp_path / "r"), keep_days=1) for _ in range(2))
    runs = quiet.begin(start()), busy.begin(replace(start(), shard=1))
    quiet.append(runs[0], 1, [began(1, "alice"), credited(1)])
    busy.append(runs[1], 1, [began(1, "bob"), *(credited(1, T0 + day * DAY) for day in range(6))])
    while busy.catch_up() or busy.compact(T0 + 5 * DAY):
        pass
    quiet.append(runs[0], 2, [credited(1, T0 + 5 * DAY)])
    while busy.catch_up():
        pass
    reader = Reader(str(tmp_path / "r"))
    assert {each.account: each.accepted for each in reader.accounts().rows} == {"alice": 2, "bob": 6}
    assert not replay(busy.database).differences
    for each in (reader, quiet, busy):
        each.close()
