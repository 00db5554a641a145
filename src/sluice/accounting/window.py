"""Which work counts for a block: all since the block before (a round), or the newest so much of it (PPLNS).

Work comes newest first, in pieces: a share is a piece of one account; a day of which only sums are left, one of many.
Rule: the window holds exactly its size, unless there is less work than that; of the piece that lies across its far end,
the newer part counts, which is in proportion where nobody knows the order any more.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from sluice.accounting.credit import Credit, cut


def newest(times: Fraction, network_work: int) -> int:
    """The size of a window of so many times what a block takes, in hashes: rounded down, but at least one."""
    return max(int(times * network_work), 1)


@dataclass(slots=True)
class Window:
    """The work that counts. Mutable. `size` in hashes; without one, whatever comes is in it."""

    size: int | None = None
    credit: dict[str, int] = field(default_factory=dict)
    work: int = 0

    @property
    def full(self) -> bool:
        """Whether older work counts no more."""
        return self.size is not None and self.work >= self.size

    def add(self, piece: Credit) -> bool:
        """A piece older than all before; whether there is room for more."""
        work = sum(piece.values())
        if self.size is not None and self.work + work > self.size:
            work = self.size - self.work
            piece = cut(piece, work)
        credit = self.credit
        for account, part in piece.items():
            if part:
                credit[account] = credit.get(account, 0) + part
        self.work += work
        return not self.full
