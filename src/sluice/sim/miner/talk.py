"""A miner's side of a conversation: what decides and what speaks, on one of the wires.

Rule: whoever moves the bytes asks nothing about the wire but whether a handshake comes before the first word.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sluice.noise.handshake import Initiator
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.deeds import Deed
from sluice.sim.miner.tlv_client import TlvClient, TlvPlan
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sv2 import connection as sv2
from sluice.tlv import connection as tlv
from sluice.wire.side import Side


class Client(Protocol):
    """The brain, as `sim.client` describes it."""

    def start(self, now: float, /) -> Sequence[Deed]:
        """The first message."""

    def receive(self, event: Any, now: float, /) -> Sequence[Deed]:
        """What to do about what the server says."""

    def submit(self, unit: WorkUnit, share: Share, /) -> Sequence[Deed]:
        """Send in a share; nothing when nobody wants it."""

    def tick(self, now: float, /) -> Sequence[Deed]:
        """What to do because time passed."""

    def close(self, reason: str, /) -> Sequence[Deed]:
        """The last words."""


class Mouth(Protocol):
    """The connection, as `sv2.connection` describes it."""

    def receive_data(self, data: bytes, /) -> None:
        """Take bytes."""

    def receive_eof(self) -> None:
        """No more will come."""

    def events(self) -> Sequence[Any]:
        """What they said."""

    def send(self, message: Any, /, *tlvs: Any) -> None:
        """Queue a message."""

    def data_to_send(self) -> bytes:
        """All that is to be written, once."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Both, for one connection; `shakes`: the connection says when it is secured, and the client starts then."""

    client: Client
    connection: Mouth
    shakes: bool


def talk_of(plan: ClientPlan | TlvPlan, authority_key: bytes | None) -> Talk:
    """The conversation that a plan is for."""
    if isinstance(plan, TlvPlan):
        return Talk(TlvClient(plan), tlv.Connection(Side.CLIENT), shakes=False)
    entropy = secrets.token_bytes(64)
    initiator = Initiator(authority_key, int(time.time()), entropy[:32], entropy[32:])
    return Talk(MiningClient(plan), sv2.Connection(Side.CLIENT, initiator), shakes=True)
