"""What is measured while the house works: how long answers take, how late the loop is, how much comes and goes.

Rule: on the way of a share it costs a look at the clock when bytes have come and one when they are answered, and is
never measured by the share.
"""

from collections import Counter
from collections.abc import Callable

from sluice.control.counters import BOUNDS
from sluice.pool.events import Happening, TipChanged
from sluice.server.histogram import Histogram


class Meter:
    """Mutable; one owner: the event loop."""

    __slots__ = (
        "_announced",
        "_tips",
        "announced",
        "answer",
        "happened",
        "jobs",
        "lag",
        "queues",
        "received",
        "sent",
    )

    def __init__(self) -> None:
        #: From a read with shares in it to the answer's being written.
        self.answer = Histogram(BOUNDS["share_answer_seconds"])
        #: From a node's news of a block to the small message that stops stale work having left for every group.
        self.announced = Histogram(BOUNDS["block_change_seconds"])
        #: And to everything about it having left.
        self.jobs = Histogram(BOUNDS["block_change_seconds"])
        #: How late the loop comes to what it had to do now.
        self.lag = Histogram(BOUNDS["loop_lag_seconds"])
        #: Bytes.
        self.received = 0
        self.sent = 0
        #: What was told, by the name of its class.
        self.happened: Counter[str] = Counter()
        #: How much waits, by the name of where it does.
        self.queues: dict[str, Callable[[], int]] = {}
        self._announced: float | None = None
        self._tips = 0

    def told(self, event: Happening) -> None:
        """The pool has said something."""
        self.happened[type(event).__name__] += 1

    def urgent(self, now: float) -> None:
        """An urgent message has left for all of a group."""
        self._announced = now

    def offered(self, began: float, now: float) -> None:
        """A node's news, which came at `began`, has been dealt with; it counts if there is a new tip."""
        tips = self.happened[TipChanged.__name__]
        if tips != self._tips:
            self._tips = tips
            self.jobs.observe(now - began)
            if self._announced is not None:
                self.announced.observe(self._announced - began)
        self._announced = None
