from sluice.alarms.message import (
    MOST_OF_A_NAME,
    MOST_OF_A_REASON,
    Name,
    counted,
    listing,
    reason,
)


def test_names_are_listed_up_to_a_number() -> None:
    names = ["a", "b", "c", "d"]
    assert listing(names[:1], 1) == (Name("a"),)
    assert listing(names, 17, 3) == (Name("a"), ", ", Name("b"), ", ", Name("c"), " and 14 more")
    assert listing(names, 4, 4)[-1] == Name("d")


def test_a_reason_is_longer_than_a_name() -> None:
    assert Name("x").most == MOST_OF_A_NAME
    assert reason("x").most == MOST_OF_A_REASON > MOST_OF_A_NAME


def test_one_is_singular() -> None:
    assert [counted(count, "worker") for count in (0, 1, 2_000)] == ["0 workers", "1 worker", "2,000 workers"]
