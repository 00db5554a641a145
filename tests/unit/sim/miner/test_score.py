"""Figures over time."""

import pytest

from sluice.bitcoin.target import DIFFICULTY_1, Target
from sluice.sim.miner.score import RATE_WINDOW, Score


def test_a_new_score_is_empty() -> None:
    figures = Score(100.0).figures(100.0)
    assert (figures.hashes, figures.accepted, figures.blocks, figures.refused) == (0, 0, 0, {})
    assert (figures.hash_rate, figures.difficulty, figures.uptime) == (0, 0, 0)
    assert not figures.connected


def test_the_rate_is_that_of_the_last_seconds() -> None:
    score = Score(0.0)
    for tenth in range(1, 301):
        score.hashed(100 if tenth <= 150 else 300, tenth / 10)
    assert score.figures(30.0).hash_rate == pytest.approx(3_000, rel=0.05)
    assert score.figures(30.0).hashes == 150 * 100 + 150 * 300


def test_the_rate_of_the_first_second_is_fair() -> None:
    score = Score(0.0)
    for tenth in range(1, 11):
        score.hashed(100, tenth / 10)
    assert score.figures(1.0).hash_rate == pytest.approx(1_000)


def test_the_rate_falls_when_nothing_comes() -> None:
    score = Score(0.0)
    score.hashed(1_000, 1.0)
    assert score.figures(2.0).hash_rate > score.figures(20.0).hash_rate > 0


def test_it_keeps_no_more_than_the_window() -> None:
    score = Score(0.0)
    for step in range(100_000):
        score.hashed(1, step / 100)
    assert len(score._recent) <= RATE_WINDOW / 0.25 + 2


def test_difficulty_is_that_of_the_work_at_hand() -> None:
    score = Score(0.0)
    score.target = DIFFICULTY_1
    assert score.figures(1.0).difficulty == 1.0
    score.target = Target(DIFFICULTY_1 * 4)
    assert score.figures(1.0).difficulty == 0.25
