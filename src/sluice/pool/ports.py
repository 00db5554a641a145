"""What the pool needs of the world: exactly this, nothing more (design 2).

Adapters in `node/` implement `Node`; the pool itself never calls them, `server/` does.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from sluice.bitcoin.network import Network
from sluice.work.template import Template


class NodeError(Exception):
    """A node cannot be used and waiting will not mend it; the text names the way out."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no template comes from `node` right now, in one sentence that names the way out."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A node's verdict over a submitted block; `reason` is its own BIP22 word, empty when accepted."""

    node: str
    accepted: bool
    reason: str


class Node(Protocol):
    """A Bitcoin node: templates come from it, blocks go to it."""

    name: str

    async def start(self) -> Network:
        """Connect and check; waits out what passes. Raises NodeError for what does not."""

    def watch(self) -> AsyncIterator[Template | Trouble]:
        """Templates for ever: one at once, one for each new tip, fresher ones in between."""

    async def submit(self, block: bytes) -> Outcome:
        """Hand over a whole block; answers in the node's own words, never raises for a refusal."""

    async def close(self) -> None:
        """Let go of every connection to the node."""
