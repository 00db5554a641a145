"""The life of a block, asked for every stage and everything that can happen."""

import pytest

from sluice.pool.block_life import MEANINGS, MOVES, Stage, Turn, mermaid, moved, stage_table

SETTLED = {Stage.BURIED, Stage.ORPHANED, Stage.REJECTED}
ANSWERS = {Turn.HELD, Turn.REFUSED}


@pytest.mark.parametrize("stage", Stage, ids=lambda stage: stage.name)
@pytest.mark.parametrize("turn", Turn, ids=lambda turn: turn.name)
def test_what_is_not_in_the_table_is_an_error(stage: Stage, turn: Turn) -> None:
    if turn in MOVES[stage]:
        assert moved(stage, turn) is MOVES[stage][turn]
    else:
        with pytest.raises(KeyError):
            moved(stage, turn)


def test_every_stage_has_its_row_and_its_meaning() -> None:
    assert list(MOVES) == list(MEANINGS) == list(Stage)
    assert {stage for stage in Stage if stage.settled} == SETTLED


def test_only_what_a_chain_shows_ends_a_life() -> None:
    for turns in MOVES.values():
        ends = {turn for turn, there in turns.items() if there in SETTLED}
        assert ends <= {Turn.BURIED, Turn.RIVAL_BURIED}


def test_nothing_leaves_before_it_was_tried_to_write_it_down() -> None:
    assert set(MOVES[Stage.FOUND]) == {Turn.RECORDED, Turn.UNRECORDED}
    assert all(Stage.FOUND not in turns.values() for turns in MOVES.values())


def test_wherever_a_block_stands_the_chain_can_still_bury_it() -> None:
    for stage in set(Stage) - SETTLED - {Stage.FOUND}:
        assert moved(stage, Turn.BURIED) is Stage.BURIED
        assert moved(stage, Turn.SHOWN) is Stage.IN_CHAIN
        assert moved(stage, Turn.RIVAL_BURIED) in (Stage.ORPHANED, Stage.REJECTED)


def test_a_refusal_is_heard_wherever_no_chain_shows_the_block() -> None:
    for stage in (Stage.OFFERED, Stage.REFUSED, Stage.OVERTAKEN):
        assert moved(stage, Turn.REFUSED) is Stage.REFUSED


def test_every_stage_can_be_reached() -> None:
    reached = {Stage.FOUND}
    while more := {there for stage in reached for there in MOVES[stage].values()} - reached:
        reached |= more
    assert reached == set(Stage)


def test_the_picture_has_every_move_that_leads_elsewhere() -> None:
    picture = mermaid()
    for stage, turns in MOVES.items():
        for turn, there in turns.items():
            arrow = f"    {stage.name} --> {there.name}: "
            (line,) = [line for line in picture.splitlines() if line.startswith(arrow)] or [""]
            assert (turn.value in line) is (there is not stage)
    for stage in Stage:
        assert (f"    {stage.name} --> [*]\n" in picture) is stage.settled
        assert f"| {stage.value} | {MEANINGS[stage]} |" in stage_table()
