from itertools import pairwise

from sluice.alarms.gather import MOST_NAMES, Gather, Gathered


def test_the_first_waits_for_others() -> None:
    gather = Gather(60.0)
    assert gather.take(1_000.0) is None
    gather.add(("a",), 0.0)
    gather.add(("b", "c"), 59.0)
    assert gather.take(59.9) is None
    assert gather.take(60.0) == Gathered(("a", "b", "c"), 3)
    assert gather.take(1_000.0) is None


def test_names_are_bounded_and_counted() -> None:
    gather = Gather(0.0)
    for start in range(0, 1_000, 10):
        gather.add(tuple(f"w{number}" for number in range(start, start + 10)), 0.0)
    gathered = gather.take(0.0)
    assert gathered is not None
    assert gathered.count == 1_000
    assert gathered.names == tuple(f"w{number}" for number in range(MOST_NAMES))


def test_many_messages_make_the_next_wait_longer() -> None:
    gather = Gather(60.0)
    told = []
    for second in range(6 * 3_600):
        gather.add(("a",), float(second))
        if gather.take(float(second)):
            told.append(second)
    pauses = [after - before for before, after in pairwise(told)]
    assert pauses[:4] == [121, 241, 481, 961]
    assert max(pauses) <= 32 * 60 + 1
    assert len(told) < 6 * 8


def test_after_a_quiet_hour_it_waits_as_at_first() -> None:
    gather = Gather(60.0)
    for at in (0.0, 100.0):
        gather.add(("a",), at)
        gather.take(at + 1_000.0)
    gather.add(("a",), 10_000.0)
    assert gather.take(10_060.0) == Gathered(("a",), 1)
