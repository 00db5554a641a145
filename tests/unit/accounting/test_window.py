from fractions import Fraction

from sluice.accounting.window import Window, newest


def test_a_round_takes_whatever_comes() -> None:
    window = Window()
    assert all(window.add(piece) for piece in ({"a": 5}, {"b": 1}, {"a": 2}))
    assert (window.credit, window.work, window.full) == ({"a": 7, "b": 1}, 8, False)


def test_the_share_across_the_end_is_cut_there() -> None:
    window = Window(10)
    assert window.add({"a": 6})
    assert not window.add({"b": 7})
    assert (window.credit, window.work) == ({"a": 6, "b": 4}, 10)
    assert not window.add({"c": 1})
    assert (window.credit, window.work) == ({"a": 6, "b": 4}, 10)


def test_a_share_that_ends_where_the_window_does_is_in_it_whole() -> None:
    window = Window(10)
    assert not window.add({"a": 10})
    assert window.credit == {"a": 10}


def test_of_a_day_across_the_end_everybody_has_a_part() -> None:
    window = Window(10)
    window.add({"a": 4})
    window.add({"a": 10, "b": 30, "c": 0})
    assert window.credit == {"a": 5, "b": 5}


def test_a_window_is_so_many_times_what_a_block_takes() -> None:
    assert newest(Fraction(2), 1 << 80) == 1 << 81
    assert newest(Fraction("0.1"), 39) == 3
    assert newest(Fraction(1, 1000), 2) == 1  # never of no size, which nobody could be paid by
