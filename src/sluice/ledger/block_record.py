"""Found blocks on disk: `HEIGHT-HASH.hex`, the whole block as a node takes it, and `HEIGHT-HASH.jsonl`, its history.

Settled ones lie in settled/. The order of what is done here is what makes a block survive an end at any moment; it
is told in docs/blocks.md.
Rule: every call waits for the disk, and OSError is what it fails with. A file of hex is whole or not there; what
looks otherwise is not believed.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sluice.bitcoin.block import Block
from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.merkle import merkle_root
from sluice.ledger.block_lines import Found, found_line, noted_line, read_lines
from sluice.pool.block_life import Stage
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import FoundBlock

#: Settled blocks that are kept whole: as many as all of Bitcoin finds in a day, half a gigabyte of hex. They are in
#: the chain, or never will be.
WHOLE_KEPT = 144
#: Histories that are kept, a kilobyte each: what a large pool finds in a year.
HISTORIES_KEPT = 10_000


class UnreadableBlock(Exception):
    """What is on the disk is not the block that it is named for; the text says why not."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A block as it lies on the disk; `found` has what was known of it when it was found."""

    found: FoundBlock
    history: tuple[Noted, ...]
    hex_file: Path
    settled: bool

    @property
    def stage(self) -> Stage:
        """Where it stands, as far as it was noted."""
        stages = [noted.what.stage for noted in self.history if isinstance(noted.what, Moved)]
        return stages[-1] if stages else Stage.OFFERED


def stem_of(found: FoundBlock) -> str:
    """What a block's files are called."""
    return f"{found.height}-{to_display(found.block_hash)}"


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """The files of one directory, which is made when the first block is found."""

    directory: Path

    @property
    def settled(self) -> Path:
        """Where blocks lie whose life is over."""
        return self.directory / "settled"

    def write(self, found: FoundBlock) -> None:
        """Write a block down, so that it outlives the process; `sync` makes it outlive the machine."""
        if not self.directory.is_dir():
            self.directory.mkdir(parents=True, exist_ok=True)
        self._append(stem_of(found), found_line(found))
        path = self._hex(stem_of(found))
        unfinished = path.with_suffix(".unfinished")
        try:
            unfinished.write_text(found.raw.hex(), "ascii")
            unfinished.replace(path)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise

    def sync(self, found: FoundBlock) -> None:
        """Wait until what was written is on the disk."""
        stem = stem_of(found)
        for path in (self._hex(stem), self._history(stem), self.directory, self.directory.parent):
            _sync(path)

    def note(self, found: FoundBlock, noted: Noted) -> None:
        """Add a line to a block's history. How it ended is waited for, nothing else."""
        stem = stem_of(found)
        self._append(stem, noted_line(noted))
        if isinstance(noted.what, Moved) and noted.what.stage.settled:
            _sync(self._history(stem))

    def settle(self, found: FoundBlock) -> None:
        """Put a block aside, and let go of those that have lain there for long."""
        stem = stem_of(found)
        self.settled.mkdir(exist_ok=True)
        # The history last: as long as it is here, this is done again at the next start.
        for path in (self._hex(stem), self._history(stem)):
            with suppress(FileNotFoundError):
                path.replace(self.settled / path.name)
        for directory in (self.settled, self.directory):
            _sync(directory)
        for suffix, kept in ((".hex", WHOLE_KEPT), (".jsonl", HISTORIES_KEPT)):
            for stem in _stems(self.settled, suffix)[kept:]:
                (self.settled / f"{stem}{suffix}").unlink(missing_ok=True)

    def unsettled(self) -> list[str]:
        """Stems of the blocks that are not settled, the highest first, whatever is there of them."""
        return sorted({*_stems(self.directory, ".hex"), *_stems(self.directory, ".jsonl")}, key=_rank)

    def all(self) -> list[str]:
        """Stems of all blocks that are whole, the highest first."""
        return sorted({*_stems(self.directory, ".hex"), *_stems(self.settled, ".hex")}, key=_rank)

    def read(self, stem: str) -> Kept:
        """A block, rebuilt from what is written of it. Raises UnreadableBlock, OSError."""
        hex_file = self._hex(stem)
        if not hex_file.exists():
            hex_file = self.settled / hex_file.name
        history = self._history(stem)
        settled = not history.exists() and hex_file.parent == self.settled
        first, noted = _read_history(self.settled / history.name if settled else history)
        return Kept(_read_block(hex_file, stem, first), noted, hex_file, settled)

    def _hex(self, stem: str) -> Path:
        return self.directory / f"{stem}.hex"

    def _history(self, stem: str) -> Path:
        return self.directory / f"{stem}.jsonl"

    def _append(self, stem: str, line: str) -> None:
        """One line, in one write: it is there or not."""
        with self._history(stem).open("ab+", buffering=0) as file:
            torn = False
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                torn = file.read(1) != b"\n"
            data = f"{line}\n".encode()
            if torn:
                data = b"\n" + data
            if file.write(data) != len(data):
                raise OSError("the disk took a part of a line")


def _read_history(path: Path) -> tuple[Found | None, tuple[Noted, ...]]:
    try:
        return read_lines(path.read_text("utf-8", "replace"))
    except FileNotFoundError:
        return None, ()


def _read_block(path: Path, stem: str, first: Found | None) -> FoundBlock:
    try:
        raw = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError as error:
        raise UnreadableBlock(
            "only its history is here: the process ended before all of it was written"
        ) from error
    except ValueError as error:
        raise UnreadableBlock("it is not hex") from error
    try:
        block = Block.parse(raw)
    except DecodeError as error:
        raise UnreadableBlock(f"it is no block: {error}") from error
    block_hash = block.header.hash()
    if not stem.endswith(to_display(block_hash)):
        raise UnreadableBlock(f"its header is that of {to_display(block_hash)}")
    if merkle_root([each.txid() for each in block.transactions]) != block.header.merkle_root:
        raise UnreadableBlock("its transactions are not those that its header commits to")
    # A transaction has one spelling, so these are the bytes that were written.
    coinbase, *others = (each.to_bytes() for each in block.transactions)
    known = first or Found(-_rank(stem)[0])  # put here by hand, or its history is lost
    return FoundBlock(
        block_hash=block_hash,
        height=known.height,
        header=raw[:HEADER_SIZE],
        coinbase=coinbase,
        transactions=tuple(others),
        template_id=known.template_id,
        user=known.user,
        found_at=known.at,
    )


def _stems(directory: Path, suffix: str) -> list[str]:
    """The highest block first."""
    return sorted((path.stem for path in directory.glob(f"*{suffix}")), key=_rank)


def _rank(stem: str) -> tuple[int, str]:
    height = stem.partition("-")[0]
    return -int(height) if height.isdecimal() else 0, stem


def _sync(path: Path) -> None:
    """A file's bytes, or a directory's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
