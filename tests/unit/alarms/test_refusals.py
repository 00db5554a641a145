from sluice.alarms.message import Message, Weight
from sluice.alarms.refusals import MOST_NAMES, STEPS, Refusals
from sluice.alarms.words import plain
from sluice.pool.events import PeerLeft
from support.alarms import REFUSALS, counts

WINDOW = REFUSALS.window


def test_a_large_part_rings_once_and_is_over_at_half_of_it() -> None:
    refusals = Refusals(REFUSALS)
    refusals.saw([counts(1, "alice", accepted=100)], 0.0)
    assert list(refusals.tick(0.0)) == []
    refusals.saw([counts(1, "alice", accepted=180, stale=15, duplicate=5)], 60.0)
    [rising] = refusals.tick(60.0)
    assert (rising.kind, rising.weight) == ("refusals_rising", Weight.WARNING)
    assert plain(rising.title) == "10.0% of all shares are refused"
    assert plain(rising.text) == (
        "20 were refused and 180 accepted in the last 10 min: stale 15, duplicate 5. "
        "Most of one name: alice with 20."
    )
    assert rising.details["reasons"] == {"stale": 15, "duplicate": 5}
    refusals.saw([counts(1, "alice", accepted=400, stale=15, duplicate=5)], 120.0)
    assert list(refusals.tick(120.0)) == []  # under the part, but not under half of it
    assert list(refusals.tick(400.0)) == []
    refusals.saw([counts(1, "alice", accepted=1_000, stale=15, duplicate=5)], 401.0)
    [over] = refusals.tick(401.0)
    assert (over.kind, over.weight) == ("refusals_over", Weight.INFO)
    assert plain(over.title) == "2.0% of all shares are only refused"


def test_few_refusals_are_not_told_whatever_part_they_are() -> None:
    refusals = Refusals(REFUSALS)
    refusals.saw([counts(1, "alice", accepted=0, stale=19)], 0.0)
    assert list(refusals.tick(0.0)) == []


def test_what_is_older_than_the_window_does_not_count() -> None:
    refusals = Refusals(REFUSALS)
    told: list[Message] = []
    for minute in range(120):  # nineteen in ten minutes, for two hours
        refusals.saw([counts(1, "alice", accepted=0, stale=int(minute * 1.9))], minute * 60.0)
        told += refusals.tick(minute * 60.0)
    assert told == []
    assert len(refusals._steps) <= STEPS + 1


def test_the_alarm_ends_when_nobody_mines_any_more() -> None:
    refusals = Refusals(REFUSALS)
    refusals.saw([counts(1, "alice", accepted=0, stale=50)], 0.0)
    assert len(list(refusals.tick(0.0))) == 1
    assert list(refusals.tick(WINDOW - 1.0)) == []
    [over] = refusals.tick(WINDOW)
    assert over.kind == "refusals_over"


def test_what_a_connection_did_before_it_left_counts() -> None:
    refusals = Refusals(REFUSALS)
    refusals.saw([counts(1, "alice", accepted=5, stale=5)], 0.0)
    refusals.left(PeerLeft(1, "192.0.2.1", "too many refused", 5, 30), 10.0)
    [rising] = refusals.tick(10.0)
    assert rising.details["refused"] == 30
    assert refusals._before == {}


def test_a_connection_that_came_and_left_between_two_looks_counts() -> None:
    refusals = Refusals(REFUSALS)
    refusals.left(PeerLeft(1, "192.0.2.1", "too many refused", 0, 600), 10.0)
    assert len(list(refusals.tick(10.0))) == 1


def test_names_are_bounded() -> None:
    refusals = Refusals(REFUSALS)
    refusals.saw([counts(peer, f"w{peer}", stale=1) for peer in range(2 * MOST_NAMES)], 0.0)
    assert len(refusals._steps[-1].names) == MOST_NAMES
