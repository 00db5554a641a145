"""Sums of shares and refusals: what every view and every folded row is made of.

Rule: the same code adds up what is new, what is computed again and what is folded, so that these can only differ if a
row differs. Adding has no order: a part's best is the smallest hash, and of equal ones the first.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from sluice.accounting.name import Earner, earner_of
from sluice.ledger.schema import DAY, SLOT

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

    def credit(self, work: int, share_hash: bytes, late: int, at: int) -> None:
        """One credited share more."""
        self.accepted += 1
        self.late += late
        self.work += work
        if self.best == NO_HASH or (share_hash, at) < (self.best, self.best_at):
            self.best, self.best_at = share_hash, at
        self._seen(at, at)

    def refuse(self, count: int, at: int) -> None:
        """So many refused shares more."""
        self.refused += count
        self._seen(at, at)

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
        self._seen(other.first_at, other.last_at)

    def _seen(self, first_at: int, last_at: int) -> None:
        self.first_at = min(self.first_at or first_at, first_at)
        self.last_at = max(self.last_at, last_at)


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

    def credit(self, name: str, worker: str, share: tuple[int, bytes, int, int]) -> None:
        """A share (work, hash, late, at) of the channel that was opened as `name`."""
        for part in self._parts(self._earner(name, worker), share[3]):
            part.credit(*share)

    def refuse(self, name: str, reason: str, count: int, at: int) -> None:
        """Refused shares of the channel that was opened as `name`."""
        earner = self._earner(name, "")
        for part in self._parts(earner, at):
            part.refuse(count, at)
        self.reasons[earner, reason] += count

    def _earner(self, name: str, worker: str) -> Earner:
        """Names are few, shares are many."""
        known = self._earners.get((name, worker))
        if known is None:
            known = self._earners[name, worker] = earner_of(name, worker)
        return known

    def _parts(self, earner: Earner, at: int) -> list[Part]:
        slot = at - at % SLOT
        parts = [_of(self.standings, earner), _of(self.pool_slots, slot)]
        if slot >= self.slots_from:
            parts.append(_of(self.slots, (slot, earner)))
        if self.by_day:
            parts.append(_of(self.days, (earner, at // DAY)))
        return parts


def _of(parts: dict[K, Part], key: K) -> Part:
    part = parts.get(key)
    if part is None:
        part = parts[key] = Part()
    return part
