"""What goes and comes, told only once it has lasted: a key is down when it was away for `quiet` seconds, and up again
when it was there for `dwell`.

Rule: pure, time is an argument (steady seconds). Nothing is told down twice without having been told up between;
one that goes and comes all day is believed ever later, so that it cannot fill anybody's evening.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

#: How long it counts against a key that it was told down, in seconds.
REMEMBERED = 86_400.0
#: `dwell` doubles with each time that a key was told down of late, so many times at most: 90 seconds become 48 minutes.
MOST_DOUBLINGS = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to be away before it is told, and seconds to be there before it is told to be back."""

    quiet: float
    dwell: float


@dataclass(slots=True)
class _Away:
    """A key that is away, or has come back of late. Mutable; `since` is when the last of that began."""

    since: float
    told: bool = False
    rising: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """What is to be told now, each in the order in which it happened first."""

    fallen: tuple[str, ...] = ()
    risen: tuple[str, ...] = ()


class Debounce:
    """Mutable; one owner. A key of which nothing was heard is up."""

    __slots__ = ("_away", "_due", "_falls", "_most", "_pace")

    def __init__(self, pace: Pace, most: int) -> None:
        """`most`: keys that may be away at once; beyond, the one that is away for longest is forgotten."""
        self._pace = pace
        self._most = most
        self._away: dict[str, _Away] = {}
        #: How often a key was told down of late, and when last.
        self._falls: dict[str, tuple[int, float]] = {}
        self._due = inf

    def __contains__(self, key: str) -> bool:
        """Whether a key is away, or has come back of late."""
        return key in self._away

    def __len__(self) -> int:
        return len(self._away)

    def down(self, key: str, now: float) -> None:
        """A key is away."""
        away = self._away.get(key)
        if away is None:
            while len(self._away) >= self._most:
                del self._away[next(iter(self._away))]
            self._away[key] = _Away(now)
            self._due = min(self._due, now + self._pace.quiet)
        elif away.rising:
            away.rising, away.since = False, now

    def up(self, key: str, now: float) -> None:
        """A key is there."""
        away = self._away.get(key)
        if away is None or away.rising:
            return
        if not away.told:
            del self._away[key]
            return
        away.rising, away.since = True, now
        self._due = min(self._due, now + self._dwell(key, now))

    def forget(self, key: str) -> None:
        """A key is not asked for any more: nothing is told of it."""
        self._away.pop(key, None)

    def recall(self, key: str, now: float) -> None:
        """A key was told down by an earlier run."""
        if key not in self._away and len(self._away) < self._most:
            self._away[key] = _Away(now, told=True)

    def away(self) -> Iterator[tuple[str, bool]]:
        """Each key that is away, or back but not told so, and whether it was told down; who is longest away first."""
        return ((key, away.told) for key, away in self._away.items())

    def due(self, now: float) -> Turned:
        """What has lasted long enough by now."""
        if now < self._due:
            return Turned()
        fallen, risen = [], []
        self._due = inf
        for key, away in list(self._away.items()):
            if away.rising:
                due = away.since + self._dwell(key, now)
                if due <= now:
                    risen.append(key)
                    del self._away[key]
                    continue
            elif not away.told:
                due = away.since + self._pace.quiet
                if due <= now:
                    fallen.append(key)
                    away.told = True
                    self._fell(key, now)
                    continue
            else:
                continue
            self._due = min(self._due, due)
        return Turned(tuple(fallen), tuple(risen))

    def _fell(self, key: str, now: float) -> None:
        count, last = self._falls.pop(key, (0, now))
        self._falls[key] = (count + 1 if now - last < REMEMBERED else 1, now)
        while len(self._falls) > self._most:
            del self._falls[next(iter(self._falls))]

    def _dwell(self, key: str, now: float) -> float:
        count, last = self._falls.get(key, (1, now))
        before = count - 1 if now - last < REMEMBERED else 0
        return float(self._pace.dwell * 2 ** min(before, MOST_DOUBLINGS))
