"""One way in which people are told: what it is given, and what can come of it.

Rule: `send` is one attempt, never raises for what a network or a receiver did, and comes back within its seconds;
that it is tried again is the lane's business. No outcome holds a secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sluice.alarms.message import Message
from sluice.alarms.web import Web
from sluice.alarms.words import clean
from sluice.legible import duration_text

#: Seconds for an attempt: a mail server that greets slowly on purpose takes ten.
ATTEMPT_SECONDS = 30.0
#: Characters of a secret; what is shorter stands in words by chance, and hides nothing.
LEAST_SECRET = 4
#: A message that is older says how old it is.
LATE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way: `number` is the same at each attempt, `at` when it happened, in unix seconds."""

    message: Message
    number: str
    at: int
    #: Whose pool it is: its tag.
    pool: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Later:
    """It did not get through; another attempt may, after `seconds` if the receiver says so."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """The receiver does not want it, and will not want it later."""

    reason: str


Outcome = Sent | Later | Never


class Receiver(Protocol):
    """A way to people."""

    @property
    def name(self) -> str:
        """What log lines call it."""

    @property
    def where(self) -> str:
        """Where it goes, without secrets."""

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        """One attempt, now."""


def lateness(letter: Letter, unix_time: int) -> str:
    """A sentence for a letter that comes late; empty for one in time."""
    seconds = unix_time - letter.at
    return f"This was {duration_text(seconds)} ago." if seconds > LATE_SECONDS else ""


def without(secrets: Iterable[str], words: str) -> str:
    """What a receiver said, fit for a log: bounded, printable, and without any of the secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= LEAST_SECRET:
            words = words.replace(secret, "***")
    return clean(words)
