"""Effect to call: one small method each, found by the effect's type.

Rule: a peer that is gone is not an error here; the pool hears of it in time. A broadcast is packed once and
sealed for each peer. An effect that fails is a bug: it ends the connection it was for, and nothing else.
"""

import logging
from collections.abc import Callable
from typing import Any, get_args

from sluice.pool.effects import BlockEffect, Broadcast, Close, Effect, Send, Tell
from sluice.pool.events import Happening
from sluice.pool.inputs import PeerId
from sluice.server.clock import steady
from sluice.server.meter import Meter
from sluice.server.pump import Pump
from sluice.sv2.frame import frame
from sluice.wire.errors import LocalProtocolError

logger = logging.getLogger(__name__)


class Performer:
    """Does what the pool wants done. Mutable; one owner."""

    __slots__ = ("_calls", "_meter", "_pending", "_tell", "pumps")

    def __init__(
        self, tell: Callable[[Happening], None], blocks: Callable[[BlockEffect], None], meter: Meter
    ) -> None:
        """`tell` lets people know, `blocks` does what is to be done for found blocks; neither waits for long."""
        self.pumps: dict[PeerId, Pump] = {}
        self._tell = tell
        self._meter = meter
        self._pending: set[Pump] = set()
        self._calls: dict[type[Effect], Callable[[Any], None]] = {
            Send: self._send,
            Broadcast: self._broadcast,
            Close: self._close,
            Tell: self._say,
            **dict.fromkeys(get_args(BlockEffect), blocks),
        }

    def perform(self, effect: Effect) -> None:
        """Do it; what is sent to a single peer waits for the next flush. Never raises: others come after it."""
        try:
            self._calls[type(effect)](effect)
        except Exception:  # a bug, in any of the calls above: the effects after this one are other people's
            logger.exception("a %s failed", type(effect).__name__)
            if isinstance(effect, Send | Close):
                self._break_off(effect.peer)

    def flush(self) -> None:
        """All that was sent to single peers leaves now, one write a connection."""
        pending = self._pending
        while pending:
            pending.pop().flush()

    def _send(self, effect: Send) -> None:
        pump = self.pumps.get(effect.peer)
        if pump is not None:
            pump.connection.send(effect.message)
            self._pending.add(pump)

    def _broadcast(self, effect: Broadcast) -> None:
        packed = frame(effect.message)
        pumps, pending = self.pumps, self._pending
        for peer in effect.peers:
            pump = pumps.get(peer)
            if pump is None:
                continue
            try:
                pump.connection.send_frame(packed)
            except LocalProtocolError:
                logger.exception("a Broadcast failed for one of its peers")
                self._break_off(peer)
            if effect.urgent:
                pump.flush()
            else:
                pending.add(pump)
        if effect.urgent:
            self._meter.urgent(steady())

    def _close(self, effect: Close) -> None:
        pump = self.pumps.get(effect.peer)
        if pump is not None:
            pump.flush()
            pump.end(effect.reason)

    def _break_off(self, peer: PeerId) -> None:
        pump = self.pumps.get(peer)
        if pump is not None:
            pump.abort("internal error")

    def _say(self, effect: Tell) -> None:
        self._meter.told(effect.event)
        self._tell(effect.event)
