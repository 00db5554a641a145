"""What people are told about several nodes: who leads, who fell back, and that two chains are claimed at once.

Rule: as in `events.py`; hashes are in display order, `was` and `state` are words of `node/several/standing.py`.
"""

from dataclasses import dataclass
from typing import ClassVar

from sluice.pool.events import Happening


@dataclass(frozen=True, slots=True)
class LeadTaken(Happening):
    """Work comes from another node than before."""

    node: str
    was: str
    why: str


@dataclass(frozen=True, slots=True)
class NodeApart(Happening):
    """A node is of less use than it should be; the others go on."""

    level: ClassVar[str] = "warning"
    node: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class NodeInStep(Happening):
    """A node that was apart is with the others again."""

    node: str
    was: str
    seconds: float


@dataclass(frozen=True, slots=True)
class NodesDisagree(Happening):
    """The alarm: two nodes are on different tips, and neither is merely behind. Rung once for each occurrence."""

    level: ClassVar[str] = "error"
    node: str
    next_height: int
    prev_hash: str
    leader: str
    leader_next_height: int
    leader_prev_hash: str
    why: str


@dataclass(frozen=True, slots=True)
class NodesAgree(Happening):
    """The alarm is over: every node that can be asked is on one chain again."""

    level: ClassVar[str] = "warning"
    seconds: float
