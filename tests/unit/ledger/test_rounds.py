"""Where a block's work lies, in a record that is small enough to be looked through."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sluice.accounting.window import Window
from sluice.ledger.compaction import fold
from sluice.ledger.record import Record
from sluice.ledger.rounds import (
    BEGINNING,
    END,
    Place,
    blocks,
    fill,
    is_folded,
    lost_between,
    paying,
    place_of,
    shares_between,
    worth_of,
)
from sluice.ledger.schema import DAY
from sluice.pool.journal import CandidateFound, CandidateMoved, Lost
from support.entries import T0
from support.rounds import BLOCK_TAKES, FIRST_HASH, FOUND, REWARDS, SECOND, SECOND_HASH, two_rounds


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with closing(two_rounds(tmp_path / "r")) as made:
        yield made


def test_blocks_come_newest_first_with_their_stage_and_finder(record: Record) -> None:
    with record.database.reading() as connection:
        newest, oldest = blocks(connection)
        assert (newest.height, newest.block_hash, newest.stage) == (8, SECOND_HASH, "in the chain")
        assert (newest.finder.account, newest.finder.worker, newest.run) == ("carol", "x", 1)
        assert list(blocks(connection, newest)) == [oldest]
        assert paying(connection, newest) == oldest
        assert paying(connection, oldest) is None


def test_a_block_that_came_to_nothing_pays_nobody(record: Record) -> None:
    record.append(1, 3, [CandidateMoved(T0 + 30, SECOND, "orphaned", "the other block is buried")])
    with record.database.reading() as connection:
        block = paying(connection)
        assert block is not None
        assert block.block_hash == FIRST_HASH


def test_a_round_ends_with_the_share_that_found_its_block(record: Record) -> None:
    with record.database.reading() as connection:
        newest, oldest = blocks(connection)
        begin, end = place_of(connection, oldest), place_of(connection, newest)
        assert begin.at == T0 + FOUND[0]
        assert begin < end < END
        window = Window()
        reach = fill(connection, window, begin, end, lambda shares: None)
        assert window.credit == {"bob": 50, "carol": 250}
        assert (reach.shares, reach.first_at, reach.last_at) == (3, T0 + 11, T0 + 13)
        assert shares_between(connection, BEGINNING, END) == 7


def test_a_full_window_is_left_and_of_the_last_share_only_the_newer_part_counts(record: Record) -> None:
    with record.database.reading() as connection:
        window = Window(400)
        fill(
            connection, window, BEGINNING, place_of(connection, next(blocks(connection))), lambda shares: None
        )
        assert window.credit == {"carol": 250, "bob": 50, "alice": 100}


def test_what_a_block_pays_and_takes_is_its_templates(record: Record) -> None:
    with record.database.reading() as connection:
        newest, oldest = blocks(connection)
        for block, reward in ((oldest, REWARDS[0]), (newest, REWARDS[1]), (None, REWARDS[1])):
            worth = worth_of(connection, block)
            assert worth is not None
            assert (worth.reward, worth.network_work) == (reward, BLOCK_TAKES)


def test_a_block_whose_share_was_not_credited_ends_its_round_with_the_second(record: Record) -> None:
    stranger = bytes(30) + b"\x03\x00"
    record.append(1, 3, [CandidateFound(T0 + 15, stranger, 9, 2, "bob")])
    with record.database.reading() as connection:
        assert place_of(connection, next(blocks(connection))) == Place(T0 + 15)


def test_entries_that_are_missing_are_counted_where_they_are(record: Record) -> None:
    record.append(1, 3, [Lost(T0 + 5, 3), Lost(T0 + 500, 4)])
    with record.database.reading() as connection:
        assert lost_between(connection, T0, T0 + 20) == 3


def test_days_of_sums_are_counted_where_they_ended(tmp_path: Path) -> None:
    with closing(two_rounds(tmp_path / "r")) as record:
        while fold(record.database, T0 + DAY):
            pass
        with record.database.reading() as connection:
            window = Window()
            reach = fill(connection, window, BEGINNING, END, lambda shares: None)
            assert window.credit == {"alice": 300, "bob": 390, "carol": 250}
            assert (reach.shares, reach.days) == (0, [T0 // DAY])
            assert all(is_folded(connection, block) for block in blocks(connection))
            # What a block pays is known for ever.
            newest, oldest = blocks(connection)
            assert [worth_of(connection, block).reward for block in (oldest, newest)] == list(REWARDS)  # type: ignore[union-attr]
