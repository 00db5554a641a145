"""One block on its way to one node by one route: what came of it so far, and when it goes there again.

Rule: a route is left alone only while its node has the block, or if the block cannot go there at all; everything
else is tried again, at a pace that the last answer sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

from sluice.pool.ports import Answer, Outcome

#: A node's name and that of one of its routes.
RouteKey = tuple[str, str]

#: Answers by which a node says that it has the block.
HAVING = frozenset((Answer.ACCEPTED, Answer.DUPLICATE))

#: Seconds until the next attempt, by the last answer; the last number counts for all that follow.
PACES: Mapping[Answer, tuple[float, ...]] = MappingProxyType(
    {
        # A node that restarts is back within seconds, one that is mended within minutes: the block races others.
        Answer.SILENT: (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120),
        # Some refusals pass, and soon: the node does not know the parent yet, or its clock is behind. A rule that
        # is broken stays so, and asking again costs next to nothing.
        Answer.REFUSED: (1, 2, 4, 8, 15, 30, 60, 120, 300, 600),
        # The node has it beside its chain, or is still busy with it: the chain will tell.
        Answer.INCONCLUSIVE: (5, 15, 60, 300, 600),
        # It said that it had the block, and its chain does not show it.
        Answer.ACCEPTED: (0.25, 1, 2, 4, 8, 15, 30, 60, 120),
        Answer.DUPLICATE: (1, 2, 4, 8, 15, 30, 60, 120, 300, 600),
        Answer.UNFIT: (inf,),
    }
)


@dataclass(slots=True)
class Errand:
    """Mutable. Times are steady seconds; `due` is when the block leaves (again), `inf` while it need not."""

    due: float
    outcome: Outcome | None = None
    under_way: bool = False
    #: Its node's chain does not show the block, whatever the node said.
    missing: bool = False
    #: Answers of the same kind in a row.
    row: int = 0

    @property
    def answer(self) -> Answer | None:
        """The last one."""
        return None if self.outcome is None else self.outcome.answer

    @property
    def has(self) -> bool:
        """Whether the node says that it has the block, and its chain does not say otherwise."""
        return self.answer in HAVING and not self.missing

    def leave(self) -> None:
        """The block is on its way."""
        self.under_way = True
        self.due = inf

    def answered(self, outcome: Outcome, now: float) -> bool:
        """What came of it; whether that is anything new."""
        before, self.outcome = self.outcome, outcome
        self.under_way = self.missing = False
        same = before is not None and before.answer is outcome.answer
        self.row = self.row + 1 if same else 1
        self.due = inf if self.has else now + self._pause(outcome)
        return not same or before is None or before.reason != outcome.reason

    def long_ago(self, now: float) -> None:
        """The answer is one of an earlier run: unless the node is left alone for it, the block leaves now."""
        self.row = 0
        self.due = self.due if self.due == inf else now

    def in_sight(self, now: float) -> None:
        """Its node was out of sight, and is there again: what it was silent about is said again at once."""
        if self.answer is Answer.SILENT and not self.under_way:
            self.due = min(self.due, now)

    def shown(self) -> None:
        """Its node's chain shows the block: nothing is to be done, whatever the node said."""
        self.missing = False
        if not self.under_way:
            self.due = inf

    def not_shown(self, now: float) -> None:
        """Its node's chain does not show the block: if it was left alone for having it, it goes there again."""
        self.missing = True
        if self.outcome is not None and not self.under_way and self.due == inf:
            self.due = now + self._pause(self.outcome)

    def _pause(self, outcome: Outcome) -> float:
        pace = PACES[outcome.answer]
        return pace[min(max(self.row, 1), len(pace)) - 1]
