"""Names that are told together: the first waits for others that come soon after it.

Rule: pure, time is an argument. Bounded in names; the more messages there were of late, the longer the next waits.
"""

from collections import deque
from dataclasses import dataclass

#: Names that are kept of one message; the rest is counted.
MOST_NAMES = 100
#: How long a message counts against the next, in seconds, and how often the wait doubles at most: a minute, two, four,
#: ..., half an hour, so that a farm that comes and goes all day is no more than some messages an hour.
OF_LATE, MOST_DOUBLINGS = 3_600.0, 5


@dataclass(frozen=True, slots=True)
class Gathered:
    """The first `names` of `count`."""

    names: tuple[str, ...]
    count: int


class Gather:
    """Mutable; one owner."""

    __slots__ = ("_count", "_names", "_sent", "_since", "_wait")

    def __init__(self, wait: float) -> None:
        """`wait`: seconds."""
        self._wait = wait
        self._names: list[str] = []
        self._count = 0
        self._since = 0.0
        self._sent: deque[float] = deque(maxlen=MOST_DOUBLINGS)

    def add(self, names: tuple[str, ...], now: float) -> None:
        """These are to be told."""
        if names and not self._count:
            self._since = now
        self._count += len(names)
        self._names += names[: MOST_NAMES - len(self._names)]

    def take(self, now: float) -> Gathered | None:
        """All of them, once the first has waited long enough."""
        if not self._count or now < self._since + self._patience(now):
            return None
        gathered = Gathered(tuple(self._names), self._count)
        self._names, self._count = [], 0
        self._sent.append(now)
        return gathered

    def _patience(self, now: float) -> float:
        return float(self._wait * 2 ** sum(now - sent < OF_LATE for sent in self._sent))
