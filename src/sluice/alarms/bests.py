"""New best difficulties: the newest of each account, together, at most once in a while; or once a day.

Rule: pure, time is an argument. An account that begins beats itself many times in a minute: that is one message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from sluice.alarms.message import Detail, Message, Name, Weight, Words, counted
from sluice.alarms.topics import Topic
from sluice.legible import difficulty_text
from sluice.pool.events import NewBest

#: Accounts of one message; beyond, those with the least go uncounted.
MOST_ACCOUNTS, SHOWN = 1_000, 5
#: Seconds for which the first of a message waits for others, as an account that begins beats itself again and again.
SETTLING = 30.0
DAY = 86_400


@dataclass(frozen=True, slots=True)
class BestsPlan:
    """`least`: difficulties below it are not told. `pause`: seconds between two messages. `daily`: one a day (UTC)."""

    least: float
    pause: float
    daily: bool


class Bests:
    """Mutable; one owner."""

    __slots__ = ("_day", "_due", "_newest", "_plan", "_told_at")

    def __init__(self, plan: BestsPlan) -> None:
        self._plan = plan
        self._newest: dict[str, NewBest] = {}
        self._told_at = -inf
        self._due = inf
        self._day: int | None = None

    def told(self, event: NewBest, now: float) -> None:
        """An account has a new best."""
        if event.difficulty < self._plan.least:
            return
        if not self._newest:
            self._due = max(now + SETTLING, self._told_at + self._plan.pause)
        known = self._newest.get(event.account)
        if known is None or known.difficulty < event.difficulty:
            self._newest[event.account] = event
        if len(self._newest) > MOST_ACCOUNTS:
            del self._newest[min(self._newest, key=lambda account: self._newest[account].difficulty)]

    def tick(self, now: float, unix_time: int) -> Iterator[Message]:
        """What is to be told by now."""
        day = unix_time // DAY
        if self._day is None:
            self._day = day
        due = day > self._day if self._plan.daily else now >= self._due
        # A clock that goes back over midnight makes no second digest; one that was ahead by more is not waited for.
        if day > self._day or day < self._day - 1:
            self._day = day
        if due and self._newest:
            yield _message(list(self._newest.values()), daily=self._plan.daily)
            self._newest.clear()
            self._told_at, self._due = now, inf


def _message(bests: list[NewBest], *, daily: bool) -> Message:
    bests = sorted(bests, key=lambda best: best.difficulty, reverse=True)
    first, count = bests[0], len(bests)
    title: Words = (
        ("New best difficulty ", difficulty_text(first.difficulty), " of ", Name(first.account))
        if count == 1
        else (f"{counted(count, 'account')} have a new best difficulty",)
    )
    text: list[str | Name] = ["The new bests of the day: "] if daily else []
    for best in bests[:SHOWN]:
        text += ["; "] * (best is not first)
        text += [Name(best.account), f" {difficulty_text(best.difficulty)}"]
        text += [" by worker ", Name(best.worker)] if best.worker else []
        text += [f", {difficulty_text(best.before)} before"] if best.before else []
    text.append(f"; and {count - SHOWN} more." if count > SHOWN else ".")
    details: dict[str, Detail] = {
        "count": count,
        "account": first.account,
        "worker": first.worker,
        "difficulty": first.difficulty,
        "before": first.before,
    }
    return Message(Topic.BESTS, "new_best", Weight.INFO, title, tuple(text), details)
