"""One found block's life: what is done about all that can happen to it."""

from collections.abc import Iterable
from math import inf
from typing import TypeVar

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.pool.block_life import Stage, Turn
from sluice.pool.candidate import MOST_NOTES, RECORD_PACE, Candidate
from sluice.pool.effects import Effect, Note, Record, Settle, Submit, Tell
from sluice.pool.events import (
    BlockAccepted,
    BlockAnswered,
    BlockBuried,
    BlockForgotten,
    BlockInChain,
    BlockOrphaned,
    BlockOvertaken,
    BlockRecorded,
    BlockRefused,
    BlockRejected,
    BlockUndelivered,
    BlockUnrecorded,
    Happening,
)
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, Outcome, Sight
from support.found import a_block

T = TypeVar("T")

BLOCK = a_block(7, 100)
TEXT = to_display(BLOCK.block_hash)
RIVAL = b"\x02" * 32
A, B = ("a", "submitblock"), ("b", "SubmitSolution")
ROUTES = (A, B)
UNIX = 1_700_000_000


def outcome(key: tuple[str, str], answer: Answer, reason: str = "") -> Outcome:
    return Outcome(*key, answer, reason)


def shown(node: str = "a", tip: int = 100) -> Sight:
    return Sight(node, BLOCK.block_hash, tip)


class Told:
    """A candidate with its clock; what is to be done is kept until taken."""

    def __init__(self, *, recorded: bool = True) -> None:
        self.candidate = Candidate(BLOCK)
        self.now = 1_000.0
        self.effects: list[Effect] = []
        self.do(self.candidate.begin())
        assert self.take(Record) == [Record(BLOCK)]
        if recorded:
            self.do(self.candidate.recorded_at(UNIX))
            self.offer()

    def do(self, effects: Iterable[Effect]) -> None:
        self.effects += effects

    def offer(self) -> list[tuple[str, str]]:
        """What leaves now."""
        self.do(self.candidate.offer(ROUTES, self.now))
        return [(each.node, each.route) for each in self.take(Submit)]

    def answer(self, key: tuple[str, str], answer: Answer, reason: str = "") -> None:
        self.do(self.candidate.answered(outcome(key, answer, reason), self.now, UNIX))

    def see(self, *sights: Sight) -> None:
        self.do(self.candidate.seen(sights, self.now, UNIX))

    def take(self, kind: type[T]) -> list[T]:
        taken: list[T] = [effect for effect in self.effects if isinstance(effect, kind)]
        self.effects = [effect for effect in self.effects if not isinstance(effect, kind)]
        return taken

    def told(self) -> list[Happening]:
        """What people hear, each answer aside."""
        return [tell.event for tell in self.take(Tell) if not isinstance(tell.event, BlockAnswered)]

    def stage(self) -> Stage:
        return self.candidate.stage


def test_it_is_written_down_before_it_leaves_and_leaves_by_every_route_at_once() -> None:
    life = Told(recorded=False)
    assert life.offer() == []
    assert life.candidate.due(ROUTES) == inf
    life.do(life.candidate.recorded_at(UNIX))
    assert life.candidate.due(ROUTES) == -inf
    assert life.offer() == list(ROUTES)
    assert life.offer() == []
    assert life.stage() is Stage.OFFERED
    assert life.told() == []


def test_a_disk_that_fails_keeps_it_from_nobody_and_is_asked_again() -> None:
    life = Told(recorded=False)
    for again, pause in enumerate([*RECORD_PACE, RECORD_PACE[-1]]):
        life.do(life.candidate.unrecorded("no space left", life.now, UNIX))
        assert life.told() == ([] if again else [BlockUnrecorded(100, TEXT, "no space left")])
        assert life.offer() == ([] if again else list(ROUTES))
        assert life.take(Record) == []
        assert life.candidate.due(ROUTES) == life.now + pause
        life.now += pause
        life.offer()
        assert life.take(Record) == [Record(BLOCK)]
    life.do(life.candidate.recorded_at(UNIX))
    assert life.told() == [BlockRecorded(100, TEXT)]
    assert life.candidate.recorded
    assert life.candidate.due(ROUTES) == inf


def test_every_answer_is_told_and_noted_with_its_words() -> None:
    life = Told()
    life.candidate.errands.clear()
    said = Outcome("a", "submitblock", Answer.REFUSED, "high-hash", 12)
    life.do(life.candidate.answered(said, life.now, UNIX))
    assert life.take(Note)[0] == Note(BLOCK, Noted(UNIX, said))
    assert life.take(Tell)[0].event == BlockAnswered(
        100, TEXT, "a", "submitblock", "refused", "high-hash", 12
    )
    assert life.candidate.outcomes == [said]


