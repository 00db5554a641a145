from pathlib import Path

import sqlalchemy as sa

from sluice.ledger import compaction
from sluice.ledger.compaction import SLOTS_KEPT, fold, let_go
from sluice.ledger.reading import Reader
from sluice.ledger.replay import replay
from sluice.ledger.schema import CHANNELS, DAY, SHARES, SLOTS
from support.entries import T0, recorded


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
