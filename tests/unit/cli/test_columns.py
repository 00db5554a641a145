"""Columns stand under each other, a stranger's name stands last, and nothing is wider than the screen."""

import os
import pty
import sys

import pytest
from rich.cells import cell_len

from sluice.cli.columns import (
    LEAST_NAME,
    LEAST_WIDTH,
    MOST_LETTERS,
    aligned,
    cut,
    fitted,
    folded,
    screen_width,
)
from support.shown_pool import RUDE

HEADS = (" n", " rate", "kind", "name")
ROWS = (("1", "9 TH/s", "sv2", "alice"), ("1,234", "10 TH/s", "sv2", "中" * 40))


def test_numbers_stand_to_the_right_and_the_last_column_takes_what_it_wants() -> None:
    lines = list(aligned((" n", "kind", "name"), [["1", "a", "x"], ["1,234", "long", "y" * 60]]))
    assert lines == [
        "    n  kind  name",
        "    1  a     x",
        "1,234  long  " + "y" * 60,
    ]


def test_a_table_of_nobody_is_its_heads() -> None:
    assert list(aligned((" n", "name"), [])) == ["n  name"]


@pytest.mark.parametrize("width", [24, 30, 36, 40, 80, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    lines = list(aligned(HEADS, ROWS, width, ("kind", " rate")))
    assert all(cell_len(line) <= width for line in lines)
    assert lines[1].endswith("e")
    assert lines[1].lstrip().startswith("1 ")


def test_columns_are_left_out_in_their_order_and_only_where_they_must() -> None:
    assert "kind" in next(aligned(HEADS, ROWS, 22 + LEAST_NAME, ("kind", " rate")))
    (narrow, *_) = aligned(HEADS, ROWS, 16 + LEAST_NAME, ("kind", " rate"))
    assert "kind" not in narrow
    assert "rate" in narrow
    (narrowest, *_) = aligned(HEADS, ROWS, 10, ("kind", " rate"))
    assert narrowest.split() == ["n", "n…e"]


def test_a_name_cannot_draw_and_is_cut() -> None:
    assert cut("alice") == "alice"
    assert cut(RUDE) == "\\x1b[31mred\\x0a\\x202eevil\\xff"
    assert len(cut("x" * 255)) == MOST_LETTERS
    assert cut(f"{'x' * 255}.attic").endswith("x.attic")


def test_wide_letters_count_twice() -> None:
    assert fitted("中" * 4, 8) == "中" * 4
    assert fitted("中" * 5, 8) == "中…中中"
    assert fitted("abc", 3) == "abc"
    assert fitted("abcd", 3) == "a…d"
    assert fitted("abcd", 1) == "…"
    assert fitted("bc1qaddress.attic", 11) == "bc1qa…attic"


def test_a_long_line_goes_on_below_between_words() -> None:
    assert list(folded("  name  one two three", 15, 8)) == ["  name  one two", "        three"]
    assert list(folded("  name  one", 15, 8)) == ["  name  one"]
    assert list(folded("x" * 90, 0, 8)) == ["x" * 90]
    assert list(folded(f"  url   {'x' * 90}", 40, 8)) == [f"  url   {'x' * 90}"]
    assert list(folded("x" * 90, 40, 8)) == ["x" * 90]


def test_only_a_terminal_has_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    assert screen_width() == 0
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        for columns, width in (("132", 132), ("5", LEAST_WIDTH)):
            monkeypatch.setenv("COLUMNS", columns)
            assert screen_width() == width
    os.close(ours)
