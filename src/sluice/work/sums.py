"""What the channels of one kind have done together since the process began.

Rule: these numbers only grow, whoever leaves: who reads them twice knows what came in between.
"""

from sluice.work.verdict import Verdict


class Sums:
    """Shares by fate, the work credited (hashes), channels opened and closed. Mutable; one owner."""

    __slots__ = ("closed", "opened", "shares", "work")

    def __init__(self) -> None:
        self.shares = dict.fromkeys(Verdict, 0)
        self.work = 0
        self.opened = 0
        self.closed = 0
