"""The best share of each account."""

import pytest

from sluice.pool import bests
from sluice.pool.bests import ANYTHING, NOTHING, Bests


def test_the_first_share_is_the_best_and_then_a_better_one() -> None:
    known = Bests()
    assert known.to_beat("alice") == ANYTHING
    known.beat("alice", 50)
    assert known.to_beat("alice") == 50
    assert known.to_beat("bob") == ANYTHING


def test_what_earlier_runs_saw_and_what_came_meanwhile_are_one() -> None:
    known = Bests()
    known.awaited = True
    known.beat("alice", 50)
    known.beat("bob", 5)
    known.load({"alice": 20, "bob": 30, "carol": 40})
    assert known.known == {"alice": 20, "bob": 5, "carol": 40}
    assert not known.awaited


def test_there_is_an_end_to_whom_we_remember(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bests, "MOST_ACCOUNTS", 2)
    known = Bests()
    known.load({"alice": 20, "bob": 30, "carol": 40})
    assert known.known == {"alice": 20, "bob": 30}
    assert known.to_beat("carol") == NOTHING  # which no share is below
    known.load({"alice": 10})
    assert known.to_beat("alice") == 10
