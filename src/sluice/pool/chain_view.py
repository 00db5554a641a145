"""What best chains say about a block: the turn that its life takes after a look at them.

Rule: a block is settled when it, or another one in its place, is DEEP blocks deep. A chain that another one has
left DEEP blocks behind has no say.
"""

from collections.abc import Sequence

from sluice.pool.block_life import Turn
from sluice.pool.ports import Sight

#: Blocks from which on a place in the chain is for good. Six is what everybody waits for; no reorganisation has
#: been as deep since 2013, and all that hangs on it is that we stop offering the block.
DEEP = 6


def turn_of(block_hash: bytes, height: int, sights: Sequence[Sight]) -> tuple[Turn, Sight] | None:
    """The turn, and the chain that makes it so; None if no chain can be seen."""
    if not sights:
        return None
    leading = max(sight.tip_height for sight in sights)
    heard = [sight for sight in sights if leading - sight.tip_height < DEEP]
    # Of those that agree, the longest speaks.
    heard.sort(key=lambda sight: sight.tip_height, reverse=True)
    ours = [sight for sight in heard if sight.block_hash == block_hash]
    rivals = [sight for sight in heard if sight.block_hash not in (None, block_hash)]
    for those, shown, buried in (
        (ours, Turn.SHOWN, Turn.BURIED),
        (rivals, Turn.OVERTAKEN, Turn.RIVAL_BURIED),
    ):
        if those:
            return (buried if those[0].tip_height - height + 1 >= DEEP else shown), those[0]
    return Turn.ABSENT, heard[0]
