"""Until when each of some peers has to have done one thing.

Rule: all have the same time for it, so whoever began first is late first, and a look costs nothing while nobody is.
"""

from itertools import takewhile

from sluice.pool.inputs import PeerId


class Deadlines:
    """The waiting. Mutable; one owner."""

    __slots__ = ("_until", "reason", "seconds")

    def __init__(self, seconds: float, reason: str) -> None:
        """`reason` is what is said of a peer that is late."""
        self.seconds = seconds
        self.reason = reason
        self._until: dict[PeerId, float] = {}

    def __contains__(self, peer: PeerId) -> bool:
        return peer in self._until

    def __len__(self) -> int:
        return len(self._until)

    def begin(self, peer: PeerId, now: float) -> None:
        """From now on, unless it was being waited for already."""
        self._until.setdefault(peer, now + self.seconds)

    def end(self, peer: PeerId) -> None:
        """It was done, or is of no matter any more."""
        self._until.pop(peer, None)

    def overdue(self, now: float) -> list[PeerId]:
        """Who is late; each stays so until it is done."""
        return [peer for peer, _ in takewhile(lambda waited: waited[1] <= now, self._until.items())]