def test_one_acceptance_does_not_stop_the_others() -> None:
    life = Told()
    life.answer(A, Answer.ACCEPTED)
    assert life.stage() is Stage.HELD
    life.answer(B, Answer.SILENT, "nobody is there")
    assert life.stage() is Stage.HELD
    life.now += 0.25
    assert life.offer() == [B]
    life.answer(B, Answer.ACCEPTED)
    assert life.told() == [BlockAccepted(100, TEXT, "a", "")]
    life.now += 1e9
    assert life.offer() == []


def test_a_duplicate_is_a_node_that_has_it() -> None:
    life = Told()
    life.answer(A, Answer.DUPLICATE, "duplicate")
    assert (life.stage(), life.candidate.taken) == (Stage.HELD, False)
    life.see(shown())
    assert (life.stage(), life.candidate.taken) == (Stage.IN_CHAIN, True)
    assert life.told() == [BlockAccepted(100, TEXT, "a", ""), BlockInChain(100, TEXT, "a")]


def test_an_inconclusive_answer_leaves_the_word_to_the_chain() -> None:
    life = Told()
    for key in ROUTES:
        life.answer(key, Answer.INCONCLUSIVE, "inconclusive")
    assert life.stage() is Stage.OFFERED
    assert life.told() == []
    life.see(Sight("a", RIVAL, 100))
    assert life.stage() is Stage.OVERTAKEN
    assert life.told() == [BlockOvertaken(100, TEXT, "a", to_display(RIVAL))]
    life.see(Sight("a", RIVAL, 105))
    assert life.stage() is Stage.ORPHANED
    (orphaned,) = life.told()
    assert orphaned == BlockOrphaned(100, TEXT, "a", to_display(RIVAL))
    assert orphaned.level == "info"
    assert life.take(Settle) == [Settle(BLOCK)]


def test_the_alarm_rings_when_every_node_that_answers_refuses_and_not_sooner() -> None:
    life = Told()
    life.answer(A, Answer.REFUSED, "bad-cb-amount")
    assert (life.stage(), life.told()) == (Stage.OFFERED, [])
    life.answer(B, Answer.SILENT, "nobody is there")
    assert life.stage() is Stage.REFUSED
    (alarm,) = life.told()
    assert alarm == BlockRefused(100, TEXT, "a", "bad-cb-amount")
    assert alarm.level == "error"
    life.now += 1
    assert life.offer() == [A, B]
    life.answer(A, Answer.REFUSED, "bad-cb-amount")
    assert life.told() == []
    life.answer(B, Answer.REFUSED, "high-hash")
    assert life.told() == [BlockRefused(100, TEXT, "a, b", "bad-cb-amount, high-hash")]


def test_a_refusal_that_was_one_node_s_alone_is_no_alarm() -> None:
    life = Told()
    life.answer(A, Answer.REFUSED, "bad-prevblk")
    life.answer(B, Answer.ACCEPTED)
    assert life.stage() is Stage.HELD
    assert life.told() == [BlockAccepted(100, TEXT, "b", "")]


def test_a_refusal_that_passes_ends_well() -> None:
    life = Told()
    for key in ROUTES:
        life.answer(key, Answer.REFUSED, "prev-blk-not-found")
    assert life.stage() is Stage.REFUSED
    life.answer(A, Answer.ACCEPTED)
    assert life.stage() is Stage.HELD


def test_a_refused_block_is_rejected_when_another_one_is_buried() -> None:
    life = Told()
    for key in ROUTES:
        life.answer(key, Answer.REFUSED, "bad-cb-amount")
    life.see(Sight("a", RIVAL, 100))
    assert life.stage() is Stage.REFUSED
    life.see(Sight("a", RIVAL, 105))
    assert life.stage() is Stage.REJECTED
    assert life.told()[-1] == BlockRejected(100, TEXT, "a", to_display(RIVAL))


def test_the_alarm_rings_once_when_no_node_can_be_reached() -> None:
    life = Told()
    life.answer(A, Answer.SILENT, "nobody is there")
    assert life.told() == []
    life.answer(B, Answer.SILENT, "no answer within 60 s")
    (alarm,) = life.told()
    assert alarm == BlockUndelivered(100, TEXT, "nobody is there, no answer within 60 s")
    assert alarm.level == "error"
    for _ in range(20):
        life.now = life.candidate.due(ROUTES)
        for key in life.offer():
            life.answer(key, Answer.SILENT, "nobody is there")
    assert life.told() == []
    assert life.stage() is Stage.OFFERED


def test_a_node_that_took_it_and_forgot_it_gets_it_again() -> None:
    life = Told()
    life.answer(A, Answer.ACCEPTED)
    life.answer(B, Answer.UNFIT)
    life.told()
    life.see(Sight("a", None, 99))
    assert life.told() == [BlockForgotten(100, TEXT, "a")]
    assert life.stage() is Stage.OFFERED
    life.now += 1
    assert life.offer() == [A]
    life.answer(A, Answer.ACCEPTED)
    life.see(shown())
    assert life.stage() is Stage.IN_CHAIN
    assert life.told() == [BlockInChain(100, TEXT, "a")]  # it is accepted once


