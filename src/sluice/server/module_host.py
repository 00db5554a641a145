"""The module beside a running pool: the node's calls answered, the pool's life announced, payouts asked for.

Rule: every call but an answer is optional, as a node of today ends the connection of who asks for what it does not
allow; what was not let through is told once, and tried again when the client thinks it worth it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sluice.blvm.envelopes import EventMessage
from sluice.blvm.events.modules import StratumV2MessageReceived
from sluice.blvm.events.types import EventType
from sluice.blvm.modules import Call, Result
from sluice.blvm.requests import CallModule, IsModuleAvailable, PublishEvent, SendStratumV2MessageToPeer
from sluice.blvm.responses import ModuleApiResponse, ModuleAvailable
from sluice.module.announcements import Announcer
from sluice.module.datum import DATUM_MODULES, FOUND_METHOD, PAYOUT_METHOD, payout_by, proof_of
from sluice.module.module import Module
from sluice.module.request import Refusal
from sluice.module.sight import Place, Sight
from sluice.node.blvm.client import BlvmClient, CallFailed
from sluice.pool.events import Happening
from sluice.pool.inputs import SetPayout
from sluice.pool.ports import FoundBlock
from sluice.server.clock import steady
from sluice.server.loop import Owner
from sluice.server.node_peers import NodePeers
from sluice.work.job import Payout

#: Seconds between two looks at what is to be announced.
ANNOUNCE_SECONDS = 0.25
#: Seconds between two questions whom to pay: as often as a template is refreshed.
PAYOUT_SECONDS = 30.0
#: Seconds for which an answer holds when no other one comes; then all is paid to us again, as the list may be old.
PAYOUT_HOLDS = 600.0
#: Found blocks that wait to be told of; more come on regtest alone.
FOUND_KEPT = 16

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Which optional calls are made. Each needs a permission that a node may not give."""

    publish: bool = False
    datum: bool = False
    peers: bool = False


class ModuleHost:
    """Joins one node's client, the module's brain and the pool. Mutable; one owner: the event loop."""

    def __init__(self, client: BlvmClient, place: Place, wishes: Wishes, tell: Callable[[str], None]) -> None:
        """`tell` lets a person know, in a sentence; it may not block."""
        self.module = Module()
        self._client = client
        self._place = place
        self._wishes = wishes
        self._tell = tell
        self._told: set[str] = set()
        self._owner: Owner | None = None
        self._announcer: Announcer | None = None
        self._found: deque[FoundBlock] = deque(maxlen=FOUND_KEPT)
        self._bell = asyncio.Event()
        self._peers: NodePeers | None = None
        self._heard_before = client.hooks.heard
        client.hooks.invoked = self.invoked
        client.hooks.heard = self.heard

    def invoked(self, call: Call) -> Result | str:
        """The node wants something done. Never raises, as the node waits for an answer."""
        owner = self._owner
        if owner is None:
            return "the module is still starting"
        try:
            answer = self.module.answer(call, Sight(owner.pool.state, self._place, steady()))
        except Exception:  # a bug of ours must still be an answer: the node waits for one
            logger.exception("a call of the node's failed")
            return "internal error"
        if answer.wanted is not None:
            owner.feed(answer.wanted)
        return answer.result

    def heard(self, event: EventMessage) -> None:
        """The node says that something has happened."""
        self._heard_before(event)
        if self._peers is not None and isinstance(event.payload, StratumV2MessageReceived):
            self._peers.heard(event.payload)

    def told(self, event: Happening) -> None:
        """The pool has said something."""
        if self._announcer is not None:
            self._announcer.hear(event)

    def found(self, block: FoundBlock) -> None:
        """A block was found."""
        self.module.api.merge_mining.blocks.append(block)
        self._found.append(block)
        self._bell.set()

    async def run(self, owner: Owner) -> None:
        """Until cancelled."""
        self._owner = owner
        async with asyncio.TaskGroup() as group:
            if self._wishes.publish:
                group.create_task(self._announce(owner))
            if self._wishes.datum:
                group.create_task(self._ask_for_payouts(owner))
                group.create_task(self._tell_of_blocks())
            if self._wishes.peers:
                self._peers = NodePeers(owner)
                group.create_task(self._peers.run(self._send))
            await asyncio.Event().wait()

    async def _announce(self, owner: Owner) -> None:
        announcer = self._announcer = Announcer(owner.pool.state, steady())
        try:
            while True:
                for payload in announcer.due(steady()):
                    try:
                        await self._client.request(PublishEvent(EventType[payload.wire_name], payload))
                    except CallFailed as failed:
                        self._say_once("nothing can be announced", failed)
                await asyncio.sleep(ANNOUNCE_SECONDS)
        finally:
            announcer.end()

    async def _ask_for_payouts(self, owner: Owner) -> None:
        own = paid = owner.pool.state.book.payout
        until = 0.0
        while True:
            payout = await self._payout(own)
            if payout is not None:
                until = steady() + PAYOUT_HOLDS
            elif steady() >= until:
                payout = own
            if payout is not None and payout != paid:
                paid = payout
                owner.feed(SetPayout(payout))
            await asyncio.sleep(PAYOUT_SECONDS)

    async def _payout(self, own: Payout) -> Payout | None:
        """Whom to pay now; None if that could not be found out."""
        try:
            name = await self._datum()
            if name is None:
                return own
            call = CallModule(name, PAYOUT_METHOD, b"{}")
            answer = await self._client.ask(call, ModuleApiResponse)
            return payout_by(answer.value, own)
        except CallFailed as failed:
            self._say_once("DATUM cannot be asked whom to pay", failed)
        except Refusal as refusal:
            self._say_once("what DATUM says of whom to pay is of no use", refusal)
        return None

    async def _datum(self) -> str | None:
        """The name by which the module is there; None if it is not."""
        for name in DATUM_MODULES:
            if (await self._client.ask(IsModuleAvailable(name), ModuleAvailable)).value:
                return name
        return None

    async def _tell_of_blocks(self) -> None:
        """DATUM wants to know of blocks; that they are submitted does not depend on it."""
        while True:
            if not self._found:
                self._bell.clear()
                await self._bell.wait()
            block = self._found.popleft()
            try:
                name = await self._datum()
                if name is not None:
                    await self._client.request(CallModule(name, FOUND_METHOD, proof_of(block)))
            except CallFailed as failed:
                self._say_once("DATUM cannot be told of a block", failed)

    async def _send(self, peer: str, data: bytes) -> None:
        try:
            await self._client.request(SendStratumV2MessageToPeer(peer, data))
        except CallFailed as failed:
            self._say_once("miners cannot be answered over the node's peers", failed)
            raise ConnectionError(failed.reason) from failed

    def _say_once(self, what: str, why: Exception) -> None:
        if what not in self._told:
            self._told.add(what)
            self._tell(f"{what}: {why}")
