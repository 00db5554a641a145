"""Events in the order of their times, and of asking."""

from collections.abc import Callable

from sluice.sim.world.jumping_clock import JumpingClock


def noting(clock: JumpingClock) -> tuple[list[tuple[float, str]], Callable[[str], Callable[[], None]]]:
    """What happened when, and actions that note it."""
    happened: list[tuple[float, str]] = []
    return happened, lambda what: lambda: happened.append((clock.now, what))


def test_it_jumps_from_event_to_event() -> None:
    clock = JumpingClock(100.0)
    happened, note = noting(clock)
    clock.after(3600, note("late"))
    clock.at(101.5, note("early"))
    clock.run_until(101.4)
    assert (happened, clock.now) == ([], 101.4)
    clock.run_until(3700.0)
    assert (happened, clock.now) == ([(101.5, "early"), (3700.0, "late")], 3700.0)


def test_what_was_asked_for_first_happens_first() -> None:
    clock = JumpingClock()
    happened, note = noting(clock)
    for what in "abc":
        clock.at(1.0, note(what))
    clock.run_until(1.0)
    assert [what for _, what in happened] == ["a", "b", "c"]


def test_the_past_is_now() -> None:
    clock = JumpingClock(10.0)
    happened, note = noting(clock)
    clock.at(3.0, note("too late"))
    clock.run_until(10.0)
    assert happened == [(10.0, "too late")]


def test_what_an_event_asks_for_happens_in_its_turn() -> None:
    clock = JumpingClock()
    happened, note = noting(clock)
    clock.at(1.0, lambda: clock.after(0.0, note("child")))
    clock.at(1.0, note("sibling"))
    clock.run_until(1.0)
    assert [what for _, what in happened] == ["sibling", "child"]


def test_again_and_again() -> None:
    clock = JumpingClock()
    happened, note = noting(clock)
    clock.every(2.5, note("beat"))
    clock.run_until(10.0)
    assert [when for when, _ in happened] == [2.5, 5.0, 7.5, 10.0]


def test_it_never_goes_back() -> None:
    clock = JumpingClock(5.0)
    clock.run_until(1.0)
    assert clock.now == 5.0
