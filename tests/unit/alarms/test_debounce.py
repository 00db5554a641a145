from sluice.alarms.debounce import MOST_DOUBLINGS, Debounce, Pace, Turned

PACE = Pace(300.0, 90.0)
NOTHING = Turned()


def test_who_is_back_in_time_was_never_away() -> None:
    debounce = Debounce(PACE, 10)
    debounce.down("a", 0.0)
    debounce.up("a", 299.0)
    assert debounce.due(10_000.0) == NOTHING
    assert "a" not in debounce


def test_away_for_long_enough_is_told_once() -> None:
    debounce = Debounce(PACE, 10)
    debounce.down("a", 0.0)
    debounce.down("a", 200.0)
    assert debounce.due(299.9) == NOTHING
    assert debounce.due(300.0) == Turned(("a",))
    debounce.down("a", 400.0)
    assert debounce.due(10_000.0) == NOTHING


def test_back_for_long_enough_is_told_once() -> None:
    debounce = Debounce(PACE, 10)
    debounce.down("a", 0.0)
    debounce.due(300.0)
    debounce.up("a", 1_000.0)
    debounce.up("a", 1_050.0)
    assert debounce.due(1_089.0) == NOTHING
    assert debounce.due(1_090.0) == Turned((), ("a",))
    assert debounce.due(10_000.0) == NOTHING
    assert len(debounce) == 0


def test_a_short_visit_is_no_return() -> None:
    debounce = Debounce(PACE, 10)
    debounce.down("a", 0.0)
    debounce.due(300.0)
    for at in range(400, 4_000, 100):
        debounce.up("a", float(at))
        assert debounce.due(at + 80.0) == NOTHING
        debounce.down("a", at + 85.0)
        assert debounce.due(at + 99.0) == NOTHING
    assert "a" in debounce


def test_who_goes_often_is_believed_ever_later() -> None:
    debounce = Debounce(PACE, 10)
    now, waits = 0.0, []
    for _ in range(8):
        debounce.down("a", now)
        now += 300.0
        assert debounce.due(now).fallen == ("a",)
        debounce.up("a", now)
        back = now
        while not debounce.due(now).risen:
            now += 10.0
        waits.append(now - back)
    assert waits == [90.0 * 2 ** min(count, MOST_DOUBLINGS) for count in range(8)]
    now += 90_000.0  # a quiet day, and it is believed as at first
    debounce.down("a", now)
    assert debounce.due(now + 300.0).fallen == ("a",)
    debounce.up("a", now + 300.0)
    assert debounce.due(now + 390.0).risen == ("a",)


def test_keys_do_not_touch_each_other() -> None:
    debounce = Debounce(PACE, 10)
    debounce.down("a", 0.0)
    debounce.down("b", 100.0)
    assert debounce.due(350.0).fallen == ("a",)
    assert debounce.due(400.0).fallen == ("b",)


def test_of_too_many_the_one_that_is_away_for_longest_is_forgotten() -> None:
    debounce = Debounce(PACE, 3)
    for at, key in enumerate("abcd"):
        debounce.down(key, float(at))
    assert len(debounce) == 3
    assert debounce.due(1_000.0).fallen == ("b", "c", "d")


def test_no_pause_is_at_once() -> None:
    debounce = Debounce(Pace(0.0, 0.0), 3)
    debounce.down("a", 5.0)
    assert debounce.due(5.0).fallen == ("a",)
    debounce.up("a", 5.0)
    assert debounce.due(5.0).risen == ("a",)


def test_who_is_forgotten_is_not_told_and_who_is_recalled_was_told_before() -> None:
    debounce = Debounce(PACE, 2)
    debounce.down("a", 0.0)
    debounce.forget("a")
    debounce.forget("never heard of")
    debounce.recall("b", 0.0)
    debounce.down("c", 0.0)
    debounce.recall("c", 0.0)  # the newer word counts
    debounce.recall("one too many", 0.0)
    assert [*debounce.away()] == [("b", True), ("c", False)]
    assert debounce.due(PACE.quiet) == Turned(fallen=("c",))
    debounce.up("b", 1_000.0)
    assert debounce.due(1_000.0 + PACE.dwell) == Turned(risen=("b",))


def test_how_often_one_fell_is_remembered_of_no_more_than_the_bound() -> None:
    debounce = Debounce(Pace(0.0, 90.0), 2)
    for key in ("a", "a", "b", "c"):
        debounce.down(key, 0.0)
        assert debounce.due(0.0) == Turned(fallen=(key,))
        debounce.forget(key)
    assert list(debounce._falls) == ["b", "c"]
