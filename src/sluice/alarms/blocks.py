"""A found block, and what became of it: one message for each step of its life, none twice.

Rule: pure. A step is a row of the table; what happens to a block beyond these rows is everyday business.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.alarms.message import Message, Name, Weight, Words, reason
from sluice.alarms.topics import Topic
from sluice.pool import events
from sluice.pool.events import Happening

#: Blocks that are followed at once. A pool has some in a hundred blocks' time; on regtest they come in swarms.
MOST_BLOCKS = 4_096


@dataclass(frozen=True, slots=True)
class Step:
    """A row: what a webhook calls it, how much it matters, what is said after `Block 840,000 `, and below it."""

    kind: str
    weight: Weight
    title: Callable[[Any], Words]
    text: Callable[[Any], Words]
    #: Nothing more is to come.
    last: bool = False


def _rival(event: Any) -> Words:
    return ("Another block is in its place: ", Name(event.rival), ".")


STEPS: Mapping[type[Happening], Step] = {
    events.BlockFound: Step(
        "block_found",
        Weight.INFO,
        lambda event: ("was found by ", Name(event.user or "a miner without a name")),
        lambda event: ("It is on its way to the nodes.",),
    ),
    events.BlockAccepted: Step(
        "block_accepted",
        Weight.INFO,
        lambda event: ("is accepted",),
        lambda event: ("Node ", Name(event.node), " has taken it."),
    ),
    events.BlockRefused: Step(
        "block_refused",
        Weight.ERROR,
        lambda event: ("is refused",),
        lambda event: (
            "Node ",
            Name(event.node),
            " says: ",
            reason(event.reason),
            ". It goes there again; `sluice blocks` shows it.",
        ),
    ),
    events.BlockUndelivered: Step(
        "block_undelivered",
        Weight.ERROR,
        lambda event: ("reaches no node",),
        lambda event: (
            "It goes there again and again, and lies on the disk (`sluice blocks`): ",
            reason(event.reason),
        ),
    ),
    events.BlockUnrecorded: Step(
        "block_unrecorded",
        Weight.ERROR,
        lambda event: ("cannot be written down",),
        lambda event: ("It goes to the nodes all the same: ", reason(event.reason)),
    ),
    events.BlockOvertaken: Step(
        "block_overtaken",
        Weight.WARNING,
        lambda event: ("is overtaken",),
        lambda event: (*_rival(event), " That may yet change."),
    ),
    events.BlockBuried: Step(
        "block_buried",
        Weight.INFO,
        lambda event: ("is in the chain for good",),
        lambda event: ("It is buried under so many blocks that none will take its place.",),
        last=True,
    ),
    events.BlockOrphaned: Step(
        "block_orphaned",
        Weight.WARNING,
        lambda event: ("is orphaned: a race was lost",),
        _rival,
        last=True,
    ),
    events.BlockRejected: Step(
        "block_rejected",
        Weight.ERROR,
        lambda event: ("is rejected for good",),
        lambda event: ("Nodes refused it by a rule. ", *_rival(event)),
        last=True,
    ),
    events.BlockDropped: Step(
        "block_dropped",
        Weight.ERROR,
        lambda event: ("is lost to this process",),
        lambda event: ("There are too many blocks that could not be written down.",),
        last=True,
    ),
}


class Blocks:
    """Mutable; one owner."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        #: What was told of each block, the one that was heard of last at the end.
        self._told: dict[str, set[str]] = {}

    def told(self, event: Happening) -> Iterator[Message]:
        """The pool has said something."""
        step = STEPS.get(type(event))
        if step is None:
            return
        block: Any = event
        told = self._told.pop(block.block_hash, set())
        self._told[block.block_hash] = told
        if step.kind not in told:
            told.add(step.kind)
            yield _message(step, block)
        if len(self._told) > MOST_BLOCKS:
            self._forget_one()

    def _forget_one(self) -> None:
        """One whose life is over, if there is any; they are kept so that nothing is told of them again."""
        over = {step.kind for step in STEPS.values() if step.last}
        oldest = next(iter(self._told))
        del self._told[next((one for one, told in self._told.items() if told & over), oldest)]


def _message(step: Step, event: Any) -> Message:
    details = {"height": event.height, "block_hash": event.block_hash} | {
        field: getattr(event, field)
        for field in ("user", "node", "reason", "rival")
        if getattr(event, field, "")
    }
    return Message(
        Topic.BLOCKS,
        step.kind,
        step.weight,
        (f"Block {event.height:,} ", *step.title(event)),
        (*step.text(event), f" Its hash is {event.block_hash}."),
        details,
    )
