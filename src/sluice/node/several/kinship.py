"""Whether two nodes are on one chain: what has to be asked, and what follows from the answers.

Rule: of two tips the lower is looked for in the chain of the higher; if it is not there, both are asked some
blocks further down, because a fork of a block or two happens and a chain that parted long ago is another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sluice.pool.ports import Sight

#: Blocks that are ever undone without somebody's intervention, generously: mainnet has not seen so many since 2013.
DEPTH = 6


class Relation(Enum):
    """How a node's chain stands to the one that is mined on."""

    SAME = "one has the tip of the other"
    BRANCH = f"they part within {DEPTH} blocks"
    OTHER = f"they have had nothing in common for more than {DEPTH} blocks"
    UNKNOWN = "they could not be compared"


@dataclass(frozen=True, slots=True)
class Question:
    """Are these two on one chain? Nodes by their numbers, tips (wire order) as they were when it was asked."""

    nodes: tuple[int, int]
    tips: tuple[bytes, bytes]
    #: To be looked at on both: the height of the lower tip, and one further down.
    heights: tuple[int, int]


def question(nodes: tuple[int, int], tips: tuple[bytes, bytes], height: int) -> Question:
    """What to ask two nodes; `height` is that of the lower tip."""
    return Question(nodes, tips, (height, max(0, height - DEPTH)))


def relation(one: Sequence[Sight | None], other: Sequence[Sight | None]) -> Relation:
    """What follows from what two nodes show at a question's two heights."""
    at_tip, below = (_compare(*sights) for sights in zip(one, other, strict=True))
    if at_tip is None:
        return Relation.UNKNOWN
    if at_tip:
        return Relation.SAME
    return Relation.UNKNOWN if below is None else Relation.BRANCH if below else Relation.OTHER


def _compare(one: Sight | None, other: Sight | None) -> bool | None:
    if one is None or other is None or one.block_hash is None or other.block_hash is None:
        return None
    return one.block_hash == other.block_hash
