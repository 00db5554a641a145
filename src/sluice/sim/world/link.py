"""A network of one connection: it delays, tears and cuts, but like TCP it never reorders, alters or repeats.

Rule: the same clock and noise make the same weather.
"""

from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Protocol

from sluice.sim.world.jumping_clock import JumpingClock

LOST = "connection lost"
CLOSED = "closed by the peer"


class End(Protocol):
    """What stands at one end of a link."""

    def receive(self, data: bytes) -> None:
        """Some bytes arrived."""

    def lost(self, reason: str) -> None:
        """No more will."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Seconds that bytes take from end to end, and into how many pieces a write is torn at most."""

    fastest: float = 0.01
    slowest: float = 0.2
    pieces: int = 3


class Link:
    """Two ends, known by their numbers 0 and 1, and the way between them. Mutable; one owner."""

    __slots__ = ("_arrived", "_clock", "_ends", "_flows", "_hears", "_noise", "weather")

    def __init__(self, clock: JumpingClock, noise: Random, weather: Weather, ends: tuple[End, End]) -> None:
        self.weather = weather
        self._clock = clock
        self._noise = noise
        self._ends = ends
        self._flows = True
        self._hears = [True, True]
        #: When the latest of what is under way to an end arrives.
        self._arrived = [clock.now, clock.now]

    def send(self, to: int, data: bytes) -> None:
        """Bytes for an end, in one or more pieces, after those before."""
        at = 0
        for left in range(self._noise.randint(1, self.weather.pieces) - 1, -1, -1):
            until = self._noise.randint(at, len(data)) if left else len(data)
            if until > at:
                self._clock.at(self._arrival(to), partial(self._hand_over, to, data[at:until]))
            at = until

    def close(self, by: int) -> None:
        """One end is done: it hears no more; the other gets what was sent, then the end."""
        self._hears[by] = False
        if self._flows:
            self._clock.at(self._arrival(1 - by), partial(self._end, 1 - by, CLOSED))

    def cut(self, *told: int) -> None:
        """Nothing arrives any more; the ends that are `told` hear of it, others would wait for ever."""
        self._flows = False
        for end in told:
            self._clock.after(self._delay(), partial(self._end, end, LOST))

    def _hand_over(self, to: int, piece: bytes) -> None:
        if self._flows and self._hears[to]:
            self._ends[to].receive(piece)

    def _end(self, end: int, reason: str) -> None:
        if self._hears[end]:
            self._hears[end] = False
            self._ends[end].lost(reason)

    def _arrival(self, to: int) -> float:
        self._arrived[to] = max(self._arrived[to], self._clock.now + self._delay())
        return self._arrived[to]

    def _delay(self) -> float:
        return self._noise.uniform(self.weather.fastest, self.weather.slowest)
