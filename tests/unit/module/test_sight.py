"""What the module answers from."""

from dataclasses import replace

from sluice.bitcoin.target import target_from_difficulty
from sluice.module.sight import Shares, shares_of, shares_of_all
from support.module import seen_at_work, sight_of
from support.pool import POLICY, PoolTalk


def test_shares_are_counted_by_fate() -> None:
    view = seen_at_work(miners=2, shares=3).view
    assert [shares_of(miner) for miner in view.miners] == [Shares(4, 1), Shares(3, 0)]
    assert shares_of_all(view) == Shares(7, 1)
    assert shares_of_all(view).total == 8


def test_there_is_a_job_once_there_was_a_template() -> None:
    assert sight_of(PoolTalk()).job is None
    assert seen_at_work().job is not None


def test_the_opening_difficulty_is_the_last_one_that_was_said() -> None:
    assert sight_of(PoolTalk()).opening_difficulty == 0
    talk = PoolTalk(replace(POLICY, default_target=target_from_difficulty(4)))
    assert sight_of(talk).opening_difficulty == 4
    talk.state.opening_target = target_from_difficulty(16)
    assert sight_of(talk).opening_difficulty == 16
