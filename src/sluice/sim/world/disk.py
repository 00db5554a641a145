"""The disk of a simulated world: found blocks and their histories, which outlive the pool.

Rule: it takes its time, and may be full; what it was given is there as it was given.
"""

from collections.abc import Callable
from functools import partial

from sluice.pool.effects import Note, Park, Record, Settle
from sluice.pool.history import Noted
from sluice.pool.inputs import Input, Recorded, Resumed, Unrecorded
from sluice.pool.ports import FoundBlock
from sluice.sim.world.jumping_clock import JumpingClock

#: Seconds until something is written for good.
SYNC = 0.01
#: Seconds until a parked block comes back.
BACK = 10.0


class WorldDisk:
    """Mutable; one owner. What it has to say goes to `feed`, as inputs of the pool."""

    __slots__ = ("_clock", "_feed", "blocks", "full", "histories", "settled")

    def __init__(self, clock: JumpingClock, feed: Callable[[Input], None]) -> None:
        #: By hash, as they were found.
        self.blocks: dict[bytes, FoundBlock] = {}
        self.histories: dict[bytes, list[Noted]] = {}
        #: Hashes of those whose life is over, one entry for each time that this was said.
        self.settled: list[bytes] = []
        self.full = False
        self._clock = clock
        self._feed = feed

    def record(self, effect: Record) -> None:
        """Write a block down."""
        self._clock.after(SYNC, partial(self._write, effect.found))

    def note(self, effect: Note) -> None:
        """Add a line to a block's history."""
        if not self.full:
            self.histories.setdefault(effect.found.block_hash, []).append(effect.noted)

    def settle(self, effect: Settle) -> None:
        """Put a block aside."""
        self.settled.append(effect.found.block_hash)

    def park(self, effect: Park) -> None:
        """A block is forgotten for now."""
        self._clock.after(BACK, partial(self.resume, effect.found.block_hash))

    def resume(self, block_hash: bytes) -> None:
        """A block comes back, if it is here and its life is not over."""
        if block_hash in self.blocks and block_hash not in self.settled:
            history = tuple(self.histories.get(block_hash, ()))
            self._feed(Resumed(self.blocks[block_hash], history))

    def _write(self, found: FoundBlock) -> None:
        if self.full:
            self._feed(Unrecorded(found.block_hash, "no space left"))
            return
        self.blocks[found.block_hash] = found
        self._feed(Recorded(found.block_hash))
