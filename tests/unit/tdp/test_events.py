"""The words of a template provider in the log."""

from sluice.legible import words_of
from sluice.tdp.events import ClientArrived, ClientLeft, RoomAsked, SolutionRefused


def test_their_lines_and_how_much_they_matter() -> None:
    assert [words_of(kind.__name__) for kind in (ClientArrived, RoomAsked, SolutionRefused, ClientLeft)] == [
        "client arrived",
        "room asked",
        "solution refused",
        "client left",
    ]
    assert (SolutionRefused.level, ClientLeft.level) == ("warning", "info")
