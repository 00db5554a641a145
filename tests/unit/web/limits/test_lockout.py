import pytest

from sluice.web.limits.lockout import FORGOTTEN, FREE, LONGEST_WAIT, Lockout


def test_a_slip_costs_nothing_and_each_further_one_twice_as_much() -> None:
    lockout, waits = Lockout(), []
    for count in range(1, 14):
        assert lockout.failed("a", 0.0) == count
        waits.append(lockout.wait("a", 0.0))
    assert waits == [0.0] * FREE + [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[LONGEST_WAIT] * 4]


def test_time_passes() -> None:
    lockout = Lockout()
    for _ in range(FREE + 3):
        lockout.failed("a", 100.0)
    assert [lockout.wait("a", now) for now in (100.0, 103.0, 104.0)] == [4.0, 1.0, 0.0]


def test_everybody_waits_for_themselves() -> None:
    lockout = Lockout()
    for _ in range(FREE + 1):
        lockout.failed("a", 0.0)
    assert lockout.wait("b", 0.0) == 0.0


def test_a_right_key_and_a_quarter_of_an_hour_are_forgiven() -> None:
    lockout = Lockout()
    for who in ("a", "b"):
        for _ in range(FREE + 1):
            lockout.failed(who, 0.0)
    lockout.succeeded("a")
    assert lockout.wait("a", 0.0) == 0.0
    assert lockout.failed("a", 0.0) == 1
    assert lockout.wait("b", FORGOTTEN) == 0.0
    assert lockout.failed("b", FORGOTTEN) == 1


def test_memory_is_bounded() -> None:
    lockout = Lockout(most=3)
    for number in range(100):
        lockout.failed(str(number), float(number))
    assert len(lockout) == 3
    assert lockout.failed("99", 100.0) == 2


@pytest.mark.parametrize("failures", [1_000, 100_000])
def test_no_number_of_failures_is_too_many(failures: int) -> None:
    lockout = Lockout()
    for _ in range(failures):
        lockout.failed("a", 0.0)
    assert lockout.wait("a", 0.0) == LONGEST_WAIT
