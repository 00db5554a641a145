"""The way of letters to one receiver: in order, tried again with a bound, then given up.

Rule: a lane never holds up another, nor whoever puts a letter in. It is bounded in letters, attempts and time; that
a receiver fails is one line in the log, that it is well again another.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sluice.alarms.message import Weight
from sluice.alarms.receiver import ATTEMPT_SECONDS, Later, Letter, Never, Outcome, Receiver, Sent
from sluice.alarms.topics import Topic
from sluice.alarms.web import Web

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a receiver that fails is tried again: an internet line is back within hours, or somebody looks.

    Times in seconds. The pause after a failure doubles from `first` to `longest`; a receiver that asks for more
    gets it, up to `asked`.
    """

    letters: int = 200
    attempts: int = 30
    seconds: float = 6 * 3_600.0
    first: float = 2.0
    longest: float = 900.0
    asked: float = 3_600.0


@dataclass(frozen=True, slots=True)
class Clocks:
    """Steady seconds, and unix seconds."""

    steady: Callable[[], float]
    unix: Callable[[], int]


@dataclass(slots=True)
class _Waiting:
    """A letter, since when it waits (steady seconds), and how often it was tried. Mutable."""

    letter: Letter
    since: float
    attempts: int = 0


class Lane:
    """Mutable; one owner: the event loop."""

    __slots__ = (
        "_clocks",
        "_failures",
        "_filled",
        "_idle",
        "_patience",
        "_queue",
        "dropped",
        "receiver",
        "sent",
    )

    def __init__(self, receiver: Receiver, clocks: Clocks, patience: Patience | None = None) -> None:
        self.receiver = receiver
        self._clocks = clocks
        self._patience = patience or Patience()
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        #: Attempts that failed since the last that did not.
        self._failures = 0
        #: Letters that arrived, and those that were given up.
        self.sent = 0
        self.dropped = 0

    def put(self, letter: Letter) -> None:
        """A letter is to go. Does not wait; if there are too many, the oldest of what matters least is given up."""
        self._queue.append(_Waiting(letter, self._clocks.steady()))
        if len(self._queue) > self._patience.letters:
            # The first is on its way, perhaps at this moment.
            others = list(self._queue)[1:]
            self._drop(min(others, key=_worth), "too many wait")
        self._idle.clear()
        self._filled.set()

    async def run(self, web: Web) -> None:
        """Send what there is, for ever."""
        while True:
            await self._filled.wait()
            while self._queue:
                await self._first(web)
            self._filled.clear()
            self._idle.set()

    async def finish(self) -> None:
        """Returns once nothing waits, at once if the receiver fails: there is nothing to wait for then."""
        if not self._failures:
            await self._idle.wait()

    async def _first(self, web: Web) -> None:
        waiting = self._queue[0]
        waiting.attempts += 1
        outcome = await self._attempt(waiting.letter, web)
        if isinstance(outcome, Sent):
            self._queue.remove(waiting)
            self.sent += 1
            if self._failures:
                logger.warning("alarms by %s get through again", self.receiver.name)
            self._failures = 0
            return
        if not self._failures:
            logger.warning("alarms by %s do not get through: %s", self.receiver.name, outcome.reason)
        self._failures += 1
        if isinstance(outcome, Never):
            self._drop(waiting, outcome.reason)
            return
        patience = self._patience
        age = self._clocks.steady() - waiting.since
        if waiting.attempts >= patience.attempts or age >= patience.seconds:
            self._drop(waiting, outcome.reason)
        await asyncio.sleep(self._pause(outcome))

    async def _attempt(self, letter: Letter, web: Web) -> Outcome:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                return await self.receiver.send(letter, web, self._clocks.unix())
        except TimeoutError:
            return Later(f"no end within {ATTEMPT_SECONDS:g} s")
        except Exception:  # failures come as an Outcome: this is a bug, and ends one letter
            logger.exception("sending an alarm by %s failed, which is a bug of ours", self.receiver.name)
            return Never("a bug of ours (see the log)")

    def _pause(self, outcome: Later) -> float:
        patience = self._patience
        doubled = min(patience.longest, patience.first * float(1 << min(self._failures - 1, 30)))
        return max(doubled, min(outcome.seconds or 0.0, patience.asked))

    def _drop(self, waiting: _Waiting, reason: str) -> None:
        self._queue.remove(waiting)
        self.dropped += 1
        kind = waiting.letter.message.kind
        logger.warning("an alarm by %s is given up (%s): %s", self.receiver.name, kind, reason)


def _worth(waiting: _Waiting) -> tuple[bool, bool]:
    message = waiting.letter.message
    return message.topic is Topic.BLOCKS, message.weight is Weight.ERROR
