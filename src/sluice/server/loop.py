"""The single owner of the pool: it feeds inputs in order, and has the effects performed.

Rule: everything that touches the pool passes through `feed` or `hear`, in one thread; hence no locks.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count

from sluice.pool.effects import BlockEffect, Effect, Tell
from sluice.pool.events import FirstTurnedAway, Happening, TurnedAway
from sluice.pool.inputs import CaughtUp, Connected, Event, Gone, Input, Offered, PeerId, Said
from sluice.pool.pool import Pool
from sluice.server.clock import steady
from sluice.server.deadlines import Deadlines
from sluice.server.limits import Limits
from sluice.server.meter import Meter
from sluice.server.perform import Performer
from sluice.server.pump import READ_SIZE, Pump, Shake, Spoken

logger = logging.getLogger(__name__)


_CAUGHT_UP = CaughtUp()


#: A brain: something happened, at a time in steady seconds; these are the effects.
React = Callable[[Input, float], Iterable[Effect]]


class House:
    """Owns connections, and feeds the brain that reacts to them. Mutable; one owner: the event loop."""

    def __init__(
        self,
        react: React,
        limits: Limits,
        tell: Callable[[Happening], None],
        blocks: Callable[[BlockEffect], None],
    ) -> None:
        """`tell` lets people know, `blocks` does what is to be done for found blocks; neither waits for long."""
        self.limits = limits
        self.read_buffer = memoryview(bytearray(READ_SIZE))
        self.meter = Meter()
        self.performer = Performer(tell, blocks, self.meter)
        self.pumps = self.performer.pumps
        #: Connections that ended before they had finished the handshake, by reason.
        self.turned_away: Counter[str] = Counter()
        self._deserted = asyncio.Event()
        self._deserted.set()
        self._openings = Deadlines(limits.opening_seconds, "waits for an answer")
        self._handshakes = Deadlines(limits.handshake_seconds, "no handshake in time")
        self._stalls = Deadlines(limits.stall_seconds, "does not read")
        self._partings = Deadlines(limits.parting_seconds, "does not read")
        self._deadlines = (self._handshakes, self._stalls, self._partings)
        self._new_peer = count(1).__next__
        self._brain = react

    def new_pump(self, kind: type[Pump], shake: Shake, spoken: Spoken | None = None) -> Pump:
        """A pump for a socket that is about to be accepted, with a number that no connection had before."""
        return kind(self, self._new_peer(), shake, spoken)

    def feed(self, happened: Input) -> None:
        """Something happened: let the pool react, do what it wants done, send what is to be sent."""
        began = steady()
        self._react(happened)
        self.performer.flush()
        if isinstance(happened, Offered):
            self.meter.offered(began, steady())

    def hear(self, peer: PeerId, event: Event) -> None:
        """A peer said something; what is to be sent waits for the next flush."""
        self._react(Said(peer, event))

    def flush(self) -> None:
        """All that came in one read has been heard: what is to be answered leaves now."""
        self._react(_CAUGHT_UP)
        self.performer.flush()

    def arrived(self, pump: Pump) -> None:
        """A socket was accepted; it has to finish its handshake in time."""
        if len(self.pumps) >= self.limits.max_connections:
            pump.abort("too many connections")
            return
        self.pumps[pump.peer] = pump
        self._deserted.clear()
        self._openings.begin(pump.peer, steady())
        self._handshakes.begin(pump.peer, steady())

    def secured(self, pump: Pump) -> None:
        """A peer has finished its handshake, if its wire has one; from here on it is the pool's."""
        self._handshakes.end(pump.peer)
        self._react(Connected(pump.peer, pump.address, pump.wire))

    def stalled(self, pump: Pump) -> None:
        """A peer does not read as fast as it is written to."""
        self._stalls.begin(pump.peer, steady())

    def recovered(self, pump: Pump) -> None:
        """It has caught up."""
        self._stalls.end(pump.peer)

    def parting(self, pump: Pump) -> None:
        """A connection ends once what was written has left, which a peer that does not read can put off."""
        self._partings.begin(pump.peer, steady())

    def left(self, pump: Pump, reason: str) -> None:
        """A socket is gone."""
        known = self.pumps.pop(pump.peer, None)
        shaking = pump.peer in self._handshakes
        for deadlines in (self._openings, *self._deadlines):
            deadlines.end(pump.peer)
        if not self.pumps:
            self._deserted.set()
        if known is None or shaking:
            kind = _kind_of(reason)
            event = TurnedAway if kind in self.turned_away else FirstTurnedAway
            self.turned_away[kind] += 1
            self.performer.perform(Tell(event(pump.address, reason)))
        else:
            self.feed(Gone(pump.peer, reason))

    def close_overdue(self) -> None:
        """Close whoever has had its time for something, and look again at who has not shown what it speaks."""
        now = steady()
        for peer in self._openings.overdue(now):
            self._openings.end(peer)
            if self.pumps[peer].still_opening():
                self._openings.begin(peer, now)
        for deadlines in self._deadlines:
            for peer in deadlines.overdue(now):
                self.pumps[peer].abort(deadlines.reason)

    @property
    def shaking(self) -> int:
        """Connections that have not finished their handshake."""
        return len(self._handshakes)

    @property
    def stalling(self) -> int:
        """Connections whose peers do not read as fast as they are written to."""
        return len(self._stalls)

    async def deserted(self) -> None:
        """Returns when nobody is connected."""
        await self._deserted.wait()

    def end(self, reason: str) -> None:
        """Close everybody at once."""
        for pump in list(self.pumps.values()):
            pump.abort(reason)

    def _react(self, happened: Input) -> None:
        perform = self.performer.perform
        try:
            for effect in self._brain(happened, steady()):
                perform(effect)
        except Exception:
            # A bug must reach the log, and must not end the work of everybody else.
            logger.exception("the reaction to %s failed", type(happened).__name__)
            if isinstance(happened, Said) and happened.peer in self.pumps:
                self.pumps[happened.peer].abort("internal error")


class Owner(House):
    """Owns a pool and its connections."""

    def __init__(
        self,
        pool: Pool,
        limits: Limits,
        tell: Callable[[Happening], None],
        blocks: Callable[[BlockEffect], None],
    ) -> None:
        super().__init__(pool.react, limits, tell, blocks)
        self.pool = pool

    def arrived(self, pump: Pump) -> None:
        """A socket was accepted; who is banned does not get as far as a handshake."""
        state = self.pool.state
        if banned := state.orders.bans_address(pump.address, state.unix_time):
            pump.abort(f"banned: {banned}")
            return
        super().arrived(pump)


def _kind_of(reason: str) -> str:
    """What a reason says before its details, which a peer can choose and hence make endless."""
    return reason.partition(":")[0]
