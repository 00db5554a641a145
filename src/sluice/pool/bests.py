"""The best share that each account ever had, over all connections and all starts of the pool.

Rule: a share is compared with one number, its channel's `to_beat`; only one that is below is looked at here. As other
channels of the account may have done better since, that number may be too high, never too low.
"""

from collections.abc import Mapping

#: Accounts whose best share is kept, some 200 bytes each. Whoever comes when there are so many is told of no best
#: share, as it could not be told from the first; what the record knows of them is complete.
MOST_ACCOUNTS = 100_000
#: What every hash is below, and what none is.
ANYTHING, NOTHING = 1 << 256, 0


class Bests:
    """The smallest hash of each account, as an integer. Mutable; one owner."""

    __slots__ = ("awaited", "known")

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        #: Whether what earlier runs saw is still to come: until then nobody can tell what is a best share.
        self.awaited = False

    def load(self, known: Mapping[str, int]) -> None:
        """What earlier runs saw; shares may have come in the meantime."""
        self.awaited = False
        for account, best in known.items():
            if best < self.known.get(account, ANYTHING) and self._has_room(account):
                self.known[account] = best

    def to_beat(self, account: str) -> int:
        """What a share of `account` must be below to be its best."""
        return self.known.get(account, ANYTHING) if self._has_room(account) else NOTHING

    def beat(self, account: str, best: int) -> None:
        """`account` has a better share than ever."""
        self.known[account] = best

    def _has_room(self, account: str) -> bool:
        return account in self.known or len(self.known) < MOST_ACCOUNTS
