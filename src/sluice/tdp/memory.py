"""What is remembered of a template provider from one connection to the next: its tips, its templates.

Rule: the protocol does not say what a tip builds on. That a block was the tip at its height is all that is known;
a reorganisation that ends higher than it began is not seen.
"""

from sluice.tdp.solution import Place
from sluice.tdp.taken import Known

#: Heights: a week of blocks, far more than a candidate needs to be buried.
MOST_TIPS = 1_000
#: Templates: what a pool's miners may still work on, and some of the connection before.
MOST_PLACES = 64


class Memory:
    """Mutable; one owner: the node's adapter."""

    __slots__ = ("_places", "_tips", "known", "tip_height")

    def __init__(self) -> None:
        self.known = Known()
        #: Of the newest tip; None before the first.
        self.tip_height: int | None = None
        self._tips: dict[int, bytes] = {}
        self._places: list[Place] = []

    def turn(self, height: int, block_hash: bytes) -> None:
        """This block is the provider's tip now: what stood at its height and above is not in its chain."""
        for above in [each for each in self._tips if each >= height]:
            del self._tips[above]
        self._tips[height] = block_hash
        self.tip_height = height
        if len(self._tips) > MOST_TIPS:
            del self._tips[next(iter(self._tips))]

    def tip_at(self, height: int) -> bytes | None:
        """What was the tip at `height`, if it was seen."""
        return self._tips.get(height)

    def keep(self, place: Place) -> None:
        """A template that blocks can be found on from now on."""
        self._places.append(place)
        del self._places[:-MOST_PLACES]

    @property
    def places(self) -> list[Place]:
        """The newest first: numbers begin again with a provider that was started again."""
        return self._places[::-1]
