"""What a blvm-node's best chain is, asked over its module API.

Rule: its answers are put together from several, so the tip is asked again at the end: had it moved, they would
not belong together.
"""

from dataclasses import dataclass

from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.header import Header
from sluice.blvm.requests import GetBlockByHeight, GetBlockHeader, GetBlockHeight, GetChainTip, Request
from sluice.blvm.responses import U64, BlockByHeight, BlockHeader, Hash
from sluice.node.blvm_client import BlvmClient, CallFailed, Fault
from sluice.node.blvm_headers import header_of
from sluice.pool.ports import Sight

ATTEMPTS = 5  # blocks that follow each other faster than four small questions are answered: a test chain's


@dataclass(frozen=True, slots=True)
class Place:
    """The best chain's end."""

    tip: BlockHash
    height: int


class BlvmChain:
    """A few questions to one node; each raises CallFailed."""

    __slots__ = ("_client",)

    def __init__(self, client: BlvmClient) -> None:
        self._client = client

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

    async def by_hash(self, block_hash: BlockHash) -> Header:
        request = GetBlockHeader(block_hash)
        told = (await self._client.ask(request, BlockHeader)).value
        if told is None:
            raise CallFailed(request, Fault.ILLEGIBLE, "it does not have a header of its own chain")
        header = _header(request, told)
        if header.hash() != block_hash:
            raise CallFailed(request, Fault.ILLEGIBLE, "it answers with another block's header")
        return header

    async def at_height(self, height: int) -> Header:
        request = GetBlockByHeight(height)
        header = await self._at(request)
        if header is None:
            raise CallFailed(request, Fault.ILLEGIBLE, f"it has no block at height {height}")
        return header

    async def sight(self, node: str, height: int) -> Sight:
        """What the best chain shows at a height."""
        place = await self.place()
        if place.height < height:
            return Sight(node, None, place.height)
        if place.height == height:
            return Sight(node, place.tip, place.height)
        header = await self._at(GetBlockByHeight(height))
        return Sight(node, None if header is None else header.hash(), place.height)

    async def _at(self, request: GetBlockByHeight) -> Header | None:
        told = (await self._client.ask(request, BlockByHeight)).value
        return None if told is None else _header(request, told.header)


def _header(request: Request, told: object) -> Header:
    try:
        return header_of(told)  # type: ignore[arg-type]
    except OverflowError as error:
        raise CallFailed(request, Fault.ILLEGIBLE, str(error)) from None
