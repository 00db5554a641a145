"""What a miner has to show for its work, over all its connections.

Rule: counted from what the server answered, not from what was sent; a block is a share that met the network's
target and was not refused (whether the chain took it, only the pool's node knows).
"""

from collections import Counter, deque
from dataclasses import dataclass
from fractions import Fraction

from sluice.bitcoin.target import DIFFICULTY_1, Target

#: The hash rate on show is the mean over so many seconds.
RATE_WINDOW = 10.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The score at one moment. `hash_rate` in hashes per second; `refused` by the server's words."""

    uptime: float
    hash_rate: float
    hashes: int
    difficulty: float
    submitted: int
    accepted: int
    refused: dict[str, int]
    blocks: int
    connected: bool


class Score:
    """Counts, and the hash rate of the last seconds."""

    __slots__ = (
        "_began",
        "_recent",
        "accepted",
        "blocks",
        "connected",
        "hashes",
        "refused",
        "submitted",
        "target",
    )

    def __init__(self, now: float) -> None:
        self.hashes = 0
        self.submitted = 0
        self.accepted = 0
        self.refused: Counter[str] = Counter()
        self.blocks = 0
        self.connected = False
        self.target: Target | None = None  # of the work at hand
        self._began = now
        self._recent: deque[tuple[float, int]] = deque([(now, 0)])  # (when, hashes so far)

    def hashed(self, count: int, now: float) -> None:
        """So many more hashes were tried."""
        self.hashes += count
        if now - self._recent[-1][0] >= 0.25:  # bounds the window to 40 entries
            self._recent.append((now, self.hashes))
        while now - self._recent[0][0] > RATE_WINDOW:
            self._recent.popleft()

    def figures(self, now: float) -> Figures:
        """How it stands."""
        since, before = self._recent[0]
        passed = max(now - since, 1e-3)
        return Figures(
            uptime=now - self._began,
            hash_rate=(self.hashes - before) / passed,
            hashes=self.hashes,
            difficulty=float(Fraction(DIFFICULTY_1, self.target)) if self.target else 0.0,
            submitted=self.submitted,
            accepted=self.accepted,
            refused=dict(self.refused),
            blocks=self.blocks,
            connected=self.connected,
        )
