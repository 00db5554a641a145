"""Sums of shares and refusals: what every view and every folded row is made of.

Rule: the same code adds up what is new, what is computed again and what is folded, so that these can only differ if a
row differs. Adding has no order: a part's best is the smallest hash, and of equal ones the first.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from sluice.accounting.name import Earner, earner_of
from sluice.ledger.schema import DAY

K = TypeVar("K")
#: In the place of a hash where nothing was credited.
NO_HASH = b""


@dataclass(slots=True)
class Part:
    """Shares together; `work` in hashes, `best` in display order (NO_HASH if nothing was credited). Mutable."""

    accepted: int = 0
    late: int = 0
    refused: int = 0
    work: int = 0
    best: bytes = NO_HASH
    best_at: int = 0
    first_at: int = 0
    last_at: int = 0

    def add(self, other: "Part") -> None:
        """All of another part more."""
        self.accepted += other.accepted
        self.late += other.late
        self.refused += other.refused
        self.work += other.work
        if other.best != NO_HASH and (
            self.best == NO_HASH or (other.best, other.best_at) < (self.best, self.best_at)
        ):
            self.best, self.best_at = other.best, other.best_at
        self.first_at = min(self.first_at or other.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)


@dataclass(slots=True)
class Sums:
    """Parts by worker, by worker and slot, by worker and day, and of the pool by slot. Mutable.

    Slots by worker begin with `slots_from`; days are kept if `by_day`.
    """

    slots_from: int = 0
    by_day: bool = False
    standings: dict[Earner, Part] = field(default_factory=dict)
    slots: dict[tuple[int, Earner], Part] = field(default_factory=dict)
    days: dict[tuple[Earner, int], Part] = field(default_factory=dict)
    pool_slots: dict[int, Part] = field(default_factory=dict)
    reasons: Counter[tuple[Earner, str]] = field(default_factory=Counter)
    _earners: dict[tuple[str, str], Earner] = field(default_factory=dict)

    def credit(self, name: str, worker: str, slot: int, shares: Part) -> None:
        """Shares, credited in one slot, of the channel that was opened as `name`."""
        self._add(self._earner(name, worker), slot, shares)

    def refuse(self, name: str, reason: str, slot: int, shares: Part) -> None:
        """Shares, refused in one slot for one reason, of the channel that was opened as `name`."""
        earner = self._earner(name, "")
        self._add(earner, slot, shares)
        self.reasons[earner, reason] += shares.refused

    def _earner(self, name: str, worker: str) -> Earner:
        """Names are few, shares are many."""
        known = self._earners.get((name, worker))
        if known is None:
            known = self._earners[name, worker] = earner_of(name, worker)
        return known

    def _add(self, earner: Earner, slot: int, shares: Part) -> None:
        _of(self.standings, earner).add(shares)
        _of(self.pool_slots, slot).add(shares)
        if slot >= self.slots_from:
            _of(self.slots, (slot, earner)).add(shares)
        if self.by_day:
            _of(self.days, (earner, slot // DAY)).add(shares)


def _of(parts: dict[K, Part], key: K) -> Part:
    part = parts.get(key)
    if part is None:
        part = parts[key] = Part()
    return part
