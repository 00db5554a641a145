"""A clock that jumps from one event to the next, so that an hour takes as long as what happens in it.

Rule: events of one moment happen in the order in which they were asked for; nothing else decides.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count


class JumpingClock:
    """Steady seconds, and what is to happen when. Mutable; one owner."""

    __slots__ = ("_events", "_order", "now")

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do it then; at once, in its turn, if that has passed."""
        heappush(self._events, (max(when, self.now), next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do it in so many seconds."""
        self.at(self.now + seconds, action)

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """Do it again and again, for the first time in so many seconds."""

        def once_more() -> None:
            action()
            self.after(seconds, once_more)

        self.after(seconds, once_more)

    def run_until(self, when: float) -> None:
        """Let everything happen that is to happen until then, the last moment included."""
        events = self._events
        while events and events[0][0] <= when:
            self.now, _, action = heappop(events)
            action()
        self.now = max(self.now, when)
