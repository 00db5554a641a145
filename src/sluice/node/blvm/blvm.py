"""A blvm-node as the pool's Node, over its module API; blocks also by its JSON-RPC.

Rule: events only ring, the chain is looked at. A new tip has a template without transactions at once, ours alone;
one with the node's transactions follows when the node has answered.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count, repeat
from time import time

from sluice.bitcoin.hashes import BlockHash, to_display
from sluice.bitcoin.network import Network
from sluice.blvm.envelopes import EventMessage
from sluice.blvm.events.chain import BlockTemplateUpdated
from sluice.blvm.events.modules import NodeShutdown
from sluice.blvm.events.network import BlockValidationCompleted
from sluice.blvm.events.types import EventType
from sluice.blvm.requests import GetBlockTemplate
from sluice.blvm.responses import BlockTemplate
from sluice.node.bitcoind.hindrance import Hindrance, hindrance
from sluice.node.bitcoind.methods import GET_BLOCK_HASH, GET_BLOCK_TEMPLATE, RULES
from sluice.node.bitcoind.rpc import Access, Failure, Rpc
from sluice.node.blvm.chain import BlvmChain
from sluice.node.blvm.client import Attachment, BlvmClient, CallFailed, Fault
from sluice.node.blvm.headers import GENESIS, Headers
from sluice.node.blvm.routes import Ways, routes_of
from sluice.node.blvm.template import OUTRUN, empty_template, filled_by_module_api, filled_by_rpc
from sluice.pool.ports import NodeError, Route, Sight, Trouble
from sluice.work.template import Template

#: What rings. The node does not emit all of them whenever they are due (docs/blvm.md), so it is asked besides.
SUBSCRIBED = (
    EventType.NewBlock,
    EventType.BlockMined,
    EventType.ChainReorg,
    EventType.BlockDisconnected,
    EventType.BlockTemplateUpdated,
    EventType.MiningDifficultyChanged,
    EventType.BlockValidationCompleted,
    EventType.StratumV2MessageReceived,
    EventType.NodeShutdown,
)
MEET_SECONDS = 5.0
LOOK_SECONDS = 10.0
REFUSALS = 64  # blocks of which we remember that the node called them invalid: ours are few
OUR_SCRIPT = "hex:51"  # whom the node's own coinbase would pay, which we throw away


@dataclass(frozen=True, slots=True)
class BlvmSettings:
    """How to use one blvm-node. `routes`: how it is given blocks, by the names of blvm_routes.WAYS.

    `access`: its JSON-RPC, if it is to be used. `full`: whether to ask for its transactions. `ask_seconds`: how often
    to look whether its tip has moved.
    """

    attachment: Attachment
    routes: tuple[str, ...]
    access: Access | None = None
    network: Network | None = None
    name: str = "blvm"
    full: bool = True
    refresh_seconds: float = 30.0
    ask_seconds: float = 1.5
    patience: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class Blvm:
    """One node. `tell` is handed what a person should know and the pool need not. Mutable."""

    __slots__ = (
        "_bare",
        "_bell",
        "_closed",
        "_ending",
        "_ending_at",
        "_filling",
        "_headers",
        "_ids",
        "_network",
        "_offer",
        "_refused",
        "_renewed",
        "_rpc",
        "_settings",
        "_shown",
        "_tell",
        "_unfilled",
        "_ways",
        "client",
        "name",
    )

    def __init__(
        self,
        settings: BlvmSettings,
        tell: Callable[[Trouble], None],
        template_ids: Iterator[int] | None = None,
    ) -> None:
        """`template_ids`: one counter for all nodes of a process."""
        self.name = settings.name
        self._settings = settings
        self._tell = tell
        self._ids = template_ids or count(1)
        #: For what a module has to ask and to say beside; its hooks are for what is not ours.
        self.client = BlvmClient(settings.attachment, self._heard)
        self._rpc = None if settings.access is None else Rpc(settings.access)
        self._refused: dict[bytes, str] = {}
        self._ways = Ways(self.name, self.client, BlvmChain(self.client), self._rpc, self._refused)
        self._network = settings.network
        self._headers: Headers | None = None
        self._bell = asyncio.Event()
        self._renewed = False
        #: Why the node ends, if it said so, and on which connection.
        self._ending, self._ending_at = "", 0
        self._bare: Template | None = None
        self._shown: Template | None = None
        self._offer: Template | None = None
        self._filling: asyncio.Task[None] | None = None
        self._unfilled = ""
        self._closed = False

    @property
    def routes(self) -> Sequence[Route]:
        return routes_of(self._ways, self._settings.routes)

    async def start(self) -> Network:
        """The node's network. Raises NodeError for what waiting cannot mend."""
        told = ""
        for pause in self._pauses():
            met = await self._meet()
            if isinstance(met, Network):
                self._network = met
                return met
            if not met.passing:
                raise NodeError(met.reason)
            if met.reason != told:
                self._remark(told := met.reason)
            await asyncio.sleep(pause)
        raise AssertionError("pauses have no end")

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        """Templates for ever; one watch at a time. Trouble is told once for each reason."""
        async with asyncio.TaskGroup() as beside:
            told, pauses = "", self._pauses()
            try:
                while not self._closed:
                    found = await self._find()
                    if isinstance(found, Template):
                        told, pauses = "", self._pauses()
                        yield found
                        await self._until_news(found, beside)
                    else:
                        news, told = found != told, found
                        if news and not self._closed:
                            yield Trouble(self.name, found)
                        await self._rung(next(pauses))
            except GeneratorExit:  # the watcher left: a task group would make a group of errors of it
                pass
            finally:
                self._stop_filling()

    async def look(self, height: int) -> Sight | None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await self._ways.chain.sight(self.name, height)
        except (CallFailed, TimeoutError):
            return None

    async def close(self) -> None:
        """Let go of every connection to the node; a watch ends."""
        self._closed = True
        self._bell.set()
        self.client.close()
        if self._rpc is not None:
            await self._rpc.close()

    # Meeting it

    async def _meet(self) -> Network | Hindrance:
        socket = self._settings.attachment.socket
        try:
            async with asyncio.timeout(MEET_SECONDS):
                genesis = await self._genesis()
        except TimeoutError:
            return Hindrance(
                f"the node at {socket} does not answer our handshake: it serves one module at a time, and never "
                "again after one that left too early; stop other modules, then start the node anew; it is waited for",
                passing=True,
            )
        except CallFailed as failed:
            return self._hindrance(failed)
        wanted = self._settings.network
        if genesis is None:
            return Hindrance(
                f"the node at {socket} has no network's first block: it may be starting, else point node.socket to "
                "the node of a known network; it is tried again",
                passing=True,
            )
        network = GENESIS[genesis]
        if wanted is not None and network != wanted:
            return Hindrance(
                f"the node at {socket} is on {network.name}, and {wanted.name} is wanted: correct node.socket, or "
                "node.network with everything that belongs to it",
                passing=False,
            )
        return await self._met_rpc(genesis) or network

    async def _genesis(self) -> BlockHash | None:
        """The first block of its chain: it has the header of that alone, and nothing says which network it is on."""
        for block_hash in GENESIS:
            if await self._ways.chain.has(block_hash):
                return block_hash
        return None

    async def _met_rpc(self, genesis: bytes) -> Hindrance | None:
        """What is wrong with the JSON-RPC, if it is used: blocks would go astray."""
        if self._rpc is None or self._settings.access is None:
            return None
        told = await self._rpc.call(GET_BLOCK_HASH, 0, seconds=MEET_SECONDS)
        if isinstance(told, Failure):
            return hindrance(told, GET_BLOCK_HASH.name, self._settings.access)
        if told in (to_display(genesis), genesis.hex()):
            return None
        return Hindrance(
            f"what answers at {self._settings.access.url} is on another network than the node at "
            f"{self._settings.attachment.socket}: correct node.url or node.socket",
            passing=False,
        )

    def _hindrance(self, failed: CallFailed) -> Hindrance:
        socket = self._settings.attachment.socket
        if isinstance(failed.__cause__, PermissionError):
            return Hindrance(
                f"{failed.reason}: run Sluice as the node's user, its socket is for nobody else",
                passing=False,
            )
        if failed.fault is Fault.UNREACHABLE:
            return Hindrance(
                f"{failed.reason}: start the node with [modules] enabled, or correct node.socket; a node without "
                "peers opens it a minute after its start; it is tried again",
                passing=True,
            )
        return Hindrance(f"the node at {socket} fails at {failed}; it is tried again", passing=True)

    # Templates

    async def _find(self) -> Template | str:
        """A template, or why there is none."""
        offer, self._offer = self._offer, None
        network = self._network
        assert network is not None  # `start` has seen to it
        try:
            place = await self._ways.chain.place()
            if offer is not None and offer.prev_hash == place.tip:
                return self._show(offer)
            if self._headers is None:
                self._headers = Headers(network, self._ways.chain.by_hash, self._ways.chain.at_height)
            now = int(time())
            following = await self._headers.following(place.tip, place.height + 1, now)
        except CallFailed as failed:
            ending, self._ending = self._ending, ""
            return ending or self._hindrance(failed).reason
        if self._ending and self._ending_at == self.client.introductions:
            return self._ending
        self._ending = ""  # that was another connection; who answers now has begun anew
        self._bare = empty_template(place, following, network, now, next(self._ids))
        shown = self._shown
        if shown is not None and shown.transactions and shown.prev_hash == place.tip:
            return self._show(replace(shown, template_id=self._bare.template_id, ntime=self._bare.ntime))
        return self._show(self._bare)

    def _show(self, template: Template) -> Template:
        self._shown = template
        return template

    async def _fill(self, own: Template) -> None:
        """Ask for transactions; what can be used of them is offered in `_find`, and the bell rings."""
        filled = await (self._by_module_api(own) if self._rpc is None else self._by_rpc(own, self._rpc))
        if isinstance(filled, str):
            if filled not in (self._unfilled, OUTRUN):
                self._remark(f"its transactions are not mined: {filled}")
                self._unfilled = filled
        elif filled.transactions:
            self._unfilled = ""
            self._offer = replace(filled, template_id=next(self._ids))
            self._bell.set()

    async def _by_rpc(self, own: Template, rpc: Rpc) -> Template | str:
        offer = await rpc.call(GET_BLOCK_TEMPLATE, {"rules": RULES})
        return offer.words if isinstance(offer, Failure) else filled_by_rpc(own, offer)

    async def _by_module_api(self, own: Template) -> Template | str:
        try:
            offer = await self.client.ask(GetBlockTemplate(("segwit",), None, OUR_SCRIPT), BlockTemplate)
        except CallFailed as failed:
            return str(failed)
        return filled_by_module_api(own, offer.value)

    def _stop_filling(self) -> None:
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None

    # News

    async def _until_news(self, shown: Template, beside: asyncio.TaskGroup) -> None:
        """Until another tip, a fuller template, or the time for a fresh one."""
        now, period = asyncio.get_running_loop().time, self._settings.refresh_seconds
        due = now() + (0 if self._settings.full and not shown.transactions else period)
        asked = not self._settings.full
        while not self._closed:
            if now() >= due:
                if asked:
                    return
                asked, due = True, now() + period
                self._stop_filling()
                self._filling = beside.create_task(self._fill(self._bare or shown))
            await self._rung(min(self._settings.ask_seconds, max(0.0, due - now())))
            if self._ending or self._offer is not None:
                return
            if self._renewed and self._settings.full:
                asked, due = False, now()
            self._renewed = False
            try:
                if await self._ways.chain.tip() != shown.prev_hash:
                    return
            except CallFailed:
                return  # `_find` will say why

    async def _rung(self, seconds: float) -> None:
        """Until the bell rings, `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        self._bell.clear()

    def _heard(self, event: EventMessage) -> None:
        match event.payload:
            case NodeShutdown(reason=reason):
                self._ending = f"the node is shutting down ({reason}): it is waited for"
                self._ending_at = self.client.introductions
            case BlockValidationCompleted(success=False, block_hash=block_hash, error=error):
                self._refused[block_hash] = error or "the node found it invalid"
                if len(self._refused) > REFUSALS:
                    del self._refused[next(iter(self._refused))]
            case BlockTemplateUpdated():
                self._renewed = (
                    self._rpc is None
                )  # with JSON-RPC it is our own question that makes the node say so
        self._bell.set()

    def _remark(self, sentence: str) -> None:
        if not self._closed:
            self._tell(Trouble(self.name, sentence))

    def _pauses(self) -> Iterator[float]:
        return chain(self._settings.patience, repeat(self._settings.patience[-1]))
