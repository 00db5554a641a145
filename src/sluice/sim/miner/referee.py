"""What each share of a world should come to, and what it earns: said beforehand, without a look at the pool's books.

Rule: it knows only what was sent with which target, when it arrived, and when the pool changed its tip.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.target import Target, work


class Fate(Enum):
    """What becomes of an honest share; the value is the pool's word to the miner, None if it is paid."""

    GOOD = None
    #: For the tip before, within the grace: paid, too.
    LATE = ""
    STALE = "stale-share"
    #: For a tip before that: the pool does not know its job any more.
    FORGOTTEN = "invalid-job-id"
    #: For a channel that an operator ended in the meantime; the miner is not told.
    ENDED = "invalid-channel-id"

    @property
    def paid(self) -> bool:
        """Whether it is credited."""
        return not self.value


@dataclass(frozen=True, slots=True)
class Sent:
    """A share on its way: its hash, the tip and target of its job."""

    block_hash: BlockHash
    prev_hash: BlockHash
    target: Target


#: Peer, channel and sequence number: what a share is known by on both sides.
Key = tuple[int, int, int]


class Referee:
    """Mutable; one owner."""

    __slots__ = ("_ended", "_grace", "_sent", "_tips", "fates", "paid", "work")

    def __init__(self, grace: float) -> None:
        """`grace` is how long a tip's shares are paid after it is gone, in seconds."""
        self._grace = grace
        self._sent: dict[Key, Sent] = {}
        self._ended: set[tuple[int, int]] = set()
        #: The tips so far, and when each began.
        self._tips: list[tuple[bytes, float]] = []
        self.fates: Counter[Fate] = Counter()
        #: Hashes of the shares that are to be paid.
        self.paid: Counter[BlockHash] = Counter()
        #: What they earn together, in hashes.
        self.work = 0

    def turned(self, prev_hash: bytes, now: float) -> None:
        """The pool has work on this tip; perhaps another one than before."""
        if not self._tips or self._tips[-1][0] != prev_hash:
            self._tips.append((prev_hash, now))

    def ended(self, peer: int, channel_id: int) -> None:
        """An operator has ended a channel."""
        self._ended.add((peer, channel_id))

    def sent(self, key: Key, share: Sent) -> None:
        """A share is on its way."""
        self._sent[key] = share

    def arrived(self, key: Key, now: float) -> None:
        """It got there: this is its fate."""
        share = self._sent.pop(key)
        fate = Fate.ENDED if key[:2] in self._ended else self._fate(share.prev_hash, now)
        self.fates[fate] += 1
        if fate.paid:
            self.paid[share.block_hash] += 1
            self.work += work(share.target)

    @property
    def lost_work(self) -> int:
        """What shares would have earned that did not arrive, or are still under way."""
        return sum(work(share.target) for share in self._sent.values())

    @property
    def refused(self) -> dict[str, int]:
        """How many shares are to be refused, by the pool's word."""
        return {fate.value: count for fate, count in self.fates.items() if fate.value}

    def _fate(self, prev_hash: bytes, now: float) -> Fate:
        tip, since = self._tips[-1]
        if prev_hash == tip:
            return Fate.GOOD
        if prev_hash != self._tips[-2][0]:
            return Fate.FORGOTTEN
        return Fate.LATE if now <= since + self._grace else Fate.STALE
