"""What the node is told of the pool's life, where it lets us: jobs, miners that come and go, credited shares.

Rule: what is announced is bounded and what is too much is dropped, counted: a node ends the connection of a module
that asks more than a hundred times a second, and miners decide how many shares there are.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sluice.blvm.events.chain import MiningJobCreated, ShareSubmitted
from sluice.blvm.events.payload import EventPayload
from sluice.blvm.events.relay import StratumClientConnected, StratumClientDisconnected
from sluice.pool.events import Happening, MinerArrived, PeerLeft, TemplateRefreshed, TipChanged
from sluice.pool.inputs import PeerId
from sluice.pool.journal import Credited, Entry
from sluice.pool.state import PoolState

STRATUM_VERSION = 2
#: A fifth of what a node takes in a second; templates, tips and blocks are asked about beside it.
A_SECOND = 20.0
#: Of these, so many may be shares: a miner that comes or goes is not kept waiting by them.
SHARES_A_SECOND = 10
#: What waits for its turn: a pool's miners all come back at once, and the last of them are told within seconds.
KEPT = 256


class Announcer:
    """What is to be announced. Mutable; one owner."""

    __slots__ = ("_allowance", "_endpoints", "_shares", "_since", "_state", "_waiting", "dropped")

    def __init__(self, state: PoolState, now: float) -> None:
        self._state = state
        state.listen(self.read)
        self._shares: deque[Credited] = deque(maxlen=SHARES_A_SECOND)
        self._waiting: deque[EventPayload] = deque()
        self._endpoints: dict[PeerId, str] = {}
        self._allowance = A_SECOND
        self._since = now
        #: Announcements that there was no room for; shares that were too many are not counted.
        self.dropped = 0
        if (job := self._job()) is not None:  # the work that was there before anybody listened
            self._waiting.append(job)

    def hear(self, event: Happening) -> None:
        """Something happened; whether it is announced stands in the table."""
        reaction = _ANNOUNCED.get(type(event))
        payload = reaction and reaction(self, event)
        if payload is None:
            return
        if len(self._waiting) >= KEPT:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(payload)

    def read(self, entries: Sequence[Entry]) -> None:
        """Of what is to be recorded, the newest credited shares may be announced."""
        self._shares.extend(entry for entry in entries[-SHARES_A_SECOND:] if type(entry) is Credited)

    def end(self) -> None:
        """Nothing is to be announced any more."""
        self._state.ignore(self.read)

    def due(self, now: float) -> Iterator[EventPayload]:
        """What may be announced now, in order; shares last, the newest of them."""
        self._allowance = min(self._allowance + (now - self._since) * A_SECOND, A_SECOND)
        self._since = now
        while self._waiting and self._allowance >= 1:
            self._allowance -= 1
            yield self._waiting.popleft()
        shares = self._shares
        while shares and self._allowance >= A_SECOND - SHARES_A_SECOND:
            self._allowance -= 1
            share = shares.popleft()
            yield ShareSubmitted(str(share.job_id), share.share_hash, share.user or None)

    def _arrived(self, event: MinerArrived) -> EventPayload:
        self._endpoints[event.peer] = event.address
        return StratumClientConnected(event.address, STRATUM_VERSION)

    def _left(self, event: PeerLeft) -> EventPayload | None:
        endpoint = self._endpoints.pop(event.peer, None)
        return StratumClientDisconnected(endpoint, event.reason) if endpoint else None

    def _job(self, event: TipChanged | TemplateRefreshed | None = None) -> EventPayload | None:
        job = self._state.book.current
        return None if job is None else MiningJobCreated(str(job.job_id), job.tip.prev_hash, job.height)


_ANNOUNCED: Mapping[type[Happening], Callable[[Announcer, Any], EventPayload | None]] = {
    MinerArrived: Announcer._arrived,
    PeerLeft: Announcer._left,
    TipChanged: Announcer._job,
    TemplateRefreshed: Announcer._job,
}
