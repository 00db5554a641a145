"""Which jobs are future and which is current, for all channels that are paid alike.

For every tip there is a current job, and one future job sent ahead for the next height (spec 5.1.3), so
that a new block costs each miner one small message. What a template changes comes out as steps.
Rule: nobody mines on a tip that a node's template has not shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sluice.work.job import ActiveJob, Job, Payout, cut
from sluice.work.template import Template, Tip, empty_successor, tip_of


@dataclass(frozen=True, slots=True)
class SendAhead:
    """Give every channel `job` as a future job."""

    job: Job


@dataclass(frozen=True, slots=True)
class TurnTo:
    """The tip changed: every channel mines `job`, which it has as a future job, and nothing else."""

    job: ActiveJob


@dataclass(frozen=True, slots=True)
class MineNow:
    """Give every channel `job`, to be mined at once on the same tip; earlier jobs stay good."""

    job: ActiveJob


Step = SendAhead | TurnTo | MineNow
S = TypeVar("S", SendAhead, TurnTo, MineNow)


class JobBook:
    """The jobs of one payout. Mutable; one owner."""

    __slots__ = ("_next_id", "_subsidy", "current", "future", "payout")

    def __init__(self, payout: Payout, next_id: Callable[[], int], subsidy: Callable[[int], int]) -> None:
        """`next_id` gives job ids, `subsidy` the block subsidy in satoshis at a height."""
        self.payout = payout
        self._next_id = next_id
        self._subsidy = subsidy
        self.current: ActiveJob | None = None
        self.future: Job | None = None

    @property
    def tip(self) -> Tip | None:
        """The block we build on; None before the first template."""
        return None if self.current is None else self.current.tip

    def offer(self, template: Template) -> list[Step]:
        """What every channel must be told now that a node offers `template`."""
        tip = self.tip
        # The nbits can change under a tip: on test networks, 20 minutes without a block make it easy.
        if tip is not None and (tip.prev_hash, tip.nbits) == (template.prev_hash, template.nbits):
            return [MineNow(self._mine(template, tip))]
        return self._turn(template, tip_of(template))

    def beside(self, payout: Payout) -> "JobBook":
        """A book for another payout that stands where this one does, and follows it from here.

        Raises ValueError before the first template.
        """
        if self.current is None or self.future is None:
            raise ValueError("there is no job yet beside which another could be cut")
        book = JobBook(payout, self._next_id, self._subsidy)
        book.current = book._cut(self.current.template).on(self.current.tip, self.current.min_ntime)
        book.future = book._cut(self.future.template)
        return book

    def follow(self, step: S) -> S:
        """The same step with a job of this book's; the steps of the book that it follows come one by one, in order.

        What it turns to is what it was sent ahead.
        """
        if isinstance(step, SendAhead):
            self.future = self._cut(step.job.template)
            return SendAhead(self.future)
        own = self.future
        if isinstance(step, MineNow):
            own = self._cut(step.job.template)
        assert own is not None  # a book is made with a job sent ahead
        self.current = own.on(step.job.tip, step.job.min_ntime)
        return type(step)(self.current)

    def again(self) -> ActiveJob:
        """The current work as a job of its own, for one channel alone.

        Raises ValueError before the first template.
        """
        if self.current is None:
            raise ValueError("there is no job yet to be issued again")
        current = self.current
        job = self._cut(current.template)
        return job.on(current.tip, current.min_ntime)

    def ahead_again(self) -> SendAhead:
        """The job sent ahead, under another id, for channels that are to have it under another address.

        Raises ValueError before the first template.
        """
        if self.future is None:
            raise ValueError("there is no job ahead yet to be sent again")
        self.future = self._cut(self.future.template)
        return SendAhead(self.future)

    def _turn(self, template: Template, tip: Tip) -> list[Step]:
        steps: list[Step] = []
        ahead = self.future
        prepared = ahead is not None and ahead.height == template.height and template.empty_fits
        if ahead is None or not prepared:
            # Not the block that was prepared for: the first one, a reorganisation, other nbits, or a node that
            # would not take it.
            ahead = self._cut(template)
            steps.append(SendAhead(ahead))
        self.current = ahead.on(tip, _first_ntime(template))
        steps.append(TurnTo(self.current))
        if prepared:
            steps.append(MineNow(self._mine(template, tip)))
        empty = empty_successor(template, self._subsidy(template.height + 1))
        self.future = self._cut(empty)
        steps.append(SendAhead(self.future))
        return steps

    def _mine(self, template: Template, tip: Tip) -> ActiveJob:
        self.current = self._cut(template).on(tip, _first_ntime(template))
        return self.current

    def _cut(self, template: Template) -> Job:
        return cut(template, self.payout, self._next_id())


def _first_ntime(template: Template) -> int:
    # The node's own clock, not the smallest the rules allow: a block should tell its time.
    return max(template.ntime, template.min_ntime)
