"""What people are told, before it is put into the words of one receiver.

Rule: what a stranger chose (a name, a node's reason) is a `Name` among the words, so that each receiver can show it
as what it is: nothing in it is a link, a mention, a header or a mark-up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sluice.alarms.topics import Topic

MOST_OF_A_NAME = 64
"""Names have up to 255 bytes, a phone's line some 40."""

MOST_OF_A_REASON = 300
"""A node's own words may be a sentence; beyond, they are a page of HTML."""


class Weight(Enum):
    """How much it matters. The value is `level` of a webhook."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Name:
    """Text that somebody else chose, and how many characters of it are shown."""

    text: str
    most: int = MOST_OF_A_NAME


def reason(text: str) -> Name:
    """A node's own words, or a system's."""
    return Name(text, MOST_OF_A_REASON)


#: A sentence, in pieces.
Words = tuple[str | Name, ...]
#: What a webhook can hold.
Detail = str | int | float | Sequence[str] | Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to be told; `kind` and `details` are for programs, and documented (docs/alarms.md)."""

    topic: Topic
    kind: str
    weight: Weight
    title: Words
    text: Words
    details: Mapping[str, Detail] = field(default_factory=dict)


def listing(names: Sequence[str], count: int, shown: int = 5) -> Words:
    """`a, b, c and 14 more`: the first names of `count`."""
    words: list[str | Name] = []
    for name in names[:shown]:
        words += [", ", Name(name)] if words else [Name(name)]
    left = count - min(shown, len(names))
    return (*words, f" and {left} more") if left else tuple(words)


def counted(count: int, thing: str) -> str:
    """`1 worker`, `2 workers`."""
    return f"{count:,} {thing}{'s' * (count != 1)}"
