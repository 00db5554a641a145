"""A whole world from one seed: a pool, a chain, miners that really hash, and the weather between them.

    world = World(WorldPlan(seed=1, trades=...))
    world.run(600)

Rule: the same plan makes the same transcript. Bytes go through real Connections; only time and space are made up.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from random import Random
from typing import Any

from sluice.bitcoin.network import REGTEST
from sluice.node.embedded.chain import ChainPlan
from sluice.noise.certificate import issue_identity
from sluice.pool.effects import BlockEffect, Look, Note, Park, Record, Settle, Submit
from sluice.pool.events import Happening, PeerLeft
from sluice.pool.inputs import EndChannel, Event, Input, Offered, PeerId, Wire
from sluice.pool.policy import Policy
from sluice.pool.pool import Pool
from sluice.pool.state import PoolState
from sluice.sim.miner.referee import Referee, Sent
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sim.world.disk import WorldDisk
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.link import Link, Weather
from sluice.sim.world.miner import Outside, Submission, Trade, WorldMiner
from sluice.sim.world.node import EPOCH, NAME, WorldNode
from sluice.sim.world.nodes import WorldNodes
from sluice.sim.world.pool import CLIENT_END, POOL_END, Hooks, WorldPool
from sluice.sv2.connection import Tagged
from sluice.tlv.messages import SubmitShares
from sluice.work.job import Payout
from sluice.work.vardiff import VardiffPolicy

#: The pool is paid here; a world's coins are worth nothing.
PAYOUT = Payout(b"\x51", b"world")
#: Twice the usual shares, so that minutes are enough to see something.
POLICY = Policy(VardiffPolicy(shares_per_minute=12))
FAIR = Weather()
#: Miners come within so many seconds of a world's beginning.
ARRIVAL_SECONDS = 5.0
_YEAR = 31_536_000
#: Who hears of it when a link is cut: a router restarts, a miner loses its power, a pool's machine fails.
_CUTS = ((CLIENT_END, POOL_END), (CLIENT_END,), (POOL_END,))


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """What a world is like; times in seconds."""

    seed: int
    trades: tuple[Trade, ...]
    policy: Policy = POLICY
    weather: Weather = FAIR
    block_seconds: float = 30.0
    refresh_seconds: float = 10.0
    #: Mean time between blocks that others find, and between links that are cut; 0 for never.
    others_every: float = 0.0
    cuts_every: float = 0.0
    #: The nodes through which the pool sees the chain.
    nodes: tuple[str, ...] = (NAME,)
    #: Whether connections are encrypted.
    sealed: bool = True


class World:
    """Mutable; one owner. What happened is in `transcript`, and in the books of everybody."""

    def __init__(self, plan: WorldPlan) -> None:
        self.plan = plan
        self.clock = JumpingClock()
        self.referee = Referee(plan.policy.stale_grace)
        #: What the pool heard and told, line by line.
        self.transcript: list[str] = []
        #: Whether links are cut.
        self.stormy = plan.cuts_every > 0
        self._departed: list[PeerLeft] = []
        self._peers: dict[WorldMiner, PeerId] = {}
        hash_rate = sum(trade.hash_rate for trade in plan.trades)
        chain = ChainPlan(max(1, int(hash_rate)), plan.block_seconds, 1.0, plan.seed)
        self.nodes = WorldNodes(self.clock, plan.nodes, self.feed, self._told)
        self.node = WorldNode(self.clock, chain, plan.refresh_seconds, self.nodes.hear)
        self.nodes.look_out(self.node.chain)
        self.disk = WorldDisk(self.clock, self.feed)
        self.pool = self._pool()
        outside = Outside(self._dial, self._sent, plan.sealed)
        self.miners = [
            WorldMiner(self.clock, self._noise(trade.name), trade, outside) for trade in plan.trades
        ]
        self._begin()

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.clock.run_until(self.clock.now + seconds)

    def feed(self, happened: Input) -> None:
        """Something happens to the pool that no miner did."""
        if isinstance(happened, Offered):
            self.referee.turned(happened.template.prev_hash, self.clock.now)
        elif isinstance(happened, EndChannel):
            self.referee.ended(happened.peer, happened.channel_id)
        self.pool.feed(happened)

    @property
    def credited_work(self) -> int:
        """By the pool's own books, in hashes."""
        live = self.pool.pool.state.miners.values()
        return sum(miner.work for miner in live) + sum(left.work for left in self._departed)

    @property
    def accepted(self) -> int:
        """Shares, by the pool's own books."""
        live = self.pool.pool.state.miners.values()
        return sum(miner.accepted for miner in live) + sum(left.accepted for left in self._departed)

    @property
    def refused(self) -> int:
        """Shares, by the pool's own books."""
        live = self.pool.pool.state.miners.values()
        return sum(miner.refused for miner in live) + sum(left.refused for left in self._departed)

    @property
    def told_refused(self) -> Counter[str]:
        """Refusals that reached a miner, by word."""
        return Counter(word for miner in self.miners for word in miner.book.refused)

    def _noise(self, name: str) -> Random:
        """Chance for one part of the world, whatever the others do with theirs."""
        return Random(f"{self.plan.seed} {name}")

    def _pool(self) -> WorldPool:
        noise = self._noise("pool")
        identity = None
        if self.plan.sealed:
            secret = sha256(b"world").digest()
            identity = issue_identity(secret, EPOCH, _YEAR, noise.randbytes(96))
        state = PoolState(self.plan.policy, PAYOUT, REGTEST, EPOCH)
        hooks = Hooks(self._heard, self._told, self._block)
        return WorldPool(self.clock, noise, Pool(state), identity, hooks)

    def _block(self, effect: BlockEffect) -> None:
        calls: dict[type[BlockEffect], Callable[[Any], None]] = {
            Record: self.disk.record,
            Note: self.disk.note,
            Settle: self.disk.settle,
            Park: self.disk.park,
            Submit: self.node.submit,
            Look: self.node.look,
        }
        calls[type(effect)](effect)

    def _begin(self) -> None:
        noise = self._noise("beginning")
        for miner in self.miners:
            self.clock.after(noise.uniform(0, ARRIVAL_SECONDS), miner.connect)
        if self.plan.others_every:
            self._now_and_then(self._noise("others"), self.plan.others_every, self.node.others_find)
        if self.stormy:
            noise = self._noise("cuts")
            self._now_and_then(noise, self.plan.cuts_every, partial(self._cut_one, noise))

    def _now_and_then(self, noise: Random, every: float, action: Callable[[], None]) -> None:
        """Do it at random moments, `every` seconds apart in the mean."""

        def once_more() -> None:
            action()
            self.clock.after(noise.expovariate(1 / every), once_more)

        self.clock.after(noise.expovariate(1 / every), once_more)

    def _cut_one(self, noise: Random) -> None:
        link = noise.choice(self.miners).link
        if link is not None and self.stormy:
            link.cut(*noise.choice(_CUTS))

    def _dial(self, miner: WorldMiner) -> Link:
        seat = self.pool.seat(Wire.TLV if isinstance(miner.trade.plan, TlvPlan) else Wire.SV2)
        self._peers[miner] = seat.peer
        seat.link = Link(self.clock, self._noise(f"link {seat.peer}"), self.plan.weather, (miner, seat))
        return seat.link

    def _sent(self, miner: WorldMiner, unit: WorkUnit, share: Share, message: Submission) -> None:
        key = (self._peers[miner], unit.channel_id, number_of(message))
        self.referee.sent(key, Sent(share.hash, unit.tip.prev_hash, unit.target))

    def _heard(self, peer: PeerId, event: Event) -> None:
        self._note(f"{peer} says {event}")
        message = event.message if isinstance(event, Tagged) else event
        if isinstance(message, Submission):
            self.referee.arrived((peer, message.channel_id, number_of(message)), self.clock.now)

    def _told(self, event: Happening) -> None:
        self._note(str(event))
        if isinstance(event, PeerLeft):
            self._departed.append(event)

    def _note(self, line: str) -> None:
        self.transcript.append(f"{self.clock.now:.6f} {line}")


def number_of(message: Submission) -> int:
    """What tells a share from all others of its channel: its sequence number; without one, what it is made of."""
    if not isinstance(message, SubmitShares):
        return message.sequence_number
    [share] = message.shares
    return share.job_id << 64 | share.nonce << 32 | share.version
