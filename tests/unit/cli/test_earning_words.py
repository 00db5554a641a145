"""Statements in words: hostile names, missing entries, folded days, too little work."""

from dataclasses import replace
from fractions import Fraction

from sluice.accounting.split import split
from sluice.accounting.window import Window
from sluice.cli.earning_words import as_csv, as_json, paid_by_block, ppm_of, scheme_of, stated
from sluice.ledger.earnings import Asked, PaidByBlock, Statement
from sluice.ledger.rounds import Block, Reach
from sluice.ledger.schema import DAY

BLOCK = Block(1 << 40 | 1, "00" * 32, 7, 1, "=cmd|' /C calc'!A0.\x1b[31m", 1_702_080_013, "in the chain")


def made(window: Window, **more: object) -> Statement:
    fields: dict[str, object] = {
        "block": BLOCK,
        "before": None,
        "network_work": 2,
        "reach": Reach(1, 5, 5),
        "lost": 0,
    }
    return Statement(window=window, split=split(100, window.credit, Asked().terms), **(fields | more))  # type: ignore[arg-type]


def filled(size: int | None = None, **credit: int) -> Window:
    window = Window(size)
    window.add(credit)
    return window


def test_no_name_reaches_a_terminal_or_a_spreadsheet_as_more_than_a_name() -> None:
    window = filled()
    window.add({BLOCK.name: 5, "": 5})
    said = made(window)
    text = "\n".join(stated(said, Asked()))
    assert "\x1b" not in text
    assert "(no name)" in text
    assert ",'=cmd" in as_csv(said)
    assert as_json(said, Asked())["accounts"][1]["account"] == BLOCK.name


def test_what_makes_it_less_exact_is_said() -> None:
    days = [1_702_080_000 // DAY, 1_702_080_000 // DAY - 1]
    text = "\n".join(stated(made(filled(alice=3), lost=4, reach=Reach(0, 0, 0, days)), Asked()))
    assert "2 days, 2023-12-08 to 2023-12-09, are beyond retention" in text
    assert "4 entries of this time are missing" in text


def test_a_record_that_is_shorter_than_the_window_is_said_to_be() -> None:
    asked = Asked(times=Fraction(5))
    assert scheme_of(asked) == "pplns"
    assert any("the record has less" in line for line in stated(made(filled(10, alice=3)), asked))


def test_where_nobody_worked_all_is_the_rest() -> None:
    lines = list(stated(made(filled()), Asked()))
    assert "0 for 0 accounts + 0 carried + 0 fee + 100 rest of rounding = 100 satoshis" in lines
    assert ppm_of(0, 0) == 0


def test_a_solo_block_says_what_its_coinbase_paid_if_that_is_known() -> None:
    assert "how much is not in the record any more" in list(paid_by_block(PaidByBlock(BLOCK)))[-1]
    assert "99 satoshis, and 1 fee = 100" in list(paid_by_block(PaidByBlock(BLOCK, 100, 1)))[-1]
    orphan = replace(BLOCK, stage="orphaned")
    assert list(paid_by_block(PaidByBlock(orphan, 100, 1)))[-1] == "It came to nothing, so it pays nobody."
