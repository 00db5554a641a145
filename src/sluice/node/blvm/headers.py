"""The headers of a blvm-node's chain, as far as the next block needs them.

Rule: what a block's nBits and earliest time must be is computed here, by consensus; a blvm-node's own template
retargets at every height and dates from its clock (docs/blvm.md), so neither is taken from it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sluice.bitcoin.hashes import BlockHash, MerkleRoot, from_display
from sluice.bitcoin.header import Header
from sluice.bitcoin.network import MAINNET, REGTEST, SIGNET, TESTNET, TESTNET4, Network
from sluice.bitcoin.target import Target, nbits_from_target, target_from_nbits
from sluice.blvm import structures

MEDIAN_SPAN = 11  # blocks, BIP113
PERIOD = 2016  # blocks between retargets
PERIOD_SECONDS = 14 * 24 * 3600
FACTOR = 4  # the most that one retarget changes
EASY_AFTER = 20 * 60  # seconds without a block, after which test networks take one at the easiest target
EASIEST = Target(0xFFFF << 208)  # of all networks but regtest, which never retargets

GENESIS = {
    BlockHash(from_display(display)): network
    for display, network in (
        ("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", MAINNET),
        ("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", TESTNET),
        ("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043", TESTNET4),
        ("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", SIGNET),
        ("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", REGTEST),
    )
}
WALKS_BACK = (TESTNET, TESTNET4)  # where a block at the easiest target does not count for the next one's


def header_of(told: structures.BlockHeader) -> Header:
    """The 80 bytes that blvm-node keeps in 96. OverflowError where they could not be those of a block."""
    header = Header(
        told.version & 0xFFFF_FFFF,
        BlockHash(told.prev_block_hash),
        MerkleRoot(told.merkle_root),
        told.timestamp,
        told.bits,
        told.nonce,
    )
    if max(told.timestamp, told.bits, told.nonce) > 0xFFFF_FFFF:
        raise OverflowError("a header with a number of more than 32 bits")
    return header


@dataclass(frozen=True, slots=True)
class Following:
    """What the block after a tip must have: the earliest time allowed, its nBits, and since when those hold."""

    nbits: int
    min_ntime: int


class Headers:
    """The rules of one network; `by_hash` and `at_height` ask the node."""

    __slots__ = ("_at_height", "_by_hash", "_network")

    def __init__(
        self,
        network: Network,
        by_hash: Callable[[BlockHash], Awaitable[Header]],
        at_height: Callable[[int], Awaitable[Header]],
    ) -> None:
        self._network = network
        self._by_hash = by_hash
        self._at_height = at_height

    async def following(self, tip: BlockHash, height: int, now: int) -> Following:
        """What the block at `height`, after `tip`, must have."""
        earliest = await self._median_time(tip, height) + 1
        last = await self._by_hash(tip)
        if self._network is REGTEST:
            return Following(last.nbits, earliest)
        if height % PERIOD == 0:
            return Following(await self._retargeted(last, height), earliest)
        if self._network not in WALKS_BACK:
            return Following(last.nbits, earliest)
        if now > last.ntime + EASY_AFTER:
            return Following(nbits_from_target(EASIEST), max(earliest, last.ntime + EASY_AFTER + 1))
        return Following(await self._last_earnest(last, height - 1), earliest)

    async def _median_time(self, tip: BlockHash, height: int) -> int:
        times = []
        for _ in range(min(MEDIAN_SPAN, height)):
            header = await self._by_hash(tip)
            times.append(header.ntime)
            tip = header.prev_hash
        return sorted(times)[len(times) // 2]

    async def _retargeted(self, last: Header, height: int) -> int:
        """From how long the period took; testnet4 keeps the target that its first block had (BIP94)."""
        first = await self._at_height(height - PERIOD)
        before = first.nbits if self._network is TESTNET4 else last.nbits
        took = min(max(last.ntime - first.ntime, PERIOD_SECONDS // FACTOR), PERIOD_SECONDS * FACTOR)
        return nbits_from_target(
            Target(min(target_from_nbits(before) * took // PERIOD_SECONDS, self._easiest))
        )

    async def _last_earnest(self, header: Header, height: int) -> int:
        easy = nbits_from_target(self._easiest)
        while header.nbits == easy and height % PERIOD:
            header = await self._by_hash(header.prev_hash)
            height -= 1
        return header.nbits

    @property
    def _easiest(self) -> Target:
        return Target(0x0377AE << 216) if self._network is SIGNET else EASIEST
