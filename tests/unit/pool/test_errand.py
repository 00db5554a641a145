"""When a block goes to a node again."""

from itertools import pairwise
from math import inf

import pytest

from sluice.pool.errand import HAVING, PACES, Errand
from sluice.pool.ports import Answer, Outcome

TAKEN = sorted(HAVING, key=lambda answer: answer.value)
AGAIN = [Answer.SILENT, Answer.REFUSED, Answer.INCONCLUSIVE]


def outcome(answer: Answer, reason: str = "") -> Outcome:
    return Outcome("core", "submitblock", answer, reason)


def left(now: float = 0.0) -> Errand:
    errand = Errand(now)
    errand.leave()
    return errand


def pauses(answer: Answer, times: int) -> list[float]:
    """How long it waits after each of so many answers of a kind."""
    errand, found = Errand(0.0), []
    for _ in range(times):
        errand.leave()
        errand.answered(outcome(answer), 100.0)
        found.append(errand.due - 100.0)
    return found


def test_it_leaves_once_until_there_is_an_answer() -> None:
    errand = Errand(5.0)
    assert (errand.due, errand.under_way, errand.answer, errand.has) == (5.0, False, None, False)
    errand.leave()
    assert (errand.due, errand.under_way) == (inf, True)


@pytest.mark.parametrize("answer", AGAIN)
def test_it_goes_again_ever_more_slowly_and_never_stops(answer: Answer) -> None:
    found = pauses(answer, 50)
    assert all(earlier <= later for earlier, later in pairwise(found))
    assert found == [*PACES[answer], *[PACES[answer][-1]] * (50 - len(PACES[answer]))]
    assert found[-1] <= 600


def test_a_node_that_is_away_for_a_moment_is_asked_four_times_in_two_seconds() -> None:
    assert sum(pauses(Answer.SILENT, 3)) < 2


def test_another_answer_begins_another_pace() -> None:
    errand = left()
    for _ in range(5):
        errand.answered(outcome(Answer.SILENT), 0.0)
    errand.answered(outcome(Answer.REFUSED), 0.0)
    assert errand.due == PACES[Answer.REFUSED][0]
    errand.answered(outcome(Answer.SILENT), 0.0)
    assert errand.due == PACES[Answer.SILENT][0]


@pytest.mark.parametrize("answer", TAKEN)
def test_a_node_that_has_it_is_left_alone_until_its_chain_does_not_show_it(answer: Answer) -> None:
    errand = left()
    errand.answered(outcome(answer), 10.0)
    assert (errand.has, errand.due) == (True, inf)
    errand.not_shown(20.0)
    assert (errand.has, errand.due) == (False, 20.0 + PACES[answer][0])
    errand.not_shown(21.0)  # another look does not put it off
    assert errand.due == 20.0 + PACES[answer][0]
    errand.leave()
    errand.answered(outcome(answer), 30.0)
    assert errand.has
    errand.not_shown(40.0)
    assert errand.due == 40.0 + PACES[answer][1]


def test_a_chain_that_shows_it_outweighs_every_word() -> None:
    errand = left()
    errand.answered(outcome(Answer.SILENT), 10.0)
    errand.shown()
    assert errand.due == inf
    errand.not_shown(50.0)
    assert errand.due == 50.0 + PACES[Answer.SILENT][0]


def test_what_is_under_way_is_waited_for() -> None:
    errand = left()
    errand.not_shown(1.0)
    errand.shown()
    assert (errand.under_way, errand.due) == (True, inf)
    errand.answered(outcome(Answer.SILENT), 2.0)
    errand.leave()
    errand.not_shown(3.0)
    assert (errand.under_way, errand.due) == (True, inf)


def test_a_route_that_cannot_carry_it_is_not_asked_again() -> None:
    errand = left()
    errand.answered(outcome(Answer.UNFIT), 1.0)
    errand.not_shown(2.0)
    assert errand.due == inf
    assert not errand.has


@pytest.mark.parametrize("answer", Answer)
def test_an_answer_of_an_earlier_run_puts_nothing_off(answer: Answer) -> None:
    errand = Errand(0.0)
    for _ in range(5):
        errand.answered(outcome(answer), 0.0)
    errand.long_ago(100.0)
    assert errand.due == (inf if answer in {*TAKEN, Answer.UNFIT} else 100.0)
    errand.not_shown(200.0)
    assert errand.due in (100.0, 200.0 + PACES[answer][0])


def test_only_what_is_new_is_news() -> None:
    errand = left()
    news = [
        errand.answered(outcome(Answer.SILENT, reason), 0.0)
        for reason in ("refused", "refused", "timed out", "timed out")
    ]
    assert news == [True, False, True, False]
    assert errand.answered(outcome(Answer.ACCEPTED), 0.0)
