"""What is written down of a found block's life, and read back when a process takes it up again.

Rule: values only; how they look on a disk is the record's business (`ledger/`).
"""

from dataclasses import dataclass

from sluice.pool.block_life import Stage, Turn
from sluice.pool.ports import Outcome, Sight


@dataclass(frozen=True, slots=True)
class Moved:
    """A block stands at `stage` now, because of `turn`; `sight` is the chain that showed it, if one did."""

    stage: Stage
    turn: Turn
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of a block's history; `at` in unix seconds."""

    at: int
    what: Outcome | Moved