def test_a_node_that_forgot_it_gets_it_though_another_has_it() -> None:
    life = Told()
    for key in ROUTES:
        life.answer(key, Answer.ACCEPTED)
    life.see(shown("a"), Sight("b", None, 99))
    assert life.stage() is Stage.IN_CHAIN
    life.now += 1
    assert life.offer() == [B]


def test_a_chain_that_shows_it_is_worth_more_than_silence() -> None:
    life = Told()
    life.answer(A, Answer.SILENT, "the connection broke")
    life.answer(B, Answer.UNFIT)
    life.see(shown())
    assert life.stage() is Stage.IN_CHAIN
    assert life.candidate.due(ROUTES) == inf


def test_a_node_that_is_in_sight_again_gets_it_at_once() -> None:
    life = Told()
    for _ in range(9):
        for key in ROUTES:
            life.answer(key, Answer.SILENT, "nobody is there")
        life.see()
    assert life.candidate.due(ROUTES) == life.now + 60
    life.see(Sight("a", None, 99))
    assert life.offer() == [A]
    life.answer(A, Answer.SILENT, "method not allowed")
    life.see(Sight("a", None, 99))  # it can be seen, and is silent all the same: the pace counts
    assert life.offer() == []


def test_a_chain_that_turns_away_and_back() -> None:
    life = Told()
    life.answer(A, Answer.ACCEPTED)
    life.see(shown(tip=101))
    life.see(Sight("a", RIVAL, 102))
    assert life.stage() is Stage.OVERTAKEN
    life.see(Sight("a", None, 99))
    assert life.stage() is Stage.OFFERED
    life.see(shown(tip=103))
    life.see(shown(tip=105))
    assert life.stage() is Stage.BURIED
    kinds = [type(event) for event in life.told()]
    assert kinds == [BlockAccepted, BlockInChain, BlockOvertaken, BlockInChain, BlockBuried]
    assert life.take(Settle) == [Settle(BLOCK)]


def test_it_is_settled_once_and_nothing_moves_it_afterwards() -> None:
    life = Told()
    life.see(shown(tip=105))
    life.effects.clear()
    life.see(Sight("a", RIVAL, 200))
    life.answer(A, Answer.REFUSED, "bad-cb-amount")
    assert life.stage() is Stage.BURIED
    assert life.take(Settle) == []
    assert life.take(Note) == []
    assert life.candidate.outcomes[0].reason == "bad-cb-amount"


def test_what_no_chain_can_show_changes_nothing() -> None:
    life = Told()
    life.answer(A, Answer.ACCEPTED)
    life.see()
    assert life.stage() is Stage.HELD
    early = Told(recorded=False)
    early.see(shown())
    assert early.stage() is Stage.FOUND


def test_only_what_is_new_is_noted_and_only_so_much_its_end_aside() -> None:
    life = Told()
    for _ in range(3):
        life.answer(A, Answer.SILENT, "nobody is there")
    assert len(life.take(Note)) == 1
    for number in range(2 * MOST_NOTES):
        life.answer(A, Answer.SILENT, f"{number}")
    assert len(life.take(Note)) == MOST_NOTES - 1
    life.see(shown(tip=105))
    end = Moved(Stage.BURIED, Turn.BURIED, shown(tip=105))
    assert life.take(Note) == [Note(BLOCK, Noted(UNIX, end))]


def test_it_resumes_where_it_stood() -> None:
    life = Told()
    life.answer(A, Answer.ACCEPTED)
    life.answer(B, Answer.REFUSED, "bad-prevblk")
    life.see(Sight("a", RIVAL, 100))
    history = [note.noted for note in life.take(Note)]
    again = Candidate(BLOCK)
    again.resume(history, 5.0)
    assert (again.stage, again.taken, again.recorded) == (Stage.OVERTAKEN, True, True)
    assert again.outcomes == life.candidate.outcomes
    leaving = [(each.node, each.route) for each in again.offer(ROUTES, 5.0) if isinstance(each, Submit)]
    assert leaving == [B]  # who has it is left alone; everybody else is asked at once


def test_without_a_history_it_goes_everywhere_at_once() -> None:
    again = Candidate(BLOCK)
    again.resume((), 5.0)
    assert again.stage is Stage.OFFERED
    assert len(list(again.offer(ROUTES, 5.0))) == len(ROUTES)


@pytest.mark.parametrize("stage", [Stage.BURIED, Stage.ORPHANED, Stage.REJECTED])
def test_an_end_that_was_noted_is_the_end(stage: Stage) -> None:
    again = Candidate(BLOCK)
    again.resume([Noted(1, Moved(stage, Turn.BURIED))], 5.0)
    assert again.stage.settled
    assert again.taken is (stage is Stage.BURIED)


def test_a_route_that_is_gone_does_not_hold_up_the_clock() -> None:
    life = Told()
    life.answer(A, Answer.SILENT)
    assert life.candidate.due((B,)) == inf
    assert life.candidate.due(()) == inf
