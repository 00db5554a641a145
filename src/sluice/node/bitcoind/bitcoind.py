"""A bitcoind as the pool's Node: templates by getblocktemplate, blocks by submitblock.

Rule: `start` refuses what waiting cannot mend, with the way out; once started, nothing ends a `watch` but
its watcher: whatever happens to the node becomes one Trouble, and a Template when it is over.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, repeat
from typing import Any

from sluice.bitcoin.hashes import BlockHash, from_display
from sluice.bitcoin.network import NETWORKS, Network, network_of_chain
from sluice.node.bitcoind.hindrance import Hindrance, hindrance
from sluice.node.bitcoind.methods import (
    GET_BLOCK_COUNT,
    GET_BLOCK_HASH,
    GET_BLOCK_TEMPLATE,
    GET_BLOCKCHAIN_INFO,
    GET_NETWORK_INFO,
    GET_ZMQ_NOTIFICATIONS,
    PROPOSE,
    RULES,
    ChainInfo,
)
from sluice.node.bitcoind.rpc import Access, Failure, Fault, Method, Rpc
from sluice.node.bitcoind.submission import SUBMIT_BLOCK_ROUTE, submit
from sluice.node.bitcoind.template import TemplateError, speaks_segwit, template_of
from sluice.node.bitcoind.tip_watch import TipWatch, reachable_endpoint
from sluice.pool.ports import FoundBlock, NodeError, Outcome, Route, Sight, Trouble
from sluice.work.template import Template

MEET_SECONDS = 5.0  # what does not answer by then is told; a node under load is asked again
DOWNLOADING = -10
CHAINS = tuple(network.chain for network in NETWORKS)


@dataclass(frozen=True, slots=True)
class BitcoindSettings:
    """How to use one bitcoind. Without `zmq_hashblock`, the node is asked where it publishes.

    `network`: the one that the node must be on; None takes whichever it is. `patience`: seconds between
    attempts while the node cannot be used; the last counts for all that follow.
    """

    access: Access
    name: str = "bitcoind"
    network: Network | None = None
    zmq_hashblock: str = ""
    refresh_seconds: float = 30.0  # new fees on the same tip
    ask_seconds: float = 5.0
    patience: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


class Bitcoind:
    """One node. `tell` is handed what a person should know and the pool need not: why `start` waits, what is
    unusual about the node, a way of hearing of blocks that is lost or found again.
    """

    __slots__ = ("_closed", "_ids", "_network", "_rpc", "_settings", "_tell", "_tips", "_zmq", "name")

    def __init__(
        self,
        settings: BitcoindSettings,
        tell: Callable[[Trouble], None],
        template_ids: Iterator[int] | None = None,
    ) -> None:
        """`template_ids`: one counter for all nodes of a process."""
        self.name = settings.name
        self._settings = settings
        self._tell = tell
        self._ids = template_ids or count(1)
        self._rpc = Rpc(settings.access)
        self._tips = TipWatch(self._rpc, self._remark)
        self._network = settings.network
        self._zmq = settings.zmq_hashblock
        self._closed = False

    async def start(self) -> Network:
        """The node's network. Raises NodeError for what waiting cannot mend."""
        told = ""
        for pause in self._pauses():
            met = await self._meet()
            if isinstance(met, ChainInfo):
                return await self._introduce(met)
            if not met.passing:
                raise NodeError(met.reason)
            if met.reason != told:
                self._remark(told := met.reason)
            await asyncio.sleep(pause)
        raise AssertionError("pauses have no end")

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        """Templates for ever: one at once, then on each new tip and every `refresh_seconds`.

        One watch at a time. Trouble is told once for each reason.
        """
        async with asyncio.TaskGroup() as beside:
            listening = beside.create_task(self._tips.listen(self._zmq, self._settings.ask_seconds))
            told, pauses = "", self._pauses()
            try:
                while not self._closed:
                    found = await (self._find_again() if told else self._find())
                    if isinstance(found, Template):
                        told, pauses, pause = "", self._pauses(), self._settings.refresh_seconds
                        yield found
                    else:
                        news, told, pause = found != told, found, next(pauses)
                        if news and not self._closed:
                            yield Trouble(self.name, found)
                    await self._tips.wait(pause)
            except GeneratorExit:  # the watcher left: a task group would make a group of errors of it
                pass
            finally:
                listening.cancel()

    @property
    def routes(self) -> Sequence[Route]:
        """By submitblock."""
        return (Route(self.name, SUBMIT_BLOCK_ROUTE, self._submit),)

    async def look(self, height: int) -> Sight | None:
        """What the node's best chain has at `height`."""
        tip_height = await self._rpc.call(GET_BLOCK_COUNT)
        if isinstance(tip_height, Failure):
            return None
        if tip_height < height:
            return Sight(self.name, None, tip_height)
        text = await self._rpc.call(GET_BLOCK_HASH, height)
        if isinstance(text, Failure):  # it may have been reorganised away just now
            return None
        try:
            return Sight(self.name, BlockHash(from_display(text)), tip_height)
        except ValueError:
            return None

    async def propose(self, block: bytes) -> str | None:
        """What the node has against the block, proof of work aside (BIP23 proposal); None if nothing."""
        proposal = {"mode": "proposal", "data": block.hex(), "rules": RULES}
        answer = await self._rpc.call(PROPOSE, proposal)
        return answer.words if isinstance(answer, Failure) else answer

    async def close(self) -> None:
        """Let go of every connection to the node; a watch ends."""
        self._closed = True
        self._tips.ring()
        await self._rpc.close()

    async def _submit(self, found: FoundBlock) -> Outcome:
        return await submit(self._rpc, self.name, found)

    async def _find(self) -> Template | str:
        """A template, or why there is none."""
        offer = await self._rpc.call(GET_BLOCK_TEMPLATE, {"rules": RULES})
        if isinstance(offer, Failure):
            return await self._why_none(offer)
        self._tips.offered(offer)
        try:
            return template_of(offer, next(self._ids))  # 15 ms for a full block: no need of a thread
        except TemplateError as error:
            return self._hindrance(GET_BLOCK_TEMPLATE, Failure(Fault.MALFORMED, str(error))).reason

    async def _find_again(self) -> Template | str:
        """As `_find`, after trouble: it may be another node by now."""
        met = await self._meet()
        return met.reason if isinstance(met, Hindrance) else await self._find()

    async def _why_none(self, failure: Failure) -> str:
        if failure.code == DOWNLOADING:
            info = await self._rpc.call(GET_BLOCKCHAIN_INFO)
            if isinstance(info, ChainInfo):
                failure = replace(failure, words=f"{info.verificationprogress:.0%} is there")
        return self._hindrance(GET_BLOCK_TEMPLATE, failure).reason

    async def _meet(self) -> ChainInfo | Hindrance:
        """What listens there, if blocks can be built with it."""
        info = await self._rpc.call(GET_BLOCKCHAIN_INFO, seconds=MEET_SECONDS)
        if isinstance(info, Failure):
            return self._hindrance(GET_BLOCKCHAIN_INFO, info)
        if self._network is not None and info.chain != self._network.chain:
            return self._stop(
                f"is on chain {info.chain!r}, and {self._network.chain!r} is wanted: correct node.url, or "
                "node.network with everything that belongs to it"
            )
        if info.chain not in CHAINS:
            return self._stop(f"is on an unknown chain {info.chain!r}: point node.url to one of {CHAINS}")
        offer = await self._rpc.call(GET_BLOCK_TEMPLATE, {"rules": RULES})
        if isinstance(offer, Failure):
            found = self._hindrance(GET_BLOCK_TEMPLATE, offer)
            return info if found.passing else found  # what passes, a watch waits out
        return info if speaks_segwit(offer) else await self._too_old()

    async def _introduce(self, info: ChainInfo) -> Network:
        self._network = network_of_chain(info.chain)
        if info.pruned:
            self._remark(f"the node at {self._settings.access.url} is pruned: that is enough for mining")
        if not self._zmq:
            found = await self._rpc.call(GET_ZMQ_NOTIFICATIONS)
            told = () if isinstance(found, Failure) else found
            places = [publisher.address for publisher in told if publisher.type == "pubhashblock"]
            self._zmq = reachable_endpoint(places[0], self._settings.access.url) if places else ""
        return self._network

    async def _too_old(self) -> Hindrance:
        info = await self._rpc.call(GET_NETWORK_INFO)
        who = "" if isinstance(info, Failure) else f" ({info.subversion})"
        return self._stop(
            f"offers blocks by rules from before segwit{who}: update it to Bitcoin Core 0.16 or newer; if it "
            "is a test chain, mine on it until segwit is active"
        )

    def _stop(self, what: str) -> Hindrance:
        return Hindrance(f"the node at {self._settings.access.url} {what}", passing=False)

    def _hindrance(self, method: Method[Any], failure: Failure) -> Hindrance:
        return hindrance(failure, method.name, self._settings.access)

    def _remark(self, sentence: str) -> None:
        if not self._closed:
            self._tell(Trouble(self.name, sentence))

    def _pauses(self) -> Iterator[float]:
        return chain(self._settings.patience, repeat(self._settings.patience[-1]))
