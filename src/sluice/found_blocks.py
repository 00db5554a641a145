"""What `sluice blocks` does: found blocks out of the data directory, and to and from the configured nodes.

Rule: it works beside a running pool and without one. It reads what the pool has written; `resubmit` adds the answers
that it got, in lines of their own.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import time

from sluice.config import Config
from sluice.exit_codes import ExitCode, UserError
from sluice.ledger.block_record import BlockRecord, Kept, UnreadableBlock
from sluice.node_kinds import nodes_of
from sluice.pool.block_life import Turn
from sluice.pool.chain_view import turn_of
from sluice.pool.history import Noted
from sluice.pool.ports import FoundBlock, Node, Outcome, Sight
from sluice.records import BLOCKS
from sluice.server.by_hand import fault_of, give, sights


class NoSuchBlock(UserError):
    """No block, or more than one, is meant."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Entry:
    """A block of the record: as it is kept, or why it cannot be read."""

    stem: str
    kept: Kept | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What `verify` found: what is wrong with the block, if anything, and what chains show at its height."""

    entry: Entry
    fault: str
    sights: tuple[Sight, ...]

    @property
    def turn(self) -> Turn | None:
        """What the chains say together; None if none can be seen."""
        if self.entry.kept is None:
            return None
        found = self.entry.kept.found
        turn = turn_of(found.block_hash, found.height, self.sights)
        return turn[0] if turn else None


def record_of(config: Config) -> BlockRecord:
    """Where `sluice run` writes blocks down, with this configuration."""
    return BlockRecord(config.data.dir / BLOCKS)


def entries(record: BlockRecord) -> Iterator[Entry]:
    """All blocks, the highest first."""
    for stem in sorted({*record.unsettled(), *record.all()}, key=_height, reverse=True):
        yield entry_at(record, stem)


def entry_of(record: BlockRecord, text: str) -> Entry:
    """The one block whose height or hash has this in it. Raises NoSuchBlock."""
    stems = {*record.unsettled(), *record.all()}
    exact = [stem for stem in stems if text in stem.split("-")]
    meant = exact or [stem for stem in stems if text.lower() in stem]
    if len(meant) != 1:
        many = f"{len(meant)} blocks have {text!r} in their height or hash: give more of the hash"
        none = f"no block here has {text!r} in its height or hash; `sluice blocks list` shows those of {record.directory}"
        raise NoSuchBlock(many if meant else none)
    return entry_at(record, meant[0])


def resubmit(config: Config, kept: Kept) -> list[Outcome]:
    """Give a block to every configured node by every route, once; each answer is noted."""
    outcomes: list[Outcome] = asyncio.run(_with_nodes(config, kept.found))
    record = record_of(config)
    if not kept.settled:
        for outcome in outcomes:
            record.note(kept.found, Noted(int(time()), outcome))
    return outcomes


def verify(config: Config, checked: Sequence[Entry]) -> list[Checked]:
    """Rebuild each block from what is kept of it, judge it, and ask the nodes where it is."""
    return asyncio.run(_verified(config, checked))


async def _with_nodes(config: Config, found: FoundBlock) -> list[Outcome]:
    nodes = nodes_of(config)
    try:
        return await give(nodes, found)
    finally:
        await _close(nodes)


async def _verified(config: Config, checked: Sequence[Entry]) -> list[Checked]:
    nodes = nodes_of(config)
    try:
        return [await _check(nodes, entry) for entry in checked]
    finally:
        await _close(nodes)


async def _check(nodes: Sequence[Node], entry: Entry) -> Checked:
    if entry.kept is None:
        return Checked(entry, entry.fault, ())
    found = entry.kept.found
    return Checked(entry, fault_of(found), tuple(await sights(nodes, found.height)))


async def _close(nodes: Sequence[Node]) -> None:
    for node in nodes:
        await node.close()


def entry_at(record: BlockRecord, stem: str) -> Entry:
    """A block by what its files are called."""
    try:
        return Entry(stem, record.read(stem))
    except (UnreadableBlock, OSError) as error:
        return Entry(stem, None, str(error))


def _height(stem: str) -> tuple[int, str]:
    height = stem.partition("-")[0]
    return int(height) if height.isdecimal() else 0, stem
