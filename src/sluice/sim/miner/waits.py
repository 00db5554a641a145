"""What the client waits for, and until when.

Rule: every wait on a server has an end, in steady seconds given from outside.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum


class Wait(Enum):
    """(seconds, what a server does that lets them pass)."""

    SETUP = 10.0, "does not answer SetupConnection"
    EXTENSIONS = 2.0, "does not answer RequestExtensions"
    OPEN = 10.0, "does not answer the request for a channel"
    WORK = 60.0, "sends no work for the channel it opened"
    TARGET = 10.0, "does not follow UpdateChannel with a SetTarget"
    #: servers send a job a minute at least; twice that and some is a dead link
    WORD = 180.0, "has not sent a word"

    @property
    def seconds(self) -> float:
        """How long."""
        return self.value[0]

    @property
    def complaint(self) -> str:
        """Why we go."""
        return f"the server {self.value[1]} for {self.seconds:g} seconds"


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A wait that is over in vain; `about` is the request or channel it was for."""

    wait: Wait
    about: Hashable


class Waits:
    """Waits by kind and subject."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until: dict[tuple[Wait, Hashable], float] = {}

    def begin(self, wait: Wait, now: float, about: Hashable = None) -> None:
        """From now; again, if it ran already."""
        self._until[wait, about] = now + wait.seconds

    def end(self, wait: Wait, about: Hashable = None) -> bool:
        """It came. Whether it was waited for."""
        return self._until.pop((wait, about), None) is not None

    def lapsed(self, now: float) -> list[Lapsed]:
        """Those in vain, each told once."""
        over = [key for key, until in self._until.items() if until <= now]
        for key in over:
            del self._until[key]
        return [Lapsed(*key) for key in over]
