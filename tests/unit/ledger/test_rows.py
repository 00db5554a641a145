from typing import get_args

import pytest

from sluice.ledger import schema
from sluice.ledger.rows import MOST_TEXT, NUMBERED, first_rows, plain, rows_of, work_columns
from sluice.pool.journal import CHANNEL_BITS, CandidateMoved, Credited, Entry, Lost, Refusals
from support.entries import began, credited, life


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("alice.attic", "alice.attic"),
        ("a\0b", "a\\x00b"),
        ("caf\xe9", "caf\xe9"),
        ("\udcff", "\\xff"),
        ("x" * 2_000, "x" * MOST_TEXT),
    ],
)
def test_text_loses_what_a_database_does_not_take(text: str, kept: str) -> None:
    assert plain(text) == kept


def test_every_kind_of_entry_has_rows() -> None:
    seen = {type(entry) for batch in life(3, batches=60) for entry in batch}
    assert seen == set(get_args(Entry))
    for batch in life(3, batches=60):
        rows = rows_of(batch, 1, first_rows(1))
        assert len(rows.shares) + sum(map(len, rows.others.values())) == len(batch)


def test_rows_are_numbered_onwards_within_their_run_and_channels_get_its_number() -> None:
    last = first_rows(2)
    assert set(last) == set(NUMBERED.values())
    first = rows_of([credited(5), Refusals(1, 5, "stale", 1)], 2, last)
    again = rows_of([credited(5), credited(6)], 2, last)
    base, channels = 2 << schema.ROW_BITS, 2 << CHANNEL_BITS
    assert [row[0] for row in first.shares + again.shares] == [base + 1, base + 2, base + 3]
    assert [row[2] for row in again.shares] == [channels | 5, channels | 6]
    assert first.others[schema.REFUSALS] == [
        {"at": 1, "channel": channels | 5, "reason": "stale", "count": 1, "refusal": base + 1}
    ]
    assert last["move"] == base


def test_hashes_are_in_display_order_and_work_is_exact() -> None:
    work = (1 << 90) + 12_345
    share = credited(share_hash=bytes(range(32)), work=work, late=True)
    assert isinstance(share, Credited)
    (row,) = rows_of([share], 1, first_rows(1)).shares
    assert row[5] == bytes(reversed(range(32)))
    assert (row[6] << 32) + row[7] == work
    assert row[8] == 1
    assert work_columns(work) == {"work_high": row[6], "work_low": row[7]}
    moved = rows_of([CandidateMoved(1, bytes(range(32)), "s", "t")], 1, first_rows(1))
    assert moved.others[schema.MOVES][0]["block_hash"] == bytes(reversed(range(32)))


def test_a_run_has_its_number_in_what_belongs_to_it() -> None:
    assert rows_of([Lost(1, 2)], 7, first_rows(7)).others[schema.LOST] == [{"run": 7, "at": 1, "entries": 2}]
    assert (
        rows_of([began(3, "n")], 7, first_rows(7)).others[schema.CHANNELS][0]["channel"]
        == 7 << CHANNEL_BITS | 3
    )


def test_nothing_that_a_miner_can_say_is_too_large_for_a_database() -> None:
    assert len(plain("\U0001f600" * 1_024).encode()) <= MOST_TEXT
    assert plain("\ud800") == "\\ud800"
    assert work_columns(1 << 256) == {"work_high": (1 << 63) - 1, "work_low": (1 << 32) - 1}
