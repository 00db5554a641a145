"""A pen writes batches in order, each once, whatever the ledger does."""

from typing import Any

import pytest

from sluice.pool.inputs import RecordFailed, RecordKnows, RecordWorks
from sluice.pool.journal import CandidateFound, Entry, Lost
from sluice.pool.ports import Start, Unrecordable
from sluice.server import pen
from sluice.server.pen import PAUSES, Chore, Pen
from support.ledgers import MemoryLedger

START = Start(1, "0", "regtest", 0, {})
WINDOW = 0.05


class Desk:
    """A pen whose clock is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **ledger: Any) -> None:
        self.now = 100.0
        monkeypatch.setattr(pen, "steady", lambda: self.now)
        self.ledger = MemoryLedger(**ledger)
        self.news: list[object] = []
        self.pen = Pen(self.ledger, START, WINDOW, self.news.append)

    def give(self, *numbers: int) -> None:
        self.pen.give([Lost(number, 0) for number in numbers])

    def until_idle(self) -> float:
        """All that is due; how long it wants to rest then."""
        for _ in range(1000):
            pause = self.pen.step()
            if pause:
                return pause
        raise AssertionError("it never rests")

    def wait(self, seconds: float) -> float:
        self.now += seconds
        return self.until_idle()

    @property
    def written(self) -> list[list[int]]:
        return [[entry.at for entry in batch] for _, batch in sorted(self.ledger.batches.items())]


def test_entries_wait_for_others_but_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.give(1)
    assert desk.until_idle() == pytest.approx(WINDOW)
    desk.wait(WINDOW / 2)
    desk.give(2, 3)
    assert desk.written == []
    assert desk.pen.queued == 3
    desk.wait(WINDOW / 2)
    assert desk.written == [[1, 2, 3]]
    assert (desk.pen.queued, desk.pen.oldest, desk.pen.batches, desk.pen.entries) == (0, None, 1, 3)
    assert desk.ledger.starts == [START]


def test_a_batch_that_failed_is_tried_again_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.until_idle()
    desk.ledger.trouble = "the disk is full"
    desk.give(1)
    pauses = [desk.wait(seconds) for seconds in (WINDOW, *PAUSES, PAUSES[-1])]
    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert desk.pen.oldest == pytest.approx(100.0)
    desk.give(2)
    desk.ledger.trouble = ""
    desk.wait(PAUSES[-1])
    assert desk.written == [[1], [2]]
    news = [each for each in desk.news if not isinstance(each, RecordKnows)]
    assert news == [RecordFailed("the disk is full")] * len(pauses) + [RecordWorks(0)]


def test_a_batch_whose_answer_was_lost_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.ledger.loses_answers = True
    desk.give(1)
    desk.wait(WINDOW)
    desk.give(2)
    desk.wait(PAUSES[0])
    assert desk.written == [[1], [2]]
    assert desk.pen.queued == 0


def test_a_database_that_is_away_at_the_start_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, trouble="connection refused")
    desk.give(1)
    desk.wait(WINDOW)
    assert desk.news == [RecordFailed("connection refused")]
    desk.ledger.trouble = ""
    desk.wait(PAUSES[0])
    assert (desk.written, len(desk.ledger.starts)) == ([[1]], 1)


def test_what_has_waited_long_is_written_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pen, "BATCH_ENTRIES", 3)
    desk = Desk(monkeypatch)
    for number in range(0, 10, 2):
        desk.give(number, number + 1)
    desk.until_idle()  # there are enough to be written at once
    assert desk.written == [[0, 1, 2, 3], [4, 5, 6, 7]]
    desk.wait(WINDOW)
    assert desk.written[2:] == [[8, 9]]


@pytest.mark.parametrize("spoils", [Unrecordable, TypeError])
def test_what_can_never_be_recorded_is_put_aside_and_all_the_rest_is_recorded(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, spoils: type[Exception]
) -> None:
    desk = Desk(monkeypatch, spoiled=[Lost(7, 0), Lost(93, 0)], spoils=spoils)
    desk.give(*range(100))
    desk.wait(WINDOW)
    desk.give(100)
    desk.wait(WINDOW)
    assert [number for batch in desk.written for number in batch] == [
        n for n in range(101) if n not in (7, 93)
    ]
    assert len(desk.written) < 20
    assert desk.news.count(RecordWorks(1)) == 2
    assert desk.news.count(RecordFailed("1 entries cannot be recorded: an entry like no other")) == 2
    assert (desk.pen.queued, desk.pen.oldest) == (0, None)
    assert "Lost(at=7, entries=0)" in caplog.text


def test_a_batch_of_which_much_cannot_be_recorded_is_not_looked_through_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch, spoiled=[Lost(number, 0) for number in range(10_000)])
    desk.give(*range(10_000))
    desk.wait(WINDOW)
    assert desk.pen.queued == 0
    assert sum(each.lost for each in desk.news if isinstance(each, RecordWorks)) == 10_000
    assert desk.ledger.calls.count("append") < 20 * pen.MOST_ASIDE


def test_what_earlier_runs_saw_is_told_once_the_views_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, behind=3, known={"alice": 7})
    desk.until_idle()
    assert desk.news == []
    desk.wait(pen.SOON)
    desk.wait(pen.SOON)
    assert desk.news == [RecordKnows({"alice": 7})]
    desk.wait(pen.CATCH_UP_SECONDS)
    assert len(desk.news) == 1


def test_a_chore_that_fails_rings_no_alarm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(monkeypatch)
    desk.until_idle()
    desk.ledger.trouble = "locked"
    for _ in range(3):
        desk.wait(pen.CATCH_UP_SECONDS)
    assert caplog.text.count("the record is not tidied up: locked") == 1
    assert not any(isinstance(each, RecordFailed) for each in desk.news)
    desk.ledger.trouble = ""
    desk.give(1)
    desk.wait(WINDOW)
    assert desk.written == [[1]]


def test_a_chore_that_is_a_bug_does_not_end_the_writing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(monkeypatch)
    desk.until_idle()

    def spoilt() -> bool:
        raise OverflowError("a sum that no column holds")

    monkeypatch.setattr(desk.ledger, "catch_up", spoilt)
    for number in range(3):
        desk.wait(pen.CATCH_UP_SECONDS)
        desk.give(number)
        desk.wait(WINDOW)
    assert desk.written == [[0], [1], [2]]
    assert caplog.text.count("the record is not tidied up: a sum that no column holds") == 1
    assert "Traceback" in caplog.text


def test_best_shares_that_cannot_be_read_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, known={"alice": 7})
    bests = desk.ledger.bests

    def spoilt(limit: int) -> dict[str, int]:
        raise ValueError("no hash")

    monkeypatch.setattr(desk.ledger, "bests", spoilt)
    desk.until_idle()
    assert desk.news == []
    monkeypatch.setattr(desk.ledger, "bests", bests)
    desk.wait(pen.CATCH_UP_SECONDS)
    assert desk.news == [RecordKnows({"alice": 7})]


def test_a_run_that_a_bug_keeps_from_beginning_is_begun_again_with_pauses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(monkeypatch)
    begin = desk.ledger.begin

    def spoilt(start: Start) -> int:
        raise TypeError("no setting")

    monkeypatch.setattr(desk.ledger, "begin", spoilt)
    desk.give(1)
    assert desk.wait(WINDOW) == PAUSES[0]
    assert desk.wait(PAUSES[0]) == PAUSES[1]
    assert caplog.text.count("Traceback") == 2
    monkeypatch.setattr(desk.ledger, "begin", begin)
    desk.wait(PAUSES[1])
    assert desk.written == [[1]]


def test_a_found_block_is_in_the_views_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.until_idle()
    before = desk.ledger.calls.count("catch_up")
    found: Entry = CandidateFound(1, bytes(32), 1, 1, "alice")
    desk.pen.give([found])
    desk.wait(WINDOW)
    assert desk.ledger.calls.count("catch_up") == before + 1


def test_in_a_hurry_nothing_waits_and_nothing_is_tidied(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.pen.hurried = True
    desk.give(1)
    desk.pen.step()
    assert desk.written == [[1]]
    assert desk.ledger.calls == ["begin", "append"]


def test_a_chore_rests_for_a_multiple_of_what_it_took_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(pen, "steady", lambda: now)
    took = [0.01, 0.02, 0.001, 3.0]
    more = [True, False, False, False]

    def call() -> bool:
        nonlocal now
        now += took.pop(0)
        return more.pop(0)

    chore = Chore(call, 5.0)
    rests = []
    for _ in range(4):
        chore.do()
        rests.append(round(chore.due - now, 3))
    assert rests == [0.1, 15.0, 5.0, 20.0]
