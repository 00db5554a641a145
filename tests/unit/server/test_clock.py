import time

from sluice.server.clock import steady, unix_time


def test_steady_seconds_never_go_back() -> None:
    readings = [steady() for _ in range(1_000)]
    assert readings == sorted(readings)


def test_unix_time_is_the_wall_clock_in_whole_seconds() -> None:
    before = int(time.time())
    now = unix_time()
    assert before <= now <= time.time()
    assert isinstance(now, int)
