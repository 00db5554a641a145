from dataclasses import replace

from sluice.alarms.bests import DAY, MOST_ACCOUNTS, SETTLING, Bests
from sluice.alarms.message import Message
from sluice.alarms.words import plain
from sluice.pool.events import NewBest
from support.alarms import BESTS, NOW

MIDNIGHT = NOW // DAY * DAY + DAY


def best(difficulty: float, account: str = "alice", worker: str = "", before: float = 0.0) -> NewBest:
    return NewBest(account, worker, difficulty, before)


def run(bests: Bests, start: float, end: float) -> list[Message]:
    """All that is told in that time; the wall clock is `NOW` later."""
    return [
        message
        for now in range(int(start), int(end), 10)
        for message in bests.tick(float(now), NOW + int(now))
    ]


def test_the_newest_of_many_is_told_after_a_moment() -> None:
    bests = Bests(BESTS)
    for number in range(10):
        bests.told(best(2.0**number, worker="rig", before=number), float(number))
    assert run(bests, 10, SETTLING) == []
    [message] = run(bests, SETTLING, 3_000)
    assert plain(message.title) == "New best difficulty 512 of alice"
    assert plain(message.text) == "alice 512 by worker rig, 9 before."
    assert message.details == {
        "count": 1,
        "account": "alice",
        "worker": "rig",
        "difficulty": 512.0,
        "before": 9,
    }


def test_the_next_comes_after_the_pause_with_the_newest() -> None:
    bests = Bests(BESTS)
    bests.told(best(1.0), 0.0)
    assert len(run(bests, 0, 100)) == 1
    bests.told(best(2.0), 100.0)
    bests.told(best(3.0, "bob"), 200.0)
    bests.told(best(4.0), 3_000.0)
    assert run(bests, 100, 3_620) == []
    [message] = run(bests, 3_620, 10_000)
    assert plain(message.title) == "2 accounts have a new best difficulty"
    assert plain(message.text) == "alice 4; bob 3."


def test_what_is_below_the_threshold_is_not_told() -> None:
    bests = Bests(replace(BESTS, least=100.0))
    bests.told(best(99.9), 0.0)
    assert run(bests, 0, 1_000) == []
    bests.told(best(100.0), 1_000.0)
    assert len(run(bests, 1_000, 2_000)) == 1


def test_a_digest_comes_once_a_day() -> None:
    bests = Bests(replace(BESTS, daily=True))
    assert list(bests.tick(0.0, MIDNIGHT - DAY)) == []
    for number in range(24):
        bests.told(best(float(number), f"account {number}"), number * 3_600.0)
        assert list(bests.tick(number * 3_600.0, MIDNIGHT - DAY + number * 3_600)) == []
    [message] = bests.tick(DAY, MIDNIGHT)
    assert plain(message.text).startswith("The new bests of the day: account 23 23; account 22 22;")
    assert plain(message.text).endswith("; and 19 more.")
    assert list(bests.tick(2 * DAY, MIDNIGHT + DAY)) == []  # nothing is new


def test_a_wall_clock_that_jumps_back_makes_no_second_digest() -> None:
    bests = Bests(replace(BESTS, daily=True))
    list(bests.tick(0.0, MIDNIGHT - 10))
    bests.told(best(1.0), 0.0)
    assert len(list(bests.tick(10.0, MIDNIGHT))) == 1
    bests.told(best(2.0), 11.0)
    assert list(bests.tick(12.0, MIDNIGHT - 100)) == []
    assert list(bests.tick(112.0, MIDNIGHT)) == []


def test_a_wall_clock_that_was_a_year_ahead_is_not_waited_for() -> None:
    bests = Bests(replace(BESTS, daily=True))
    for at in (MIDNIGHT - 10, MIDNIGHT + 365 * DAY, MIDNIGHT - 5):
        list(bests.tick(0.0, at))
    bests.told(best(1.0), 0.0)
    assert len(list(bests.tick(10.0, MIDNIGHT))) == 1


def test_accounts_are_bounded_and_those_with_the_least_go() -> None:
    bests = Bests(BESTS)
    for number in range(MOST_ACCOUNTS + 50):
        bests.told(best(1.0 + number, str(number)), 0.0)
    [message] = run(bests, 0, 100)
    assert message.details["count"] == MOST_ACCOUNTS
    assert message.details["difficulty"] == MOST_ACCOUNTS + 50.0
