"""The weather delays, tears and cuts; it never reorders, alters or repeats."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.link import CLOSED, LOST, Link, Weather


class Listener:
    """An end that keeps what it hears."""

    def __init__(self, clock: JumpingClock) -> None:
        self.clock = clock
        self.data = b""
        self.times: list[float] = []
        self.endings: list[str] = []

    def receive(self, data: bytes) -> None:
        assert data
        assert not self.endings
        self.data += data
        self.times.append(self.clock.now)

    def lost(self, reason: str) -> None:
        self.endings.append(reason)


def joined(weather: Weather, seed: int = 1) -> tuple[JumpingClock, Link, list[Listener]]:
    clock = JumpingClock()
    ends = [Listener(clock), Listener(clock)]
    return clock, Link(clock, Random(seed), weather, (ends[0], ends[1])), ends


@given(
    writes=st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=20), st.floats(0, 0.3)), max_size=20),
    seed=st.integers(0, 99),
)
def test_all_bytes_arrive_in_order_in_time(writes: list[tuple[int, bytes, float]], seed: int) -> None:
    clock, link, ends = joined(Weather(0.1, 0.5, pieces=4), seed)
    sent = [b"", b""]
    for to, data, pause in writes:
        link.send(to, data)
        sent[to] += data
        clock.run_until(clock.now + pause)
    last = clock.now
    clock.run_until(last + 0.5)
    assert [end.data for end in ends] == sent
    for end in ends:
        assert end.times == sorted(end.times)
        assert all(0.1 <= when <= last + 0.5 for when in end.times)


def test_a_write_may_be_torn_and_need_not() -> None:
    clock, link, ends = joined(Weather(0.1, 0.2, pieces=1))
    link.send(1, b"whole")
    clock.run_until(1)
    assert (ends[1].data, len(ends[1].times)) == (b"whole", 1)
    clock, link, ends = joined(Weather(0.1, 0.2, pieces=5))
    for _ in range(20):
        link.send(1, b"a longer piece of data")
    clock.run_until(1)
    assert len(ends[1].times) > 30


@pytest.mark.parametrize("by", [0, 1])
def test_who_closes_is_heard_out_and_hears_no_more(by: int) -> None:
    clock, link, ends = joined(Weather(0.1, 0.2))
    link.send(by, b"not heard")
    link.send(1 - by, b"heard")
    link.close(by)
    clock.run_until(1)
    assert (ends[1 - by].data, ends[1 - by].endings) == (b"heard", [CLOSED])
    assert (ends[by].data, ends[by].endings) == (b"", [])


@pytest.mark.parametrize("told", [(), (0,), (1,), (0, 1)])
def test_nothing_arrives_after_a_cut_and_only_who_is_told_knows(told: tuple[int, ...]) -> None:
    clock, link, ends = joined(Weather(0.1, 0.2))
    link.send(0, b"lost")
    link.send(1, b"lost")
    link.cut(*told)
    link.send(0, b"lost")
    clock.run_until(1)
    assert [end.data for end in ends] == [b"", b""]
    assert [end.endings for end in ends] == [[LOST] if number in told else [] for number in (0, 1)]


def test_an_end_hears_of_the_end_once() -> None:
    clock, link, ends = joined(Weather(0.1, 0.2))
    link.close(0)
    link.cut(0, 1)
    link.cut(0, 1)
    link.close(1)
    clock.run_until(1)
    assert [len(end.endings) for end in ends] == [0, 0]  # both had closed: nobody listens
    clock, link, ends = joined(Weather(0.1, 0.2))
    link.cut(0, 1)
    link.cut(0, 1)
    clock.run_until(1)
    assert [end.endings for end in ends] == [[LOST], [LOST]]


def test_the_same_noise_is_the_same_weather() -> None:
    times = []
    for _ in range(2):
        clock, link, ends = joined(Weather(), seed=9)
        for _ in range(10):
            link.send(1, b"some bytes")
        clock.run_until(5)
        times.append(ends[1].times)
    assert times[0] == times[1]
