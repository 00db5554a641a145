from sluice.server.deadlines import Deadlines


def test_who_began_first_is_late_first() -> None:
    waits = Deadlines(10.0, "too slow")
    waits.begin(7, now=0.0)
    waits.begin(3, now=1.0)
    assert waits.overdue(9.9) == []
    assert waits.overdue(10.0) == [7]
    assert waits.overdue(11.0) == [7, 3]


def test_what_was_done_is_not_late() -> None:
    waits = Deadlines(10.0, "too slow")
    waits.begin(7, now=0.0)
    waits.begin(3, now=0.0)
    waits.end(7)
    assert 7 not in waits
    assert 3 in waits
    assert waits.overdue(99.0) == [3]


def test_to_begin_again_wins_no_time() -> None:
    waits = Deadlines(10.0, "too slow")
    waits.begin(7, now=0.0)
    waits.begin(7, now=9.0)
    assert waits.overdue(10.0) == [7]


def test_the_end_of_what_nobody_waits_for_is_no_matter() -> None:
    waits = Deadlines(10.0, "too slow")
    waits.end(7)
    assert 7 not in waits


def test_who_is_late_stays_so_until_it_is_done() -> None:
    waits = Deadlines(0.0, "too slow")
    waits.begin(7, now=0.0)
    assert waits.overdue(1.0) == waits.overdue(2.0) == [7]
