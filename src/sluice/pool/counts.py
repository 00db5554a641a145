"""What the pool has done since it began, in numbers for those who watch it (docs/metrics.md).

Rule: they only grow, and whatever they are counted by is a word of ours: nothing a miner says becomes a key.
"""

from collections import Counter
from enum import Enum

from sluice.work.sums import Sums


class Dialect(Enum):
    """What a channel speaks; the value is its name in the metrics."""

    STANDARD = "sv2-standard"
    EXTENDED = "sv2-extended"
    TLV = "tlv"


class Counts:
    """Mutable; one owner."""

    __slots__ = ("channels_refused", "of", "setups_refused")

    def __init__(self) -> None:
        #: Shares, work and channels, by dialect.
        self.of = {dialect: Sums() for dialect in Dialect}
        #: Requests that were refused, by the word or the sentence that says why, its details left out.
        self.setups_refused: Counter[str] = Counter()
        self.channels_refused: Counter[str] = Counter()
