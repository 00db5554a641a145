"""What alarms are about: one word for each topic, as `alarms.events` chooses them.

Rule: a topic is a row; the option, the configuration page and docs/alarms.md are made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Topic(Enum):
    """The value is the word in `alarms.events`, and `topic` of a webhook."""

    BLOCKS = "blocks"
    BESTS = "bests"
    WORKERS = "workers"
    REFUSALS = "refusals"
    NODES = "nodes"
    RECORD = "record"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row of the table: what is told, and whether it is told unless somebody says otherwise."""

    words: str
    usual: bool = True


MEANINGS: Mapping[Topic, Meaning] = {
    Topic.BLOCKS: Meaning("A block was found, and what became of it: one message for each step, none twice."),
    Topic.BESTS: Meaning("An account has a new best difficulty."),
    Topic.WORKERS: Meaning("Workers that have mined are gone, and are back; many are one message."),
    Topic.REFUSALS: Meaning("A large part of all shares is refused, and no more."),
    Topic.NODES: Meaning(
        "A node is out of step, nodes disagree, or no work comes from any; and all is well again."
    ),
    Topic.RECORD: Meaning(
        "The record cannot be written (a full disk, a database that is away), and can again."
    ),
    Topic.POOL: Meaning(
        "The pool has started, or sends its miners away, as it does before it ends.", usual=False
    ),
}

USUAL = " ".join(topic.value for topic, meaning in MEANINGS.items() if meaning.usual)
"""The default of `alarms.events`."""


def topics_of(text: str) -> frozenset[Topic]:
    """The topics that words name, with spaces or commas between them; ValueError for a word that is none."""
    words = text.replace(",", " ").split()
    known = {topic.value: topic for topic in Topic}
    for word in words:
        if word not in known:
            raise ValueError(f"must be words out of {', '.join(known)}")
    return frozenset(known[word] for word in words)


def topics_table() -> str:
    """The part of docs/alarms.md that is printed."""
    rows = "".join(
        f"| `{topic.value}` | {meaning.words} | {'yes' if meaning.usual else ''} |\n"
        for topic, meaning in MEANINGS.items()
    )
    return f"| topic | told | unless chosen otherwise |\n|---|---|---|\n{rows}"
