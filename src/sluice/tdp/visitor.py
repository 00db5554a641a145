"""One client of our template provider: how far it is, and what it may still ask for.

Rule: who asks for more than it can use is sent away; a whole block is 4 MB, and asking for one takes 14 bytes.
"""

from dataclasses import dataclass

from sluice.pool.inputs import PeerId
from sluice.tdp.constraints import Constraints

#: What one client may have us do in so many seconds: answer requests, and send bytes of transactions. At each new
#: tip and each growth of fees it asks for one block.
ALLOWANCE_SECONDS, MOST_REQUESTS, MOST_BYTES = 10.0, 500, 32 << 20


#: Vendors whose clients keep a template for a tip to come while they work on another. SRI's do not: its pool takes the
#: last future template for that of the last SetNewPrevHash, and turns every miner away where it is not.
LOOK_AHEAD = frozenset({"Sluice"})


@dataclass(slots=True)
class Visitor:
    """Mutable. Times are steady seconds."""

    peer: PeerId
    address: str
    connected_at: float
    vendor: str = ""
    #: When its SetupConnection was accepted.
    set_up_at: float | None = None
    #: What it asked for; None before it did.
    constraints: Constraints | None = None
    solutions: int = 0
    _since: float = 0.0
    _requests: int = 0
    _bytes: int = 0

    @property
    def name(self) -> str:
        """What people see of it."""
        return f"{self.vendor or 'a template client'} at {self.address}"

    @property
    def looks_ahead(self) -> bool:
        """Whether it gets the template for the next height before there is a tip for it."""
        return self.vendor in LOOK_AHEAD

    def may(self, now: float, size: int = 0) -> bool:
        """Whether one more request is fine, of so many bytes to be sent; it is counted."""
        if now - self._since >= ALLOWANCE_SECONDS:
            self._since, self._requests, self._bytes = now, 0, 0
        self._requests += 1
        self._bytes += size
        return self._requests <= MOST_REQUESTS and self._bytes <= MOST_BYTES
