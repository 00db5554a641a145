"""Found blocks by all that know of them: the running pool, the record, the files of `blocks/`.

Rule: where they differ, the pool counts before the record, and that before the files, as on the dashboard. Each may be
away; what it alone knows is None then, and nothing else is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sluice.accounting.name import earner_of
from sluice.bitcoin.network import NETWORKS, REGTEST, Network
from sluice.cli.kept import NotKept, from_record
from sluice.config import Config
from sluice.control.words import BlockPicture, PoolPicture
from sluice.found_blocks import Entry, NoSuchBlock, entry_at, record_of
from sluice.ledger.block_record import BlockRecord, Kept
from sluice.ledger.lives import BlockLife
from sluice.ledger.reading import MOST_ROWS, BlockLine, Reader
from sluice.legible import writable
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, Outcome
from sluice.web.coinbase import CoinbaseView, coinbase_view
from sluice.web.views.block_rows import confirmations

#: The stage of a block of which there are only files, and these cannot be read.
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Life:
    """One block; `entry` is None where there are no files of it, `confirmations` where no pool runs."""

    height: int
    block_hash: str
    account: str
    worker: str
    found_at: int
    stage: str
    confirmations: int | None
    history: tuple[Noted, ...]
    entry: Entry | None
    coinbase: CoinbaseView | None

    @property
    def name(self) -> str:
        """Whose it is, as people write it."""
        return f"{self.account}.{self.worker}" if self.worker else self.account

    @property
    def settled(self) -> bool | None:
        """Whether its life is over; None for a stage that we do not know."""
        known = _stage(self.stage)
        return None if known is None else known.settled

    @property
    def answers(self) -> tuple[Outcome, ...]:
        """The last by each route to each node."""
        said = [noted.what for noted in self.history if isinstance(noted.what, Outcome)]
        return tuple({(outcome.node, outcome.route): outcome for outcome in said}.values())


class Archive:
    """All that is known, asked for block by block. Raises nothing for what is away: `trouble` says what is."""

    def __init__(self, config: Config, pool: PoolPicture | None) -> None:
        """`pool`: None where none runs."""
        self._config, self._pool = config, pool
        self.files = BlockRecord(Path(pool.blocks_dir)) if pool and pool.blocks_dir else record_of(config)
        self._fresh: Mapping[str, BlockPicture] = (
            {block.block_hash: block for block in pool.blocks} if pool else {}
        )
        self._stems = {stem.partition("-")[2]: stem for stem in (*self.files.unsettled(), *self.files.all())}
        #: Why the record says nothing; None if it does.
        self.trouble: NotKept | None = None
        self._network = pool.network if pool else ""
        self._recorded: dict[str, int] = {}
        try:
            self._recorded = from_record(config, pool, self._heights)
        except NotKept as error:
            self.trouble = error

    def _heights(self, reader: Reader, _: int) -> dict[str, int]:
        """Height by hash of every block in the record."""
        if runs := reader.runs(1):
            self._network = self._network or str(runs[0]["network"])
        found: dict[str, int] = {}
        while len(page := reader.blocks(len(found), MOST_ROWS).rows):
            found |= {line.block_hash: line.height for line in page}
        return found

    @property
    def network(self) -> Network:
        """Of its addresses."""
        name = self._network
        return next((network for network in NETWORKS if name in {network.name, network.chain}), REGTEST)

    @property
    def has_blocks(self) -> bool:
        """Whether anybody knows of any."""
        return bool(self._stems or self._fresh or self._recorded)

    def hashes(self) -> list[str]:
        """All blocks, the highest first."""
        heights = {name: _height(stem) for name, stem in self._stems.items()} | self._recorded
        heights |= {name: block.height for name, block in self._fresh.items()}
        return sorted(heights, key=lambda name: (heights[name], name), reverse=True)

    def meant(self, text: str) -> str:
        """The one block whose height or hash has this in it. Raises NoSuchBlock."""
        heights = {name: str(_height(stem)) for name, stem in self._stems.items()}
        heights |= {name: str(height) for name, height in self._recorded.items()}
        heights |= {name: str(block.height) for name, block in self._fresh.items()}
        exact = [name for name, height in heights.items() if text.lower() in (name, height)]
        found = exact or [name for name, height in heights.items() if text.lower() in f"{height}-{name}"]
        if len(found) != 1:
            many = f"{len(found)} blocks have {text!r} in their height or hash: give more of the hash"
            none = (
                f"no block here has {text!r} in its height or hash; `sluice blocks` shows all that are known, "
                f"and those of {self.files.directory}"
            )
            raise NoSuchBlock(many if found else none)
        return found[0]

    def lives(self, hashes: Sequence[str]) -> list[Life]:
        """Everything of these blocks."""
        wanted = [name for name in hashes if name in self._recorded]
        kept: dict[str, BlockLife] = {}
        if wanted:
            try:
                kept = from_record(self._config, self._pool, lambda reader, _: _lives(reader, wanted))
            except NotKept as error:
                self.trouble = error
        return [self._life(name, kept.get(name)) for name in hashes]

    def _life(self, block_hash: str, recorded: BlockLife | None) -> Life:
        stem, fresh = self._stems.get(block_hash), self._fresh.get(block_hash)
        entry = entry_at(self.files, stem) if stem else None
        kept = entry.kept if entry else None
        told = fresh or recorded or _told(kept, _height(stem or ""))
        earner = recorded or earner_of(writable(fresh.user if fresh else kept.found.user if kept else ""))
        return Life(
            height=told.height,
            block_hash=block_hash,
            account=earner.account,
            worker=earner.worker,
            found_at=told.found_at,
            stage=told.stage,
            confirmations=confirmations(told.height, told.stage, self._pool) if self._pool else None,
            history=kept.history if kept else _noted(recorded) if recorded else _answered(fresh),
            entry=entry,
            coinbase=coinbase_view(kept.found.coinbase, self.network) if kept else None,
        )


def _told(kept: Kept | None, height: int) -> BlockLine:
    """What files say, or only their names."""
    if kept is None:
        return BlockLine(height, "", "", "", 0, UNREADABLE)
    return BlockLine(kept.found.height, "", "", "", kept.found.found_at, kept.stage.value)


def _lives(reader: Reader, hashes: Iterable[str]) -> dict[str, BlockLife]:
    return {name: life for name in hashes if (life := reader.block(name)) is not None}


def _noted(life: BlockLife) -> tuple[Noted, ...]:
    """The record's words as the files have them; what a newer Sluice has written is passed over."""
    moves = [
        Noted(move.at, Moved(stage, Turn(move.turn), None))
        for move in life.moves
        if (stage := _stage(move.stage)) and move.turn in _TURNS
    ]
    answers = [
        Noted(each.at, Outcome(each.node, each.route, Answer(each.answer), each.reason, each.milliseconds))
        for each in life.answers
        if each.answer in _ANSWERS
    ]
    return tuple(sorted((*moves, *answers), key=lambda noted: noted.at))


def _answered(fresh: BlockPicture | None) -> tuple[Noted, ...]:
    """What the pool shows of a block that is nowhere else."""
    if fresh is None:
        return ()
    return tuple(
        Noted(
            fresh.found_at,
            Outcome(each.node, each.route, Answer(each.answer), each.reason, each.milliseconds),
        )
        for each in fresh.answers
        if each.answer in _ANSWERS
    )


_TURNS = frozenset(turn.value for turn in Turn)
_ANSWERS = frozenset(answer.value for answer in Answer)


def _stage(word: str) -> Stage | None:
    return next((stage for stage in Stage if stage.value == word), None)


def _height(stem: str) -> int:
    height = stem.partition("-")[0]
    return int(height) if height.isdecimal() else 0
