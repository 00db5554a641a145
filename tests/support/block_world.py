"""Two nodes, a disk and a process around the block machine, all made up: whatever can go wrong goes wrong at a word.

Time passes only when told to. What is under way (writes, attempts, looks) is kept until it is let happen, and is
lost when the process ends.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sluice.bitcoin.hashes import sha256d, to_display
from sluice.pool.candidates import Candidates
from sluice.pool.chain_view import DEEP
from sluice.pool.effects import Effect, Look, Note, Park, Record, Settle, Submit, Tell
from sluice.pool.events import BlockAccepted, BlockBuried, BlockOrphaned, Happening
from sluice.pool.history import Noted
from sluice.pool.inputs import Answered, BlockInput, Recorded, Resumed, Routed, Sighted, Unrecorded
from sluice.pool.ports import Answer, FoundBlock, Outcome, Sight

GENESIS = bytes(32)
#: How the process's life may be cut short: after so many more effects, or not.
NEVER = 1 << 30


def block_on(parent: bytes, height: int, number: int) -> FoundBlock:
    header = number.to_bytes(4) + parent + bytes(44)
    return FoundBlock(sha256d(header), height, header, b"coinbase", (), 0, "alice", 0)


def parent_of(block: FoundBlock) -> bytes:
    return block.header[4:36]


@dataclass
class Node:
    """A node with one chain; the block at height 0 is the genesis."""

    name: str
    chain: list[bytes] = field(default_factory=lambda: [GENESIS])
    up: bool = True
    refuses: bool = False
    known: set[bytes] = field(default_factory=set)

    def take(self, block: FoundBlock) -> tuple[Answer, str]:
        if not self.up:
            return Answer.SILENT, "nobody is there"
        if self.refuses:
            return Answer.REFUSED, "bad-cb-amount"
        if block.block_hash in self.chain:
            return Answer.DUPLICATE, "duplicate"
        if parent_of(block) not in self.chain:
            return Answer.REFUSED, "prev-blk-not-found"
        if parent_of(block) != self.chain[-1]:
            return Answer.INCONCLUSIVE, "inconclusive"
        self.chain.append(block.block_hash)
        return Answer.ACCEPTED, ""

    def show(self, height: int) -> Sight | None:
        if not self.up:
            return None
        there = self.chain[height] if height < len(self.chain) else None
        return Sight(self.name, there, len(self.chain) - 1)


class BlockWorld:
    """Mutable. The process is `candidates`; everything else outlives it."""

    def __init__(self) -> None:
        self.nodes = [Node("a"), Node("b")]
        self.now = 0.0
        self.number = 0
        #: What lies on the disk.
        self.blocks: dict[bytes, FoundBlock] = {}
        self.histories: dict[bytes, list[Noted]] = {}
        self.settled: Counter[bytes] = Counter()
        self.disk_full = False
        #: Told over all lives of the process.
        self.told: list[Happening] = []
        self.rivals = 0
        #: So deep that what was buried is not in the chain any more.
        self.deep_reorganisations = 0
        self.crash_after = NEVER
        self.begin()

    def begin(self) -> None:
        """The process starts."""
        self.crash_after = NEVER
        self.candidates = Candidates(0)
        self.writes: list[FoundBlock] = []
        self.attempts: list[Submit] = []
        self.looks: list[int] = []
        self.parked: list[bytes] = []
        self.feed(Routed(tuple((node.name, "submitblock") for node in self.nodes)))
        for block_hash, block in list(self.blocks.items()):
            if block_hash not in self.settled:
                self.feed(Resumed(block, tuple(self.histories.get(block_hash, ()))))

    def feed(self, happened: BlockInput) -> None:
        self.perform(self.candidates.react(happened, self.now))

    def perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if self.crash_after <= 0:
                self.begin()
                return
            self.crash_after -= 1
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Record():
                self.writes.append(effect.found)
            case Submit():
                self.attempts.append(effect)
            case Look():
                self.looks.append(effect.height)
            case Note():
                if not self.disk_full:
                    self.histories.setdefault(effect.found.block_hash, []).append(effect.noted)
            case Settle():
                self.settled[effect.found.block_hash] += 1
            case Park():
                self.parked.append(effect.found.block_hash)
            case Tell():
                self.told.append(effect.event)
                self._check(effect.event)

    def _check(self, event: Happening) -> None:
        """What people are told is so, at that moment."""
        if isinstance(event, BlockBuried | BlockOrphaned):
            there = [node for node in self.nodes if node.up and event.height + DEEP <= len(node.chain)]
            ours = [to_display(node.chain[event.height]) == event.block_hash for node in there]
            assert isinstance(event, BlockBuried) in ours

    def forget(self, node: int, blocks: int) -> None:
        """A node loses its last blocks, as one that was killed does; never one that is buried anywhere."""
        chain = self.nodes[node].chain
        solid = max(1, *(len(each.chain) - DEEP + 1 for each in self.nodes))
        self.nodes[node].chain = chain[: max(solid, len(chain) - blocks)]

    def find(self, node: int) -> FoundBlock:
        """A miner finds a block on what a node shows."""
        chain = self.nodes[node].chain
        self.number += 1
        block = block_on(chain[-1], len(chain), self.number)
        self.perform(self.candidates.take(block, self.now))
        return block

    def write(self) -> None:
        """The oldest write comes to its end."""
        if self.writes:
            found = self.writes.pop(0)
            if self.disk_full:
                self.feed(Unrecorded(found.block_hash, "no space left"))
            else:
                self.blocks[found.block_hash] = found
                self.feed(Recorded(found.block_hash))

    def attempt(self, which: int, *, answered: bool = True) -> None:
        """One attempt reaches its node; its answer may be lost."""
        if self.attempts:
            effect = self.attempts.pop(which % len(self.attempts))
            (node,) = (node for node in self.nodes if node.name == effect.node)
            answer, reason = node.take(effect.found)
            if not answered:
                answer, reason = Answer.SILENT, "the connection broke"
            self.feed(Answered(effect.found.block_hash, Outcome(node.name, effect.route, answer, reason)))

    def look(self, which: int) -> None:
        """One look comes to its end."""
        if self.looks:
            height = self.looks.pop(which % len(self.looks))
            sights = [node.show(height) for node in self.nodes]
            self.feed(Sighted(height, tuple(sight for sight in sights if sight is not None)))

    def others_find(self, node: int) -> None:
        """Somebody else finds a block."""
        self.rivals += 1
        self.nodes[node].chain.append(sha256d(b"others" + self.rivals.to_bytes(8)))

    def sync(self) -> None:
        """Nodes hear of each other's chains; the longest wins."""
        best = max((node for node in self.nodes if node.up), key=lambda node: len(node.chain), default=None)
        for node in self.nodes:
            if best is not None and node.up and len(node.chain) < len(best.chain):
                gone = [each for each in node.chain[: 1 - DEEP] if each not in best.chain]
                self.deep_reorganisations += bool(gone)
                node.chain = list(best.chain)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.perform(self.candidates.tick(self.now))

    def happen(self) -> None:
        """All that is under way comes to its end, and what follows from it at once."""
        for _ in range(len(self.writes)):
            self.write()
        while self.attempts:
            self.attempt(0)
        while self.looks:
            self.look(0)

    def settle_down(self, seconds: float) -> None:
        """Nothing goes wrong any more for so long, and everything that is under way happens."""
        end = self.now + seconds
        while self.now < end:
            self.pass_time(15.0)
            self.happen()
            self.sync()
            if self.parked and self.parked[0] in self.blocks:
                block_hash = self.parked.pop(0)
                self.feed(Resumed(self.blocks[block_hash], tuple(self.histories.get(block_hash, ()))))

    def count(self, kind: type[BlockAccepted] | type[BlockBuried], block: FoundBlock) -> int:
        """How often people were told this of a block."""
        text = to_display(block.block_hash)
        return sum(isinstance(event, kind) and event.block_hash == text for event in self.told)
