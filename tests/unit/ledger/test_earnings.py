"""What each account's work is worth, against sums that were made by hand."""

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from sluice.accounting.split import Terms
from sluice.ledger.compaction import fold
from sluice.ledger.earnings import Asked, CannotTell, PaidByBlock, Statement, Why, statement
from sluice.ledger.record import Record
from sluice.ledger.schema import DAY
from sluice.pool.journal import CandidateFound, CandidateMoved
from support.entries import T0, recorded
from support.rounds import FIRST, FIRST_HASH, REWARDS, SECOND, two_rounds


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with closing(two_rounds(tmp_path / "r")) as made:
        yield made


def said(record: Record, asked: Asked) -> Statement:
    made = statement(record.database, asked)
    assert isinstance(made, Statement)
    return made


def test_the_last_blocks_round_is_split_by_its_work(record: Record) -> None:
    made = said(record, Asked(terms=Terms(fee_ppm=10_000)))
    assert made.block is not None
    assert made.before is not None
    assert (made.block.height, made.before.height) == (8, 7)
    assert made.window.credit == {"bob": 50, "carol": 250}
    # 5,000,000,100 less 1 % is 4,950,000,099: a sixth, five sixths, and what rounding leaves.
    assert (made.split.fee, made.split.rest) == (50_000_001, 1)
    assert made.split.paid == {"bob": 825_000_016, "carol": 4_125_000_082}


@pytest.mark.parametrize("block", ["7", FIRST_HASH, FIRST_HASH[:6].upper()])
def test_a_block_is_named_by_its_height_or_a_part_of_its_hash(record: Record, block: str) -> None:
    made = said(record, Asked(block))
    assert made.split.paid == {"alice": REWARDS[0] // 2, "bob": REWARDS[0] // 2}
    assert made.before is None


def test_the_newest_work_counts_however_old_it_is(record: Record) -> None:
    made = said(record, Asked(times=Fraction(200)))
    assert made.window.size == 400
    assert made.window.credit == {"carol": 250, "bob": 50, "alice": 100}
    assert made.split.paid["alice"] == REWARDS[1] // 4


def test_the_next_block_is_worth_what_came_since_the_last(record: Record) -> None:
    made = said(record, Asked(next=True))
    assert made.block is None
    assert made.split.paid == {"bob": REWARDS[1]}
    assert said(record, Asked(next=True, reward=7)).split.reward == 7


def test_a_block_that_came_to_nothing_leaves_its_work_to_the_next(record: Record) -> None:
    record.append(1, 3, [CandidateMoved(T0 + 30, FIRST, "orphaned", "the other block is buried")])
    made = said(record, Asked())
    assert made.before is None
    assert made.window.credit == {"alice": 300, "bob": 350, "carol": 250}


def test_solo_blocks_have_paid_their_finder(tmp_path: Path) -> None:
    settings = {"accounts.mode": "solo", "accounts.fee_percent": "0.5"}
    with closing(two_rounds(tmp_path / "solo", settings)) as record:
        paid = statement(record.database, Asked())
        assert isinstance(paid, PaidByBlock)
        assert (paid.reward, paid.fee) == (REWARDS[1], REWARDS[1] * 5 // 1_000)
        assert statement(record.database, Asked(next=True)) == PaidByBlock(None)


def _orphaned(record: Record) -> None:
    record.append(1, 3, [CandidateMoved(T0 + 30, SECOND, "orphaned", "the other block is buried")])


def _without_template(record: Record) -> None:
    record.append(1, 3, [CandidateFound(T0 + 30, bytes(30) + b"\x09\x00", 9, 77, "bob")])


def _folded(record: Record) -> None:
    while fold(record.database, T0 + DAY):
        pass


@pytest.mark.parametrize(
    ("asked", "made", "why"),
    [
        (Asked("ffff"), lambda record: None, Why.NOT_FOUND),
        (Asked("000"), lambda record: None, Why.SEVERAL),
        (Asked("8"), _orphaned, Why.FOR_NOTHING),
        (Asked("9"), _without_template, Why.NO_REWARD),
        (Asked("9", reward=1, times=Fraction(2)), _without_template, Why.NO_TARGET),
        (Asked("8"), _folded, Why.FOLDED),
        (Asked("8", times=Fraction(1)), _folded, Why.FOLDED),
    ],
)
def test_what_cannot_be_told_is_said(record: Record, asked: Asked, made, why: Why) -> None:  # type: ignore[no-untyped-def]
    made(record)
    with pytest.raises(CannotTell) as raised:
        statement(record.database, asked)
    assert raised.value.why is why


def test_an_empty_record_has_neither_block_nor_template(tmp_path: Path) -> None:
    with closing(Record(str(tmp_path / "r"))) as record:
        record.open()
        for asked, why in ((Asked(), Why.NO_BLOCK), (Asked(next=True), Why.NO_TEMPLATE)):
            with pytest.raises(CannotTell) as raised:
                statement(record.database, asked)
            assert raised.value.why is why


@pytest.mark.parametrize("seed", range(5))
def test_every_satoshi_of_a_long_life_is_somewhere(tmp_path: Path, seed: int) -> None:
    with closing(recorded(tmp_path / "r", seed)) as record:
        made = said(record, Asked(next=True, reward=312_500_000, terms=Terms(fee_ppm=12_345, least=10_000)))
        split = made.split
        assert split.fee + split.rest + sum(split.paid.values()) + sum(split.carried.values()) == 312_500_000
        assert sum(made.window.credit.values()) == made.window.work
