"""A template provider's brain and clients on it, with nothing between them but their messages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import msgspec

from sluice.bitcoin.network import MAINNET, Network
from sluice.pool.effects import Broadcast, Close, Effect, Record, Send, Tell
from sluice.pool.events import Happening
from sluice.pool.inputs import Connected, Gone, Input, Offered, Said, Ticked
from sluice.pool.ports import FoundBlock
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection
from sluice.tdp.client import Deed, ProviderPlan, TemplateClient
from sluice.tdp.constraints import Constraints
from sluice.tdp.desk import Desk, DeskPolicy
from sluice.tdp.memory import Memory
from sluice.work.template import Template
from support.provider import ROOM
from support.wire import setup
from support.work import NTIME

T = TypeVar("T")
H = TypeVar("H", bound=Happening)
SETUP: SetupConnection = msgspec.structs.replace(setup(2), vendor="Sluice")


class Front:
    """A desk, and all that it did; each peer's messages wait in `inbox` until somebody takes them."""

    def __init__(self, policy: DeskPolicy | None = None, network: Network = MAINNET) -> None:
        self.desk = Desk(policy or DeskPolicy(pause=0.0), network, NTIME)
        self.network = network
        self.now = 1_000.0
        self.effects: list[Effect] = []
        self.inbox: dict[int, list[Message]] = {}
        self._peers = count(1)

    def feed(self, happened: Input) -> list[Effect]:
        done = list(self.desk.react(happened, self.now))
        self.effects += done
        for effect in done:
            for peer in self._addressed(effect):
                if peer in self.inbox:
                    self.inbox[peer].append(effect.message)  # type: ignore[union-attr, arg-type]
        return done

    def _addressed(self, effect: Effect) -> Iterable[int]:
        match effect:
            case Send():
                return (effect.peer,)
            case Broadcast():
                return effect.peers
        return ()

    def offer(self, template: Template) -> list[Effect]:
        return self.feed(Offered(template))

    def tick(self, seconds: float = 1.0) -> list[Effect]:
        self.now += seconds
        return self.feed(Ticked(NTIME + int(self.now) - 1_000))

    def connect(self) -> int:
        peer = next(self._peers)
        self.inbox[peer] = []
        self.feed(Connected(peer, f"192.0.2.{peer}:1"))
        return peer

    def say(self, peer: int, *events: Any) -> list[Message]:
        """What a peer gets for these words."""
        for event in events:
            self.feed(Said(peer, event))
        return self.take(peer)

    def take(self, peer: int) -> list[Message]:
        taken, self.inbox[peer] = self.inbox[peer], []
        return taken

    def leave(self, peer: int) -> None:
        del self.inbox[peer]
        self.feed(Gone(peer, "it left"))

    def told(self, kind: type[H]) -> list[H]:
        return [
            effect.event
            for effect in self.effects
            if isinstance(effect, Tell) and isinstance(effect.event, kind)
        ]

    @property
    def found(self) -> list[FoundBlock]:
        """Blocks that have set out, first of all onto the disk."""
        return [effect.found for effect in self.effects if isinstance(effect, Record)]

    @property
    def closed(self) -> dict[int, str]:
        return {effect.peer: effect.reason for effect in self.effects if isinstance(effect, Close)}


@dataclass
class Guest:
    """One of our own clients at a front: what it makes of all that it hears."""

    front: Front
    constraints: Constraints = ROOM
    memory: Memory = field(default_factory=Memory)
    offered: list[Template] = field(default_factory=list)

    def __post_init__(self) -> None:
        plan = ProviderPlan("provider.example", 8442, self.front.network, self.constraints)
        self.client = TemplateClient(plan, self.memory, count(1).__next__)
        self.peer = self.front.connect()
        self._do(self.client.start(self.front.now))
        self.listen()

    def listen(self) -> None:
        """Hear all that there is, and what comes of it."""
        while messages := self.front.take(self.peer):
            for message in messages:
                self._do(self.client.receive(message, self.front.now, NTIME))

    def _do(self, deeds: Iterable[Deed]) -> None:
        for deed in deeds:
            if isinstance(deed, Template):
                self.offered.append(deed)
            else:
                assert isinstance(deed, Message), deed
                self.front.feed(Said(self.peer, deed))
