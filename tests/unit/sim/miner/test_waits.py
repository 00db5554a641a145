"""Waits end when what they are for comes, or lapse once, with a complaint."""

import pytest

from sluice.sim.miner.waits import Lapsed, Wait, Waits


@pytest.mark.parametrize("wait", list(Wait))
def test_each_lapses_in_its_time_and_once(wait: Wait) -> None:
    waits = Waits()
    waits.begin(wait, 100.0)
    assert waits.lapsed(100.0 + wait.seconds - 0.001) == []
    assert waits.lapsed(100.0 + wait.seconds) == [Lapsed(wait, None)]
    assert waits.lapsed(10_000.0) == []


def test_what_came_is_waited_for_no_more() -> None:
    waits = Waits()
    waits.begin(Wait.OPEN, 0.0, 1)
    waits.begin(Wait.OPEN, 0.0, 2)
    assert waits.end(Wait.OPEN, 1)
    assert not waits.end(Wait.OPEN, 1)
    assert waits.lapsed(1_000.0) == [Lapsed(Wait.OPEN, 2)]


def test_a_wait_that_begins_again_runs_from_then() -> None:
    waits = Waits()
    waits.begin(Wait.WORD, 0.0)
    waits.begin(Wait.WORD, 100.0)
    assert waits.lapsed(100.0 + Wait.WORD.seconds - 1) == []


def test_the_complaint_names_the_time() -> None:
    assert Wait.SETUP.complaint == "the server does not answer SetupConnection for 10 seconds"
