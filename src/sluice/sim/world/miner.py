"""A miner of a simulated world: the real client's brain and its real hashing, a little at a time.

Rule: between two connections it waits a moment, as the real one does; a pool that breaks a rule is left for good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from sluice.noise.handshake import Initiator
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.deeds import Deed, Leave, Mine, Rest, Send, ShareRefused, SharesAccepted
from sluice.sim.miner.rules import RuleBroken
from sluice.sim.miner.stripe import Stripe
from sluice.sim.miner.talk import Client, Mouth
from sluice.sim.miner.tlv_client import TlvClient, TlvPlan
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.link import Link
from sluice.sim.world.node import EPOCH
from sluice.sim.world.pool import CLIENT_END, POOL_END
from sluice.sv2.connection import Connection, Secured
from sluice.sv2.messages.mining import SubmitSharesExtended, SubmitSharesStandard
from sluice.tlv import connection as tlv
from sluice.tlv.messages import SubmitShares
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side

Submission = SubmitSharesStandard | SubmitSharesExtended | SubmitShares

#: Seconds that one batch of hashes takes: new work waits for the end of a batch.
DIG_SECONDS = 0.25
#: Seconds before the next attempt to connect, from and to.
PAUSE = (0.5, 3.0)
#: Seconds between two looks at what it waits for in vain.
TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Trade:
    """What a miner is: its wishes, and its real hash rate, which it need not tell."""

    name: str
    plan: ClientPlan | TlvPlan
    hash_rate: float


@dataclass(slots=True)
class Book:
    """What a miner did, over all its connections."""

    hashes: int = 0
    submitted: int = 0
    accepted: int = 0
    refused: list[str] = field(default_factory=list)
    connections: int = 0
    #: Why connections ended.
    endings: list[str] = field(default_factory=list)
    #: The rule that the pool broke, if it did.
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Outside:
    """What a miner needs of the world: a link to the pool, and somebody who is told of each share it sends."""

    dial: Callable[["WorldMiner"], Link]
    sent: Callable[["WorldMiner", WorkUnit, Share, Submission], None]
    sealed: bool


class WorldMiner:
    """One end of its link of the moment. Mutable; one owner."""

    __slots__ = (
        "_client",
        "_clock",
        "_connection",
        "_left_over",
        "_link",
        "_noise",
        "_outside",
        "_stripes",
        "book",
        "trade",
    )

    def __init__(self, clock: JumpingClock, noise: Random, trade: Trade, outside: Outside) -> None:
        self.trade = trade
        self.book = Book()
        self._clock = clock
        self._noise = noise
        self._outside = outside
        self._link: Link | None = None
        self._client, self._connection, _ = self._talk()
        self._stripes: dict[int, Stripe] = {}
        self._left_over = 0.0  # hashes that were too few for a batch
        clock.every(DIG_SECONDS, self._dig)
        clock.every(TICK_SECONDS, self._tick)

    @property
    def link(self) -> Link | None:
        """The way to the pool, while there is one."""
        return self._link

    def connect(self) -> None:
        """Begin anew: another link, another connection, another client."""
        self.book.connections += 1
        self._stripes.clear()
        self._client, self._connection, shakes = self._talk()
        self._link = self._outside.dial(self)
        if not shakes:
            self._do(lambda: self._client.start(self._clock.now))
        self._write()

    def _talk(self) -> tuple[Client, Mouth, bool]:
        """A client and its connection, on the wire of its plan; whether they shake hands first."""
        plan = self.trade.plan
        if isinstance(plan, TlvPlan):
            return TlvClient(plan), tlv.Connection(Side.CLIENT), False
        if not self._outside.sealed:
            return MiningClient(plan), Connection(Side.CLIENT), False
        entropy = self._noise.randbytes(64)
        handshake = Initiator(None, EPOCH + int(self._clock.now), entropy[:32], entropy[32:])
        return MiningClient(plan), Connection(Side.CLIENT, handshake), True

    def receive(self, data: bytes) -> None:
        """Bytes arrived."""
        try:
            self._connection.receive_data(data)
        except RemoteProtocolError as error:
            self._break_off(str(error))
            return
        for event in self._connection.events():
            if isinstance(event, Secured):
                self._do(lambda: self._client.start(self._clock.now))
            self._do(partial(self._client.receive, event, self._clock.now))

    def lost(self, reason: str) -> None:
        """The link has ended: a pause, then the next one, unless the pool is one that breaks rules."""
        self._link = None
        self._stripes.clear()
        self.book.endings.append(reason)
        if not self.book.broken:
            self._clock.after(self._noise.uniform(*PAUSE), self.connect)

    def _tick(self) -> None:
        self._do(lambda: self._client.tick(self._clock.now))

    def _dig(self) -> None:
        at_work = [stripe for stripe in self._stripes.values() if stripe.unit]
        if not at_work:
            return
        affordable = self._left_over + self.trade.hash_rate * DIG_SECONDS
        each = int(affordable / len(at_work))
        self._left_over = affordable - each * len(at_work)
        for stripe in at_work:
            unit = stripe.unit
            assert unit is not None
            stripe.batch = each
            tried, shares = stripe.dig(unit.ntime_lead(self._clock.now))
            self.book.hashes += tried
            for share in shares:
                self._do(partial(self._submit, unit, share))

    def _submit(self, unit: WorkUnit, share: Share) -> Sequence[Deed]:
        deeds = self._client.submit(unit, share)
        for deed in deeds:
            if isinstance(deed, Send) and isinstance(deed.message, Submission):
                self.book.submitted += 1
                self._outside.sent(self, unit, share, deed.message)
        return deeds

    def _do(self, decide: Callable[[], Sequence[Deed]]) -> None:
        """Let the brain decide, and do it, while there is a link."""
        if self._link is None:
            return
        try:
            deeds = decide()
        except RuleBroken as broken:
            self._break_off(str(broken))
            return
        for deed in deeds:
            self._carry_out(deed)
        self._write()

    def _carry_out(self, deed: Deed) -> None:
        match deed:
            case Send():
                self._connection.send(deed.message, *([deed.tlvs] if deed.tlvs else []))
            case Mine():
                stripe = self._stripes.setdefault(deed.unit.channel_id, Stripe(0, 1))
                stripe.take(deed.unit)
            case Rest():
                self._stripes.pop(deed.channel_id, None)
            case SharesAccepted():
                self.book.accepted += deed.count
            case ShareRefused():
                self.book.refused.append(deed.reason)
            case Leave():
                self._hang_up(deed.reason)

    def _break_off(self, rule: str) -> None:
        self.book.broken = rule
        self._hang_up(rule)

    def _hang_up(self, reason: str) -> None:
        if self._link is not None:
            self._write()
            self._link.close(CLIENT_END)
            self.lost(reason)

    def _write(self) -> None:
        data = self._connection.data_to_send()
        if data and self._link is not None:
            self._link.send(POOL_END, data)
