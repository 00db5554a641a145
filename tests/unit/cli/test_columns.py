"""Columns stand under each other, and a stranger's name stands last."""

from sluice.cli.columns import MOST_LETTERS, aligned, cut
from support.shown_pool import RUDE


def test_numbers_stand_to_the_right_and_the_last_column_takes_what_it_wants() -> None:
    lines = list(aligned((" n", "kind", "name"), [["1", "a", "x"], ["1,234", "long", "y" * 60]]))
    assert lines == [
        "    n  kind  name",
        "    1  a     x",
        "1,234  long  " + "y" * 60,
    ]


def test_a_table_of_nobody_is_its_heads() -> None:
    assert list(aligned((" n", "name"), [])) == ["n  name"]


def test_a_name_cannot_draw_and_is_cut() -> None:
    assert cut("alice") == "alice"
    assert cut(RUDE) == "\\x1b[31mred\\x0a\\x202eevil\\xff"
    assert len(cut("x" * 255)) == MOST_LETTERS
