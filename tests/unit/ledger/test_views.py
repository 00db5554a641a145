from pathlib import Path

import sqlalchemy as sa

from sluice.ledger import views
from sluice.ledger.record import Record
from sluice.ledger.replay import replay
from sluice.ledger.schema import BLOCKS, SINCE, STANDINGS
from sluice.ledger.sums import NO_HASH, Part
from sluice.ledger.views import columns_of, part_of, since
from sluice.pool.journal import CandidateFound, CandidateMoved
from support.entries import T0, began, credited, recorded, start


def test_a_part_goes_into_columns_and_comes_back() -> None:
    for part in (Part(3, 1, 2, (1 << 80) + 9, b"\x01" * 32, 5, 4, 6), Part(0, 0, 2, 0, NO_HASH, 0, 4, 6)):
        assert part_of(columns_of(part)) == part


def test_they_go_on_from_their_mark_in_bounded_steps(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(views, "STEP", 7)
    record = recorded(tmp_path / "r", caught_up=False)
    steps = 1
    while record.catch_up():
        steps += 1
        assert not replay(record.database).differences
    assert steps > 5
    assert not record.catch_up()
    record.close()


def test_a_share_after_the_views_is_added_to_them(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    run = record.begin(start())
    record.append(run, 1, [began(1, "alice.attic"), credited(1, T0, (1 << 32) - 1)])
    record.catch_up()
    record.append(run, 2, [credited(1, T0 + 9, (1 << 32) - 1, share_hash=bytes(32))])
    record.catch_up()
    with record.database.reading() as connection:
        (row,) = connection.execute(STANDINGS.select()).mappings().all()
        assert part_of(row) == Part(2, 0, 0, (1 << 33) - 2, bytes(32), T0 + 9, T0, T0 + 9)
        assert since(connection, "slots") == 0
        assert connection.execute(sa.select(sa.func.count()).select_from(SINCE)).scalar_one() == 1  # the lock
    record.close()


def test_a_block_is_seen_with_its_newest_stage(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", 4)
    with record.database.reading() as connection:
        stages = {row.stage for row in connection.execute(BLOCKS.select())}
    assert stages
    assert stages <= {"found", "accepted", "in chain"}
    record.close()


def test_a_move_whose_block_was_lost_counts_when_the_block_is_told_again(tmp_path: Path) -> None:
    record = Record(str(tmp_path / "r"))
    block = bytes(32)
    record.append(record.begin(start()), 1, [CandidateMoved(T0, block, "in chain", "shown")])
    record.catch_up()
    record.append(record.begin(start()), 1, [CandidateFound(T0, block, 7, 3, "alice")])
    record.catch_up()
    with record.database.reading() as connection:
        assert connection.execute(sa.select(BLOCKS.c.stage)).scalar_one() == "in chain"
    assert not replay(record.database).differences
    record.close()
