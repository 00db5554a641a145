"""Refused shares, as a part of all that came in a window: an alarm when it is large, and its end.

Rule: pure, time is an argument. The window's end moves in steps; what rings at a part of `part` is over at half of it.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.alarms.counts import Counts
from sluice.alarms.message import Detail, Message, Name, Weight, Words
from sluice.alarms.topics import Topic
from sluice.legible import duration_text
from sluice.pool.events import PeerLeft

#: Steps of a window.
STEPS = 20
#: Names that are told apart in a step; the names of a step are those of connections that had a share refused in it.
MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class RefusalsPlan:
    """`window` in seconds; it rings when `least` or more shares were refused in it, and they are `part` of all."""

    window: float
    part: float
    least: int


@dataclass(slots=True)
class _Step:
    """What came in a part of the window. Mutable."""

    since: float
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)


class Refusals:
    """Mutable; one owner."""

    __slots__ = ("_before", "_plan", "_steps", "rings")

    def __init__(self, plan: RefusalsPlan) -> None:
        self._plan = plan
        #: What each connection had at the last look: as many as there are connections.
        self._before: dict[int, tuple[int, Mapping[str, int]]] = {}
        self._steps: deque[_Step] = deque()
        #: Whether the alarm rings.
        self.rings = False

    def left(self, event: PeerLeft, now: float) -> None:
        """A connection has ended: what it did since the last look."""
        accepted, refused = self._before.pop(event.peer, (0, {}))
        step = self._step(now)
        step.accepted += max(0, event.accepted - accepted)
        step.reasons["before it left"] += max(0, event.refused - sum(refused.values()))

    def saw(self, some: Sequence[Counts], now: float) -> None:
        """Connections, as they are now."""
        step = self._step(now)
        for counts in some:
            accepted, refused = self._before.get(counts.peer, (0, {}))
            self._before[counts.peer] = counts.accepted, counts.refused
            step.accepted += max(0, counts.accepted - accepted)
            for reason, count in counts.refused.items():
                more = max(0, count - refused.get(reason, 0))
                step.reasons[reason] += more
                if more and counts.users and (counts.users[0] in step.names or len(step.names) < MOST_NAMES):
                    step.names[counts.users[0]] += more

    def tick(self, now: float) -> Iterator[Message]:
        """What is to be told by now."""
        self._forget(now)
        reasons = sum((step.reasons for step in self._steps), Counter[str]())
        refused = reasons.total()
        accepted = sum(step.accepted for step in self._steps)
        part = refused / (refused + accepted) if refused else 0.0
        plan = self._plan
        if not self.rings and refused >= plan.least and part >= plan.part:
            self.rings = True
            names = sum((step.names for step in self._steps), Counter[str]())
            yield self._message(part, accepted, (reasons, names))
        elif self.rings and part <= plan.part / 2:
            self.rings = False
            yield self._message(part, accepted, (reasons, Counter()))

    def _message(self, part: float, accepted: int, why: tuple[Counter[str], Counter[str]]) -> Message:
        reasons, names = why
        refused = reasons.total()
        window = duration_text(self._plan.window)
        text: list[str | Name] = [f"{refused:,} were refused and {accepted:,} accepted in the last {window}"]
        if self.rings:
            text += [
                ": ",
                ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(4) if count),
            ]
        text.append(".")
        if self.rings and names:
            name, most = names.most_common(1)[0]
            text += [" Most of one name: ", Name(name), f" with {most:,}."]
        kind, weight, verb = (
            ("refusals_rising", Weight.WARNING, "are")
            if self.rings
            else ("refusals_over", Weight.INFO, "are only")
        )
        title: Words = (f"{part:.1%} of all shares {verb} refused",)
        details: dict[str, Detail] = {
            "refused": refused,
            "accepted": accepted,
            "seconds": self._plan.window,
            "reasons": {reason: count for reason, count in reasons.items() if count},
        }
        return Message(Topic.REFUSALS, kind, weight, title, tuple(text), details)

    def _step(self, now: float) -> _Step:
        if not self._steps or now >= self._steps[-1].since + self._plan.window / STEPS:
            self._steps.append(_Step(now))
        self._forget(now)
        return self._steps[-1]

    def _forget(self, now: float) -> None:
        while self._steps and self._steps[0].since <= now - self._plan.window:
            self._steps.popleft()
