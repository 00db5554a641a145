"""A pool, fed one input at a time, and miners that talk to it: every effect is taken and kept.

`Device` is the real client's brain: a pool that breaks a rule of the specification makes it raise RuleBroken.
Rule: nothing stands in for the pool or the client; only bytes are left out between them.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from msgspec.structs import replace as replace_fields

from sluice.bitcoin.network import REGTEST, Network
from sluice.bitcoin.target import MAX_TARGET, Target, difficulty, meets
from sluice.pool.effects import Broadcast, Close, Effect, Record, Send, Tell
from sluice.pool.events import Happening
from sluice.pool.inputs import Connected, Gone, Input, Offered, Said, Ticked, Wire
from sluice.pool.miner import Miner
from sluice.pool.policy import Policy
from sluice.pool.pool import Pool
from sluice.pool.ports import FoundBlock
from sluice.pool.state import PoolState
from sluice.sim.miner import deeds
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.hasher import grind
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sv2.connection import Event, Tagged
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection
from sluice.sv2.messages.mining import (
    OpenExtendedMiningChannel,
    OpenStandardMiningChannel,
    SubmitSharesExtended,
    SubmitSharesStandard,
)
from sluice.work.channel import Channel
from sluice.work.template import Template
from sluice.work.vardiff import VardiffPolicy
from support.work import HEIGHT, NTIME, PAYOUT, template

T = TypeVar("T")

START = 1_000.0
POLICY = Policy(VardiffPolicy())
#: With 6 shares a minute, a share takes so many hashes: few enough for a test to find some.
SLOW = 1.0
HASHES_A_SHARE = 10
EVERYTHING = MAX_TARGET.to_bytes(32, "little")


class PoolTalk:
    """A pool with its clock. What it sent, told, closed and submitted is kept until taken."""

    def __init__(self, policy: Policy = POLICY, network: Network = REGTEST) -> None:
        self.pool = Pool(PoolState(policy, PAYOUT, network, NTIME))
        self.now = START
        self.sent: defaultdict[int, list[Message]] = defaultdict(list)
        self.events: list[Happening] = []
        self.blocks: list[FoundBlock] = []
        self.closed: dict[int, str] = {}
        self.devices: dict[int, Device] = {}
        self._peers = count(1)
        self._to_deliver: deque[tuple[Device, Message]] = deque()

    @property
    def state(self) -> PoolState:
        return self.pool.state

    @property
    def unix_time(self) -> int:
        return NTIME + int(self.now - START)

    def feed(self, happened: Input) -> list[Effect]:
        """All effects of an input; devices hear what they are sent."""
        effects = []
        for effect in self.pool.react(happened, self.now):
            effects.append(effect)
            self._perform(effect)
        self.deliver()
        return effects

    def connect(self, wire: Wire = Wire.SV2) -> int:
        """A new peer."""
        peer = next(self._peers)
        self.feed(Connected(peer, f"192.0.2.1:{peer}", wire))
        return peer

    def say(self, peer: int, *events: Event) -> list[Message]:
        """A peer says these; what it was sent since it was last asked for."""
        self.feed_said(peer, *events)
        return self.take(peer)

    def feed_said(self, peer: int, *events: Event) -> list[Effect]:
        """A peer says these; all effects of them."""
        return [effect for event in events for effect in self.feed(Said(peer, event))]

    def take(self, peer: int) -> list[Message]:
        """What a peer was sent, once."""
        return self.sent.pop(peer, [])

    def happened(self, kind: type[T]) -> list[T]:
        """What was told of this kind, once."""
        found: list[T] = [event for event in self.events if isinstance(event, kind)]
        self.events = [event for event in self.events if not isinstance(event, kind)]
        return found

    def offer(self, height: int = HEIGHT, fork: int = 0, **changes: Any) -> Template:
        """The node offers a template; no share of it is a block unless `changes` give other nbits."""
        offered = template(height, fork, **({"ntime": self.unix_time} | changes))
        self.feed(Offered(offered))
        return offered

    def pass_time(self, seconds: float, step: float = 0.1) -> None:
        """Ticks, `step` seconds apart, for so long."""
        for _ in range(round(seconds / step)):
            self.tick(step)

    def tick(self, seconds: float) -> None:
        """One tick, so much later."""
        self.now += seconds
        self.feed(Ticked(self.unix_time))

    def leave(self, peer: int, reason: str = "closed by the peer") -> None:
        self.devices.pop(peer, None)
        self.feed(Gone(peer, reason))

    def miner(self, peer: int) -> Miner:
        return self.state.miners[peer]

    def channel(self, peer: int, channel_id: int = 2) -> Channel:
        return self.state.miners[peer].channels[channel_id]

    def deliver(self) -> None:
        """Devices hear what was sent to them, in order; what they answer comes after."""
        waiting = self._to_deliver
        if waiting and waiting[0][0].hearing:
            return
        while waiting:
            device, message = waiting[0]
            device.hearing = True
            try:
                device.hear(message)
            finally:
                device.hearing = False
                waiting.popleft()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send():
                self._send(effect.peer, effect.message)
            case Broadcast():
                for peer in effect.peers:
                    self._send(peer, effect.message)
            case Close():
                assert effect.peer not in self.closed, "closed twice"
                self.closed[effect.peer] = effect.reason
                self.devices.pop(effect.peer, None)
            case Record():
                self.blocks.append(effect.found)
            case Tell():
                self.events.append(effect.event)

    def _send(self, peer: int, message: Any) -> None:
        assert peer not in self.closed, f"{message} is sent to a peer that was closed"
        self.sent[peer].append(message)
        if peer in self.devices:
            self._to_deliver.append((self.devices[peer], message))


class Device:
    """The client's brain on a connection; it hashes when told to."""

    def __init__(self, talk: PoolTalk, plan: ClientPlan) -> None:
        self.talk = talk
        self.client = MiningClient(plan)
        self.extended = plan.channels[0].extended
        self.takes_extended = not plan.standard_jobs
        self.peer = talk.connect()
        self.hearing = False
        #: What each channel hashes now, and where it is in it.
        self.units: dict[int, WorkUnit] = {}
        self._tried: dict[int, int] = {}
        self.refused: list[deeds.ShareRefused] = []
        self.left: deeds.Leave | None = None
        talk.devices[self.peer] = self
        self.carry_out(self.client.start(talk.now))

    def hear(self, message: Message) -> None:
        self.carry_out(self.client.receive(message, self.talk.now))

    def carry_out(self, to_do: Any) -> None:
        """Do what the brain wants done."""
        for deed in to_do:
            match deed:
                case deeds.Send():
                    said: Any = deed.message
                    message: Event = Tagged(said, deed.tlvs) if deed.tlvs else said
                    self.talk.feed(Said(self.peer, message))
                case deeds.Mine():
                    self.units[deed.unit.channel_id] = deed.unit
                case deeds.Rest():
                    self.units.pop(deed.channel_id, None)
                case deeds.ShareRefused():
                    self.refused.append(deed)
                case deeds.Leave():
                    self.left = deed

    def unit(self, channel_id: int = 2) -> WorkUnit:
        return self.units[channel_id]

    def shares(self, unit: WorkUnit) -> Iterator[Share]:
        """Shares of a unit, none twice."""
        while True:
            start = self._tried.get(unit.job.job_id, 0)
            self._tried[unit.job.job_id] = start + 1
            yield from grind(unit, start, 1)

    def find(self, times: int = 1, channel_id: int = 2, unit: WorkUnit | None = None) -> None:
        """Find shares in the current unit, or a given one, and send them in."""
        for _ in range(times):
            its = unit or self.units[channel_id]
            self.submit(its, next(self.shares(its)))

    def dig(self, attempts: int, channel_id: int = 2) -> list[Share]:
        """So many attempts in the current unit; what they found is not sent in yet."""
        unit = self.units[channel_id]
        start = self._tried.get(unit.job.job_id, 0)
        self._tried[unit.job.job_id] = start + attempts
        return grind(unit, start, attempts)

    def submit(self, unit: WorkUnit, share: Share) -> None:
        self.carry_out(self.client.submit(unit, share))

    def forge(self, unit: WorkUnit, share: Share, **changes: Any) -> None:
        """Send in a share that the client would not: of a job that is void for it, or with fields changed."""
        channel = self.client.channels.find(unit.channel_id)
        assert channel is not None
        is_block = meets(share.hash, unit.network_target)
        sequence = channel.submissions.add(difficulty(unit.target), is_block)
        numbers = (unit.channel_id, sequence, unit.job.job_id, share.nonce, share.ntime, share.version)
        message = (
            SubmitSharesExtended(*numbers, share.extranonce)
            if channel.terms.extended
            else SubmitSharesStandard(*numbers)
        )
        self.talk.feed(Said(self.peer, replace_fields(message, **changes)))

    def open(self, wish: ChannelWish) -> None:
        self.carry_out([self.client.open(wish, self.talk.now)])

    def update(self, hash_rate: float, max_target: Target) -> None:
        """Tell of another hash rate and limit of the first channel."""
        channel = next(iter(self.client.channels))
        self.carry_out([self.client.update(channel, hash_rate, max_target, self.talk.now)])

    def close(self) -> None:
        self.carry_out(self.client.close("the miner stops"))


