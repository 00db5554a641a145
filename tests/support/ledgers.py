"""A ledger in memory that does as a disk or a database does: it fails, hangs, and says yes after it has failed.

Rule: batches are kept as a real one keeps them, whole or not at all, and once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Event

from sluice.pool.journal import Entry
from sluice.pool.ports import LedgerError, Start, Unrecordable


def _set() -> Event:
    event = Event()
    event.set()
    return event


@dataclass
class MemoryLedger:
    """Mutable; looked at by a test while another thread writes."""

    known: Mapping[str, int] = field(default_factory=dict)
    starts: list[Start] = field(default_factory=list)
    batches: dict[tuple[int, int], list[Entry]] = field(default_factory=dict)
    #: Why every call fails now.
    trouble: str = ""
    #: A batch is recorded, and the answer is lost.
    loses_answers: bool = False
    #: Cleared while it hangs.
    goes_on: Event = field(default_factory=_set)
    #: Steps that views, and retention, still want.
    behind: int = 0
    beyond: int = 0
    #: Entries that can never be recorded, and what comes of it.
    spoiled: Sequence[Entry] = ()
    spoils: type[Exception] = Unrecordable
    closed: bool = False
    calls: list[str] = field(default_factory=list)
    _runs: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def entries(self) -> list[Entry]:
        """All that is recorded, in order."""
        return [entry for _, batch in sorted(self.batches.items()) for entry in batch]

    def open(self) -> None:
        self._called("open")

    def begin(self, start: Start) -> int:
        self._called("begin")
        self.starts.append(start)
        return next(self._runs)

    def append(self, run: int, batch: int, entries: Sequence[Entry]) -> None:
        self._called("append")
        if any(entry in self.spoiled for entry in entries):
            raise self.spoils("an entry like no other")
        self.batches.setdefault((run, batch), list(entries))
        if self.loses_answers:
            self.loses_answers = False
            raise LedgerError("the server closed the connection unexpectedly")

    def bests(self, limit: int) -> Mapping[str, int]:
        self._called("bests")
        return self.known

    def catch_up(self) -> bool:
        self._called("catch_up")
        self.behind = max(self.behind - 1, 0)
        return self.behind > 0

    def compact(self, now: int) -> bool:
        self._called("compact")
        self.beyond = max(self.beyond - 1, 0)
        return self.beyond > 0

    def close(self) -> None:
        self.closed = True

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.goes_on.wait()
        if self.trouble:
            raise LedgerError(self.trouble)
