from pathlib import Path

import pytest
import sqlalchemy as sa

from sluice.ledger.replay import replay
from sluice.ledger.schema import BLOCKS, POOL_SLOTS, REASONS, SHARES, SLOTS, STANDINGS
from support.entries import recorded


def test_the_views_follow_from_the_record(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r")
    told: list[tuple[int, int]] = []
    done = replay(record.database, lambda at, total: told.append((at, total)))
    assert done.differences == []
    assert done.computed == done.kept
    assert done.shares > 50
    assert told[-1] == (done.shares, done.shares)
    assert {line.split()[0] for line in done.computed.splitlines()} == {
        "standing",
        "reason",
        "slot",
        "pool",
        "block",
    }
    record.close()


@pytest.mark.parametrize("view", [STANDINGS, REASONS, SLOTS, POOL_SLOTS, BLOCKS], ids=str)
def test_a_view_that_was_touched_is_found_out(tmp_path: Path, view: sa.Table) -> None:
    record = recorded(tmp_path / "r", 2)
    changed = {"stage": "lost"} if view is BLOCKS else {"count": 99} if view is REASONS else {"work_low": 99}
    with record.database.writing() as connection:
        connection.execute(view.update().values(**changed))
    differences = replay(record.database).differences
    assert {line[0] for line in differences} == {"-", "+"}
    record.close()


def test_a_share_that_was_taken_away_is_found_out(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r")
    with record.database.writing() as connection:
        one = sa.select(sa.func.min(SHARES.c.share)).scalar_subquery()
        connection.execute(SHARES.delete().where(SHARES.c.share == one))
    assert replay(record.database).differences
    record.close()
