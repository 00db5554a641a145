"""Merged mining for other modules: a channel for each chain, shares on our tip, rewards in our blocks.

A share is a header on the block we build on whose hash meets what its chain has registered: that is work which
Bitcoin's miners have done, whichever coinbase it commits to. What a chain gets of a block is what the coinbase
pays to the script that it has registered.
Rule: other modules cannot make us remember without bound, and nothing they send changes our own coinbase.
"""

from collections import deque
from dataclasses import dataclass, field

from sluice.bitcoin.merged_mining import Commitment, commitments
from sluice.bitcoin.target import Target, difficulty, target_from_difficulty
from sluice.bitcoin.transaction import Transaction
from sluice.pool.ports import FoundBlock
from sluice.work.seen import MAX_SEEN
from sluice.work.template import Tip

#: There are some dozens of merge-mined chains in the world.
MAX_CHAINS = 64
#: Blocks whose coinbase is kept for who asks for rewards: half an hour of them would be many for any pool.
KEPT_BLOCKS = 64


@dataclass(slots=True)
class ChainChannel:
    """One registered chain. Mutable; one owner."""

    chain_id: str
    min_difficulty: int
    target: Target
    #: Whom a coinbase pays for this chain; empty if it was not said.
    reward_script: bytes = b""
    accepted: int = 0
    refused: int = 0
    best: int | None = None
    seen: set[bytes] = field(default_factory=set)

    @property
    def best_difficulty(self) -> float:
        """Of its best share; 0 before the first."""
        return 0.0 if self.best is None else float(difficulty(Target(self.best)))


@dataclass(frozen=True, slots=True)
class Reward:
    """What one block brings to one chain, in satoshis."""

    chain_id: str
    amount: int
    block_hash: bytes
    height: int
    commitments: tuple[Commitment, ...]


class MergeMining:
    """The chains and our last blocks. Mutable; one owner."""

    __slots__ = ("_tip", "blocks", "chains")

    def __init__(self) -> None:
        self.chains: dict[str, ChainChannel] = {}
        self.blocks: deque[FoundBlock] = deque(maxlen=KEPT_BLOCKS)
        self._tip: bytes = b""

    def register(self, chain_id: str, min_difficulty: int, reward_script: bytes) -> str:
        """Open a channel, or change one, which keeps what it has counted; a reason if that cannot be."""
        if chain_id not in self.chains and len(self.chains) >= MAX_CHAINS:
            return f"there are {MAX_CHAINS} chains already"
        target = target_from_difficulty(min_difficulty)
        channel = self.chains.setdefault(chain_id, ChainChannel(chain_id, min_difficulty, target))
        channel.min_difficulty, channel.target = min_difficulty, target
        channel.reward_script = reward_script or channel.reward_script
        return ""

    def judge(self, channel: ChainChannel, header: bytes, header_hash: bytes, tip: Tip | None) -> str:
        """Count a share of `channel`; why it is refused, empty if it is good."""
        reason = self._fault(channel, header, header_hash, tip)
        if reason:
            channel.refused += 1
            return reason
        channel.seen.add(header_hash)
        channel.accepted += 1
        value = int.from_bytes(header_hash, "little")
        channel.best = value if channel.best is None else min(channel.best, value)
        return ""

    def _fault(self, channel: ChainChannel, header: bytes, header_hash: bytes, tip: Tip | None) -> str:
        if tip is None:
            return "no template yet"
        self._turn(tip)
        if header[4:36] != tip.prev_hash or header[72:76] != tip.nbits.to_bytes(4, "little"):
            return "stale share"
        if int.from_bytes(header_hash, "little") > channel.target:
            return "difficulty too low"
        if header_hash in channel.seen:
            return "duplicate share"
        return "too many shares on one tip" if len(channel.seen) >= MAX_SEEN else ""

    def _turn(self, tip: Tip) -> None:
        """Shares of an earlier tip are stale by their header: they need not be remembered."""
        if tip.prev_hash != self._tip:
            self._tip = tip.prev_hash
            for channel in self.chains.values():
                channel.seen.clear()

    def rewards(self, block_hash: bytes | None) -> list[Reward]:
        """What our last blocks, or the one of this hash, bring to each chain."""
        blocks = [block for block in self.blocks if block_hash in (None, block.block_hash)]
        return [reward for block in blocks for reward in self._rewards_of(block)]

    def _rewards_of(self, block: FoundBlock) -> list[Reward]:
        coinbase = Transaction.parse(block.coinbase)
        marks = commitments(coinbase)
        rewards = []
        for channel in self.chains.values():
            script = channel.reward_script
            amount = sum(
                output.value for output in coinbase.outputs if script and output.script_pubkey == script
            )
            if amount:
                rewards.append(Reward(channel.chain_id, amount, block.block_hash, block.height, marks))
        return rewards
