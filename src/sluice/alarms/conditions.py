"""What can be wrong for a time, with the nodes and with the record, and is well again.

Rule: pure, time is an argument. Told only once it has lasted, as a node that is restarted is nobody's concern; what
begins and ends is a pair of rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.alarms.debounce import Debounce, Pace
from sluice.alarms.message import Detail, Message, Name, Weight, Words, reason
from sluice.alarms.topics import Topic
from sluice.legible import duration_text
from sluice.pool.events import Happening, NodeRecovered, NodeTroubled, RecordFailing, RecordRecovered
from sluice.pool.node_events import NodeApart, NodeInStep, NodesAgree, NodesDisagree

#: Conditions that may hold at once: one for each of 16 nodes, and some of the pool's. More come of a bug alone.
MOST_CONDITIONS = 64


@dataclass(frozen=True, slots=True)
class Condition:
    """What can be wrong: the events that begin and end it, which one of several it is, and what is said."""

    topic: Topic
    kind: str
    over: str
    begins: type[Happening]
    ends: type[Happening]
    key: Callable[[Any], str]
    title: Callable[[Any], Words]
    text: Callable[[Any], Words]
    well: Callable[[Any], Words]


CONDITIONS = (
    Condition(
        Topic.NODES,
        "node_apart",
        "node_in_step",
        NodeApart,
        NodeInStep,
        lambda event: str(event.node),
        lambda event: ("Node ", Name(event.node), f" is {event.state}"),
        lambda event: ("The others go on: ", reason(event.why), "."),
        lambda event: ("Node ", Name(event.node), " is with the others again"),
    ),
    Condition(
        Topic.NODES,
        "nodes_disagree",
        "nodes_agree",
        NodesDisagree,
        NodesAgree,
        lambda event: "",
        lambda event: (
            "Nodes disagree: ",
            Name(event.node),
            " and ",
            Name(event.leader),
            " are on two chains",
        ),
        lambda event: ("Blocks that are found now may be lost: ", reason(event.why), "."),
        lambda event: ("All nodes are on one chain again",),
    ),
    Condition(
        Topic.NODES,
        "no_work",
        "work_again",
        NodeTroubled,
        NodeRecovered,
        lambda event: "",
        lambda event: ("No work comes from the node",),
        lambda event: ("Node ", Name(event.node), ": ", reason(event.reason), "."),
        lambda event: ("Work comes from the node again",),
    ),
    Condition(
        Topic.RECORD,
        "record_failing",
        "record_recovered",
        RecordFailing,
        RecordRecovered,
        lambda event: "",
        lambda event: ("The record cannot be written",),
        lambda event: ("Mining goes on, and is not recorded: ", reason(event.reason), "."),
        lambda event: (f"The record is written again; {event.lost:,} entries are missing",),
    ),
)

_BEGINS: Mapping[type[Happening], Condition] = {each.begins: each for each in CONDITIONS}
_ENDS: Mapping[type[Happening], Condition] = {each.ends: each for each in CONDITIONS}


@dataclass(slots=True)
class _Case:
    """One that holds, or did: what was said last of its beginning and its end, and when those were. Mutable."""

    condition: Condition
    event: Any
    since: float
    end: Any = None
    until: float = 0.0


class Conditions:
    """Mutable; one owner."""

    __slots__ = ("_cases", "_debounce")

    def __init__(self, pace: Pace) -> None:
        self._debounce = Debounce(pace, MOST_CONDITIONS)
        self._cases: dict[str, _Case] = {}

    def told(self, event: Happening, now: float) -> None:
        """The pool has said something."""
        if condition := _BEGINS.get(type(event)):
            key = _key(condition, event)
            if key in self._debounce and key in self._cases:
                self._cases[key].event = event
            else:
                self._cases[key] = _Case(condition, event, now)
            self._debounce.down(key, now)
        elif condition := _ENDS.get(type(event)):
            key = _key(condition, event)
            if key in self._cases:
                self._cases[key].end, self._cases[key].until = event, now
            self._debounce.up(key, now)

    def tick(self, now: float) -> Iterator[Message]:
        """What is to be told by now."""
        turned = self._debounce.due(now)
        for key in turned.fallen:
            yield _wrong(self._cases[key])
        for key in turned.risen:
            yield _well(self._cases[key])
        for key in [key for key in self._cases if key not in self._debounce]:
            del self._cases[key]


def _key(condition: Condition, event: Any) -> str:
    return f"{condition.kind} {condition.key(event)}"


def _wrong(case: _Case) -> Message:
    condition, event = case.condition, case.event
    weight = Weight.ERROR if event.level == "error" or condition.kind == "no_work" else Weight.WARNING
    return Message(
        condition.topic,
        condition.kind,
        weight,
        condition.title(event),
        condition.text(event),
        _details(event),
    )


def _well(case: _Case) -> Message:
    condition, seconds = case.condition, case.until - case.since
    text = (f"It lasted {duration_text(seconds)}.",)
    details = _details(case.end) | {"seconds": round(seconds, 1)}
    return Message(condition.topic, condition.over, Weight.INFO, condition.well(case.end), text, details)


def _details(event: Any) -> dict[str, Detail]:
    fields = ("node", "leader", "state", "was", "why", "reason", "lost", "next_height")
    return {field: getattr(event, field) for field in fields if getattr(event, field, "") != ""}
