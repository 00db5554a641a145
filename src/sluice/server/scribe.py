"""The pool's journal on its way into the record, by a thread of its own.

    pool.journal ──► Scribe.read ──► queue ──► Pen ──► Ledger          what happened
    pool         ◄── feed        ◄──────────── Pen ◄── Ledger          RecordFailed, RecordWorks, RecordKnows

Rule: nothing that the disk or the database does holds up the pool. What cannot be written waits, as long as there is
room; beyond, it is dropped and counted, and the record says where. Where no thread is to be had, the loop writes.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import sleep

from sluice.pool.inputs import RecordFailed, RecordWorks
from sluice.pool.journal import CandidateAnswered, CandidateFound, CandidateMoved, Configured, Entry
from sluice.pool.ports import Ledger, LedgerError, Start
from sluice.server.clock import steady
from sluice.server.pen import News, Pen
from sluice.server.thread import thread_for

#: What is never dropped for want of room: found blocks and settings. Of these there are few, and no miner decides how
#: many; a swarm on regtest alone has so many.
PRECIOUS = (CandidateFound, CandidateMoved, CandidateAnswered, Configured)
MOST_PRECIOUS = 10_000
#: Of the time in which an entry has to be in the record, the part that it may wait for others; the rest is the disk's.
WINDOW = 0.5
#: Seconds between two looks at whether there is room again.
LOOK_SECONDS = 0.5
#: Seconds that the end of the process waits for what is still to be written.
END_SECONDS = 5.0
TOO_SLOW = "the record is written more slowly than entries come"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recording:
    """How a pool is recorded: where, and how soon an entry is to be there; and how many may wait for it."""

    ledger: Ledger
    start: Start
    batch_seconds: float = 0.1
    queue_entries: int = 200_000


class Scribe:
    """Reads the journal. Mutable; one owner: the event loop."""

    def __init__(self, recording: Recording) -> None:
        self._ledger = recording.ledger
        self._pen = Pen(recording.ledger, recording.start, recording.batch_seconds * WINDOW, self._hear)
        self._batch_seconds = recording.batch_seconds
        self._most = recording.queue_entries
        self._feed: Callable[[News], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._bell = Event()
        self._ending = False
        self._ended = asyncio.Event()
        #: Entries dropped since there was no more room; None as long as there is.
        self._hole: int | None = None
        self._away = False
        #: Why nothing can be recorded; empty if it can.
        self.failing = ""
        #: Entries that are missing in the record, over the whole run.
        self.lost = 0

    @property
    def queued(self) -> int:
        """Entries that are not in the record yet."""
        return self._pen.queued

    @property
    def lag(self) -> float:
        """Seconds for which the oldest of them has waited."""
        oldest = self._pen.oldest
        return 0.0 if oldest is None else steady() - oldest

    @property
    def batches(self) -> int:
        """Batches written."""
        return self._pen.batches

    @property
    def entries(self) -> int:
        """Entries written."""
        return self._pen.entries

    def read(self, entries: Sequence[Entry]) -> None:
        """The journal's entries. Does not wait."""
        if self._hole is None and self.queued + len(entries) > self._most:
            self._hole = 0
            if self._loop is not None and not self._away:
                self._loop.call_soon(self._told, RecordFailed(TOO_SLOW))
        if self._hole is not None:
            entries = self._without_what_has_no_room(entries)
        if entries:
            was_idle = self._pen.oldest is None
            self._pen.give(entries)
            if was_idle:
                self._bell.set()

    async def run(self, feed: Callable[[News], None]) -> None:
        """Let it write, for ever; `feed` tells the pool how that goes."""
        self._loop, self._feed = asyncio.get_running_loop(), feed
        if self._start_thread():
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                self._look_for_room()
        while True:
            pause = self._pen.step()
            self._look_for_room()
            await asyncio.sleep(min(pause, self._batch_seconds * WINDOW / 2))

    async def finish(self) -> None:
        """All that was read is written, or END_SECONDS have passed; nothing is read any more."""
        self._feed = None
        self._ending = self._pen.hurried = True
        self._bell.set()
        if self._thread is None:
            self._write_the_rest()
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(END_SECONDS):
                    await self._ended.wait()
        if self.queued:
            reason = self.failing or "there was no time left"
            logger.error("the last %d entries are not in the record: %s", self.queued, reason)

    def _write_the_rest(self) -> None:
        until = steady() + END_SECONDS
        while self.queued and steady() < until:
            sleep(min(self._pen.step(), max(until - steady(), 0.0)))
        self._close()

    def _start_thread(self) -> bool:
        self._thread = self._thread or thread_for(self._work, "scribe")
        return self._thread is not None

    def _work(self) -> None:
        """In the thread: until the end, and until all is written then."""
        while not (self._ending and not self._pen.queued):
            self._bell.clear()
            pause = self._pen.step()
            if pause > 0:
                self._bell.wait(pause)
        self._close()
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended.set)

    def _close(self) -> None:
        try:
            self._ledger.close()
        except LedgerError as error:
            logger.warning("the record could not be closed in order: %s", error)

    def _without_what_has_no_room(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        room = self.queued < self._most + MOST_PRECIOUS
        kept = [entry for entry in entries if isinstance(entry, PRECIOUS)] if room else []
        dropped = len(entries) - len(kept)
        self.lost += dropped
        self._hole = (self._hole or 0) + dropped
        return kept

    def _look_for_room(self) -> None:
        """A hole ends when half of the queue is free again."""
        if self._hole is not None and not self._away and self.queued <= self._most // 2:
            lost, self._hole = self._hole, None
            self._told(RecordWorks(lost))

    def _hear(self, news: News) -> None:
        """In whichever thread: the pool is told in the loop, and never in the middle of something else."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self._heard, news)

    def _heard(self, news: News) -> None:
        if isinstance(news, RecordFailed):
            self._away = True
        elif isinstance(news, RecordWorks):
            self._away = False
            self.lost += news.lost
            if self._hole is not None:  # it is told when there is room again
                self._hole += news.lost
                self.failing = TOO_SLOW
                return
        self._told(news)

    def _told(self, news: News) -> None:
        if isinstance(news, RecordFailed):
            self.failing = news.reason
        elif isinstance(news, RecordWorks):
            self.failing = ""
        if self._feed is not None:
            self._feed(news)
