"""The channels that are paid alike, and their jobs: one book for the house, one for each payee besides.

Rule: a template is turned into steps once, by the house's book; the others follow, each in its own coinbase. What
nobody is paid by any more is forgotten with its last channel.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from sluice.accounting.scheme import HOUSE
from sluice.pool.inputs import PeerId
from sluice.work.book import JobBook, MineNow, SendAhead, TurnTo
from sluice.work.job import Payout

S = TypeVar("S", SendAhead, TurnTo, MineNow)


class PaidAlike:
    """Mutable; one owner."""

    __slots__ = ("book", "channels", "grouped")

    def __init__(self, book: JobBook) -> None:
        self.book = book
        self.channels = 0
        #: Peers that get its extended jobs by group id; dicts keep the order in which they came.
        self.grouped: dict[int, dict[PeerId, None]] = {}


class Payees:
    """Mutable; one owner. There are never more than there are channels."""

    __slots__ = ("_all", "house")

    def __init__(self, house: JobBook) -> None:
        self.house = PaidAlike(house)
        self._all = {HOUSE: self.house}

    def __len__(self) -> int:
        """How many there are, the house included."""
        return len(self._all)

    def of(self, payee: bytes) -> PaidAlike:
        """Those that pay it; KeyError if no channel does."""
        return self._all[payee]

    def join(self, payee: bytes, pays: Callable[[bytes, Payout], Payout]) -> PaidAlike:
        """One more channel pays it; `pays` says how, if it is the first. Not before the first template."""
        alike = self._all.get(payee)
        if alike is None:
            house = self.house.book
            alike = self._all[payee] = PaidAlike(house.beside(pays(payee, house.payout)))
        alike.channels += 1
        return alike

    def leave(self, payee: bytes) -> None:
        """One channel less pays it."""
        alike = self._all[payee]
        alike.channels -= 1
        if not alike.channels and payee != HOUSE:
            del self._all[payee]

    def follow(self, step: S) -> Iterator[tuple[bytes, PaidAlike, S]]:
        """What `step` of the house comes to for each; jobs are cut as they are taken."""
        for payee, alike in self._all.items():
            yield payee, alike, step if alike is self.house else alike.book.follow(step)
