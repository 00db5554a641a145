from sluice.alarms.receiver import LATE_SECONDS, lateness, without
from support.alarms import NOW, letter


def test_a_letter_in_time_says_nothing_of_it() -> None:
    assert lateness(letter(), NOW + LATE_SECONDS) == ""
    assert lateness(letter(), NOW - 5) == ""


def test_a_late_letter_says_how_late_it_is() -> None:
    assert lateness(letter(), NOW + 7_200) == "This was 2 h ago."


def test_no_secret_is_left_in_what_a_receiver_said() -> None:
    said = "no such bot: /bot123:ABC/send, 123:ABC\x1b[31m, 123"
    assert without(("123:ABC", "", "1", "23:ABC"), said) == "no such bot: /bot***/send, ***\\x1b[31m, 123"
    assert len(without((), "x" * 10_000)) == 300
