"""What a blvm-node's best chain is, asked over its module API.

Rule: its answers are put together from several, so the tip is asked again at the end: had it moved, they would
not belong together.
"""

import asyncio
from dataclasses import dataclass

from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.header import Header
from sluice.blvm.requests import GetBlockByHeight, GetBlockHeader, GetBlockHeight, GetChainTip, Request
from sluice.blvm.responses import U64, BlockByHeight, BlockHeader, Hash
from sluice.node.blvm.client import BlvmClient, CallFailed, Fault
from sluice.node.blvm.headers import header_of
from sluice.pool.ports import Sight

REMEMBERED = 5_000  # headers: two periods of retargets and some; they are asked for once
GLANCE_SECONDS = 0.2  # for how long what was seen is taken for what is
NEAR = 200  # blocks below the tip, to which headers are followed: a whole block is a large answer
ATTEMPTS = 5  # blocks that follow each other faster than four small questions are answered: a test chain's


@dataclass(frozen=True, slots=True)
class Place:
    """The best chain's end."""

    tip: BlockHash
    height: int


class BlvmChain:
    """A few questions to one node; each raises CallFailed. Mutable: headers are remembered."""

    __slots__ = ("_client", "_glancing", "_headers", "_seen", "_seen_at")

    def __init__(self, client: BlvmClient) -> None:
        self._client = client
        self._headers: dict[BlockHash, Header] = {}
        self._glancing = asyncio.Lock()
        self._seen: Place | None = None
        self._seen_at = 0.0

    async def tip(self) -> BlockHash:
        return BlockHash((await self._client.ask(GetChainTip(), Hash)).value)

    async def place(self) -> Place:
        """Tip and height, of one and the same moment."""
        tip = await self.tip()
        for _ in range(ATTEMPTS):
            height = (await self._client.ask(GetBlockHeight(), U64)).value
            before, tip = tip, await self.tip()
            if before == tip:
                return Place(tip, height)
        raise CallFailed(GetChainTip(), Fault.ILLEGIBLE, "its tip does not stand still")

    async def _glance(self) -> Place:
        """As `place`; who looks at the same time looks together, as there may be many blocks to look for."""
        now = asyncio.get_running_loop().time
        async with self._glancing:
            if self._seen is None or now() - self._seen_at > GLANCE_SECONDS:
                self._seen, self._seen_at = await self.place(), now()
            return self._seen

    async def has(self, block_hash: BlockHash) -> bool:
        """Whether it has that block's header, in its chain or beside."""
        return (await self._client.ask(GetBlockHeader(block_hash), BlockHeader)).value is not None

    async def by_hash(self, block_hash: BlockHash) -> Header:
        header = self._headers.get(block_hash)
        if header is None:
            header = self._headers[block_hash] = await self._by_hash(block_hash)
            if len(self._headers) > REMEMBERED:
                del self._headers[next(iter(self._headers))]
        return header

    async def _by_hash(self, block_hash: BlockHash) -> Header:
        request = GetBlockHeader(block_hash)
        told = (await self._client.ask(request, BlockHeader)).value
        if told is None:
            raise CallFailed(request, Fault.ILLEGIBLE, "it does not have a header of its own chain")
        header = _header(request, told)
        if header.hash() != block_hash:
            raise CallFailed(request, Fault.ILLEGIBLE, "it answers with another block's header")
        return header

    async def at_height(self, height: int) -> Header:
        """By the block; a node that does not keep it, as it prunes or it is the first, has all headers above it."""
        request = GetBlockByHeight(height)
        told = (await self._client.ask(request, BlockByHeight)).value
        if told is not None:
            return _header(request, told.header)
        place = await self.place()
        if not 0 <= place.height - height <= REMEMBERED:
            raise CallFailed(request, Fault.ILLEGIBLE, f"it has no block at height {height}")
        return await self.by_hash(await self._below(place, height))

    async def sight(self, node: str, height: int) -> Sight:
        """What the best chain shows at a height, or showed a moment ago."""
        place = await self._glance()
        if place.height < height:
            return Sight(node, None, place.height)
        if place.height - height > NEAR:
            return Sight(node, (await self.at_height(height)).hash(), place.height)
        return Sight(node, await self._below(place, height), place.height)

    async def _below(self, place: Place, height: int) -> BlockHash:
        there = place.tip
        for _ in range(place.height - height):
            there = (await self.by_hash(there)).prev_hash
        return there


def _header(request: Request, told: object) -> Header:
    try:
        return header_of(told)  # type: ignore[arg-type]
    except OverflowError as error:
        raise CallFailed(request, Fault.ILLEGIBLE, str(error)) from None
