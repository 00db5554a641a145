"""One worker's share of the search: every n-th row of whatever is to be hashed.

Rule: a stripe goes on where it was when a new job comes on the same tip, and never begins a tip twice, so that
no attempt is made twice even if a server sends the same job under two ids.
"""

from sluice.sim.miner.hasher import exhausted, grind
from sluice.sim.miner.search import ROW_SIZE
from sluice.sim.miner.work_unit import Share, WorkUnit

#: How long one batch takes at most, about: new work waits for the end of a batch.
BATCH_SECONDS = 0.03
_SMALLEST, _LARGEST = 1 << 8, ROW_SIZE


class Stripe:
    """Rows `number`, `number + of`, … of each unit; the batch size follows the speed of this machine."""

    __slots__ = ("_number", "_of", "_offset", "_row", "batch", "unit")

    def __init__(self, number: int, of: int) -> None:
        self._number = number
        self._of = of
        self._row = number
        self._offset = 0
        self.batch = 1 << 12
        self.unit: WorkUnit | None = None

    def take(self, unit: WorkUnit | None) -> None:
        """Work on this from now on."""
        if unit is None or self.unit is None or unit.tip != self.unit.tip:
            self._row, self._offset = self._number, 0
        self.unit = unit

    def rests(self, ntime_lead: int) -> bool:
        """Whether there is nothing to try: no work, or all of it tried until time moves."""
        return self.unit is None or exhausted(self.unit, self._row * ROW_SIZE, ntime_lead)

    def dig(self, ntime_lead: int) -> tuple[int, list[Share]]:
        """Try the next batch: how many attempts, and the shares among them."""
        assert self.unit is not None
        count = min(self.batch, ROW_SIZE - self._offset)
        shares = grind(self.unit, self._row * ROW_SIZE + self._offset, count, ntime_lead)
        self._offset += count
        if self._offset == ROW_SIZE:
            self._row += self._of
            self._offset = 0
        return count, shares

    def pace(self, seconds: float) -> None:
        """A batch took this long: make the next ones longer or shorter if need be."""
        if seconds < BATCH_SECONDS / 2 and self.batch < _LARGEST:
            self.batch *= 2
        elif seconds > BATCH_SECONDS * 1.5 and self.batch > _SMALLEST:
            self.batch //= 2
