import pytest

from sluice.alarms.message import (
    MOST_OF_A_NAME,
    MOST_OF_A_REASON,
    Name,
    counted,
    difficulty_words,
    duration,
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


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59.6, "60 seconds"),
        (60, "1 minute"),
        (300, "5 minutes"),
        (7_199, "120 minutes"),
        (7_200, "2 hours"),
        (172_800, "2 days"),
    ],
)
def test_durations_are_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_one_is_singular() -> None:
    assert [counted(count, "worker") for count in (0, 1, 2_000)] == ["0 workers", "1 worker", "2,000 workers"]


@pytest.mark.parametrize(
    ("difficulty", "words"), [(0.00015, "0.00015"), (999.0, "999"), (1_000.0, "1.00 k"), (4.21e12, "4.21 T")]
)
def test_difficulties_are_as_miners_say_them(difficulty: float, words: str) -> None:
    assert difficulty_words(difficulty) == words
