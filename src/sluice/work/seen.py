"""Shares that a channel has already been given credit for, forgotten with their tip.

Rule: a share is told by its header hash; the sets of this tip and of the one before are kept, because a
late share of the one before may still be credited.
"""

#: Shares one channel may have on one tip before its jobs are retired for a fresh one. Vardiff keeps a
#: channel at some dozens; 65,536 of about 130 bytes are 8 MiB, which only a flood reaches.
MAX_SEEN = 65_536


class SeenShares:
    """Header hashes of two generations; empty ones cost nothing. Mutable; one owner."""

    __slots__ = ("_before", "_now")

    def __init__(self) -> None:
        self._now: set[bytes] | None = None
        self._before: set[bytes] | None = None

    def __contains__(self, header_hash: bytes) -> bool:
        now = self._now
        if now is not None and header_hash in now:
            return True
        before = self._before
        return before is not None and header_hash in before

    def add(self, header_hash: bytes) -> None:
        """Remember a credited share."""
        if self._now is None:
            self._now = {header_hash}
        else:
            self._now.add(header_hash)

    @property
    def full(self) -> bool:
        """Whether this generation's share of memory is used up."""
        return self._now is not None and len(self._now) >= MAX_SEEN

    def turn(self) -> None:
        """A new generation begins: what was before is forgotten, what is now is before."""
        self._before, self._now = self._now, None
