"""Wrong operator keys, counted: each one makes the same visitor wait longer before the next is looked at.

Rule: time is an argument, memory is bounded. While somebody waits nothing is compared, so that guessing faster tells
nothing; the key itself has 256 bits, and this only keeps the log readable and the processor free.
"""

from collections import OrderedDict
from dataclasses import dataclass

#: Wrong keys that cost nothing: a slip of the clipboard.
FREE = 3
#: Seconds; the wait after the first that costs, doubled by each further one.
FIRST_WAIT = 1.0
#: Seconds; longer helps nobody, as an operator may sit behind the same address.
LONGEST_WAIT = 60.0
#: Seconds after the last wrong key until it is forgotten.
FORGOTTEN = 900.0
#: Visitors that are remembered; beyond, the one that failed longest ago is forgotten.
MOST_VISITORS = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    at: float

    @property
    def wait(self) -> float:
        doublings = self.count - FREE - 1
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(doublings, 30)) if doublings >= 0 else 0.0


class Lockout:
    """Failures of each visitor. Mutable."""

    __slots__ = ("_failures", "_most")

    def __init__(self, most: int = MOST_VISITORS) -> None:
        self._most = most
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait(self, who: str, now: float) -> float:
        """Seconds until a key of `who`'s is looked at; 0.0 at once."""
        failures = self._failures.get(who)
        if failures is None:
            return 0.0
        if now - failures.at >= FORGOTTEN:
            del self._failures[who]
            return 0.0
        return max(0.0, failures.at + failures.wait - now)

    def failed(self, who: str, now: float) -> int:
        """A key was wrong; how many in a row."""
        failures = self._failures.setdefault(who, _Failures(0, now))
        failures.count += 1
        failures.at = now
        self._failures.move_to_end(who)
        if len(self._failures) > self._most:
            self._failures.popitem(last=False)
        return failures.count

    def succeeded(self, who: str) -> None:
        """A key was right."""
        self._failures.pop(who, None)
