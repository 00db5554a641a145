"""Hand out disjoint extranonce prefixes (spec 5.1.2.1), and take them back.

The full extranonce is 16 bytes: shard 1, index 3, rollable 12. A shard belongs to one process, an index to
one channel, the rest to the miner; so no two miners ever search the same space.
Rule: a prefix given back rests until the tip has changed, when every job under it is stale.
"""

from collections import deque

#: Bytes of the whole extranonce in every coinbase we cut.
EXTRANONCE_SIZE = 16
#: Bytes of it that name a channel: one for the shard, three for the index.
PREFIX_SIZE = 4
#: Bytes of it that an extended channel's miner may roll.
ROLLABLE_SIZE = EXTRANONCE_SIZE - PREFIX_SIZE
#: Channels that one shard can hold at once: all values of the three index bytes.
CAPACITY = 1 << 24


class ExtranonceSpace:
    """The prefixes of one shard. Mutable; one owner."""

    __slots__ = ("_fresh", "_ready", "_resting", "shard")

    def __init__(self, shard: int) -> None:
        """`shard` is 0 to 255 and is unique among the processes that mine on the same templates."""
        if not 0 <= shard <= 255:
            raise ValueError(f"shard is one byte, 0 to 255, not {shard}")
        self.shard = shard
        self._fresh = 0
        self._ready: deque[int] = deque()
        self._resting: list[int] = []

    @property
    def held(self) -> int:
        """How many prefixes channels have now."""
        return self._fresh - len(self._ready) - len(self._resting)

    def take(self) -> bytes | None:
        """A prefix of 4 bytes that nobody else holds, or None when all are held or resting."""
        if self._ready:
            index = self._ready.popleft()
        elif self._fresh < CAPACITY:
            index = self._fresh
            self._fresh += 1
        else:
            return None
        return bytes((self.shard,)) + index.to_bytes(3, "big")

    def give_back(self, prefix: bytes) -> None:
        """The channel that held `prefix` (its first 4 bytes count) is gone."""
        self._resting.append(int.from_bytes(prefix[1:PREFIX_SIZE], "big"))

    def tip_changed(self) -> None:
        """Every job cut so far is stale: what rested may be handed out again."""
        self._ready.extend(self._resting)
        self._resting.clear()
