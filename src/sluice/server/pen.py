"""What writes the record: batches in their order, and in between what keeps the record in order; a step at a time.

Rule: a step waits for the disk, and is bounded. A batch that failed is tried again as it was, under its number, so
that it is in the record once, however it failed. What is written comes before all that can wait.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from math import inf

from sluice.pool.bests import MOST_ACCOUNTS
from sluice.pool.inputs import RecordFailed, RecordKnows, RecordWorks
from sluice.pool.journal import CandidateFound, Entry
from sluice.pool.ports import Ledger, LedgerError, LedgerUnusable, Start
from sluice.server.clock import steady, unix_time

#: Entries of one batch at most: after the database was away, what has waited is written in pieces of a second or less.
BATCH_ENTRIES = 20_000
#: Entries that are looked for one by one in a batch that cannot be recorded; what fails after these goes as a whole.
MOST_ASIDE = 10
#: Seconds until what failed is tried again; the last number counts for all that follow.
PAUSES = (0.25, 0.5, 1.0, 2.0, 5.0)
#: Seconds between two times that views are brought up to date, and that what is beyond retention is folded.
CATCH_UP_SECONDS, COMPACT_SECONDS = 5.0, 600.0
#: The same while there is more to do.
SOON = 0.1
#: A chore rests for so many times as long as it took: what a large pool's views cost is the same whether they are
#: brought up every 5 s or every 20, so it comes less often there. While it is behind, it may have a fifth of a core.
RESTS, RESTS_BEHIND = 500, 4
#: But no longer than so many times its period.
MOST_PERIODS = 4

#: What is heard of the record.
News = RecordFailed | RecordWorks | RecordKnows

logger = logging.getLogger(__name__)


class Chore:
    """What is done now and then, a bounded step at a time. Mutable."""

    __slots__ = ("_call", "_every", "_told", "_took", "due")

    def __init__(self, call: Callable[[], bool], every: float) -> None:
        """`call` does one step; whether there is more."""
        self._call = call
        self._every = every
        self._told = ""
        #: Seconds for all steps of a round.
        self._took = 0.0
        self.due = -inf

    def do(self) -> None:
        """One step. That it fails, be it by a bug, is no reason for an alarm: it is tried again, and entries are written."""
        began = steady()
        more = False
        try:
            more = self._call()
            self._told = ""
        except Exception as error:  # a bug in a view must not end the writing
            if self._told != str(error):
                self._told = str(error)
                known = isinstance(error, LedgerError | LedgerUnusable)
                logger.warning("the record is not tidied up: %s", error, exc_info=None if known else error)
        ended = steady()
        self._took += ended - began
        if more:
            self.due = ended + max(SOON, RESTS_BEHIND * (ended - began))
        else:
            self.due = ended + min(max(self._every, RESTS * self._took), MOST_PERIODS * self._every)
            self._took = 0.0


class Pen:
    """Writes what it is given. Mutable; one owner, who steps it; `give` alone may be called by another thread."""

    def __init__(self, ledger: Ledger, start: Start, window: float, tell: Callable[[News], None]) -> None:
        """`window`: seconds for which entries may wait for others; `tell` is called in the middle of a step."""
        self._ledger = ledger
        self._start = start
        self._window = window
        self._tell = tell
        self._run: int | None = None
        self._waiting: deque[tuple[float, Sequence[Entry]]] = deque()
        #: What is being written, since when it waits, and its number.
        self._batch: list[Entry] = []
        self._batch_at: float | None = None
        self._number = 1
        #: What comes of the same batch after it, if it was taken apart; and how often something of it was put aside.
        self._pieces: deque[list[Entry]] = deque()
        self._aside = 0
        self._failures = 0
        self._again = -inf
        self._views = Chore(self._catch_up, CATCH_UP_SECONDS)
        self._chores = (self._views, Chore(lambda: ledger.compact(unix_time()), COMPACT_SECONDS))
        self._knows = False
        #: Entries given so far: whoever gives counts them. And entries that are done with.
        self.given = 0
        self.done = 0
        #: Batches and entries in the record.
        self.batches = 0
        self.entries = 0
        #: Nothing is waited for any more: write what there is.
        self.hurried = False

    @property
    def queued(self) -> int:
        """Entries that are not in the record yet."""
        return self.given - self.done

    @property
    def oldest(self) -> float | None:
        """When the oldest of them was given, in steady seconds; None if there is none."""
        if self._batch_at is not None:
            return self._batch_at
        try:
            return self._waiting[0][0]
        except IndexError:  # it may be taken while we look
            return None

    def give(self, entries: Sequence[Entry]) -> None:
        """These are to be written."""
        self.given += len(entries)
        self._waiting.append((steady(), entries))

    def step(self) -> float:
        """Do what is due, one thing; in how many seconds to come again: 0 for at once."""
        now = steady()
        if now < self._again:
            return self._again - now
        try:
            busy = self._write(now)
        except (LedgerError, LedgerUnusable) as error:
            return self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs no more than the entries at fault
            # What no database takes, or a bug of ours: the same entries would fail again and again.
            return self._take_apart(error)
        if self._failures:
            self._failures = 0
            self._tell(RecordWorks(0))
        return 0.0 if busy else self._tidy_up(now)

    def _failed(self, reason: str) -> float:
        """Nothing was written; in how many seconds it is tried again."""
        self._failures += 1
        self._tell(RecordFailed(reason))
        pause = PAUSES[min(self._failures, len(PAUSES)) - 1]
        self._again = steady() + pause
        return pause

    def _take_apart(self, error: Exception) -> float:
        """Both halves of the batch for themselves, until what cannot be recorded is alone; that is put aside."""
        batch = self._batch
        if not batch:  # not so much as a run can begin
            logger.error("the record cannot be begun", exc_info=error)
            return self._failed(f"a bug of ours, which is in the log: {error}")
        if len(batch) > 1 and self._aside < MOST_ASIDE:
            middle = len(batch) // 2
            self._batch, rest = batch[:middle], batch[middle:]
            self._pieces.appendleft(rest)
            return 0.0
        self._aside += 1
        logger.error("%d entries cannot be recorded, such as %.300r", len(batch), batch[0], exc_info=error)
        self._tell(RecordFailed(f"{len(batch)} entries cannot be recorded: {error}"))
        self._tell(RecordWorks(len(batch)))
        self._finished()
        return 0.0

    def _write(self, now: float) -> bool:
        """One batch, if one is due."""
        if self._run is None:
            self._run = self._ledger.begin(self._start)
        if self._batch_at is None:
            self._batch_at = self._due(now)
            if self._batch_at is None:
                return False
            self._batch = [entry for entries in self._taken() for entry in entries]
        batch = self._batch
        self._ledger.append(self._run, self._number, batch)
        self.batches += 1
        self.entries += len(batch)
        if any(type(entry) is CandidateFound for entry in batch):
            self._views.due = now
        self._finished()
        return True

    def _due(self, now: float) -> float | None:
        """Since when the oldest entries wait, if it is time to write them."""
        oldest = self.oldest
        if oldest is None:
            return None
        due = self.hurried or now >= oldest + self._window or self.queued >= BATCH_ENTRIES
        return oldest if due else None

    def _taken(self) -> Iterator[Sequence[Entry]]:
        count = 0
        while self._waiting and count < BATCH_ENTRIES:
            _, entries = self._waiting.popleft()
            count += len(entries)
            yield entries

    def _finished(self) -> None:
        """The batch is done with, in whatever way."""
        self.done += len(self._batch)
        self._number += 1
        if self._pieces:
            self._batch = self._pieces.popleft()
        else:
            self._batch, self._batch_at, self._aside = [], None, 0

    def _tidy_up(self, now: float) -> float:
        """One chore, if one is due; in how many seconds there is something to do."""
        for chore in self._chores:
            if chore.due <= now and not self.hurried:
                chore.do()
                return 0.0
        oldest = self.oldest
        due = min(chore.due for chore in self._chores)
        return max(min(due, inf if oldest is None else oldest + self._window) - steady(), 0.0)

    def _catch_up(self) -> bool:
        """Bring the views nearer to what is recorded. Once they are there, what earlier runs have left is known."""
        more = self._ledger.catch_up()
        if not more and not self._knows:
            self._tell(RecordKnows(self._ledger.bests(MOST_ACCOUNTS)))
            self._knows = True
        return more