def wish(*, extended: bool = False, user: str = "alice", hash_rate: float = SLOW) -> ChannelWish:
    return ChannelWish(user, extended, hash_rate)


STANDARD = ClientPlan("pool.example", 3333, (wish(),), standard_jobs=True)
GROUPED = replace(STANDARD, standard_jobs=False)
EXTENDED = ClientPlan("pool.example", 3333, (wish(extended=True),))


def mining(plan: ClientPlan = EXTENDED, policy: Policy = POLICY, **changes: Any) -> Device:
    """A device that mines on a pool of its own; what was sent and told so far is forgotten.

    `changes` are the template's.
    """
    talk = PoolTalk(policy)
    talk.offer(**changes)
    device = Device(talk, plan)
    talk.sent.clear()
    talk.events.clear()
    return device


def setup(flags: int = 0, protocol: int = 0, versions: tuple[int, int] = (2, 2)) -> SetupConnection:
    return SetupConnection(protocol, *versions, flags, "pool.example", 3333, "Sluice", "CPU", "1.0", "")


def open_standard(
    request_id: int = 1, user: str = "alice", hash_rate: float = SLOW, max_target: bytes = EVERYTHING
) -> OpenStandardMiningChannel:
    return OpenStandardMiningChannel(request_id, user, hash_rate, max_target)


def open_extended(
    request_id: int = 1,
    user: str = "alice",
    hash_rate: float = SLOW,
    max_target: bytes = EVERYTHING,
    min_extranonce_size: int = 4,
) -> OpenExtendedMiningChannel:
    return OpenExtendedMiningChannel(request_id, user, hash_rate, max_target, min_extranonce_size)


def kinds(messages: list[Message]) -> list[type[Message]]:
    return [type(message) for message in messages]


def one(things: list[Any], kind: type[T]) -> T:
    """The one thing of this kind."""
    (found,) = (thing for thing in things if isinstance(thing, kind))
    return found
