"""Found blocks on disk, as hex, from before they leave until a node has taken them.

Rule: a file is whole or not there: it gets its name, `HEIGHT-HASH.hex`, once every byte of it is on the disk.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import sha256d, to_display
from sluice.bitcoin.header import HEADER_SIZE
from sluice.pool.ports import FoundBlock


class UnreadableBlock(Exception):
    """A file does not hold the block that it is named for; the text says why not."""


@dataclass(frozen=True, slots=True)
class BlockFiles:
    """The files of one directory, which is made when the first block is found. OSError where the disk fails."""

    directory: Path

    def keep(self, height: int, block_hash: bytes, block: bytes) -> Path:
        """Write a block, and wait until it is on the disk; `block_hash` is in wire order."""
        if not self.directory.is_dir():
            self.directory.mkdir(parents=True, exist_ok=True)
            _sync(self.directory.parent)
        path = self.directory / f"{height}-{to_display(block_hash)}.hex"
        unfinished = path.with_suffix(".unfinished")
        try:
            with unfinished.open("w") as file:
                file.write(block.hex())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        _sync(self.directory)
        return path

    def left_over(self) -> list[Path]:
        """The files that are there, the highest block first: blocks that no node is known to have."""
        return sorted(self.directory.glob("*.hex"), key=_height, reverse=True)


def read_block(path: Path) -> FoundBlock:
    """The block of a file; who found it is not written there. Raises UnreadableBlock, OSError."""
    try:
        raw = bytes.fromhex(path.read_text("ascii"))
    except ValueError as error:
        raise UnreadableBlock("it is not hex") from error
    block_hash = sha256d(raw[:HEADER_SIZE])
    if not path.stem.endswith(to_display(block_hash)):
        raise UnreadableBlock(f"its header is that of {to_display(block_hash)}")
    try:
        coinbase, *others = (transaction.to_bytes() for transaction in Block.parse(raw).transactions)
    except ValueError as error:
        raise UnreadableBlock(f"it is no block: {error}") from error
    return FoundBlock(block_hash, _height(path), raw[:HEADER_SIZE], coinbase, tuple(others), 0, "", 0)


def _height(path: Path) -> int:
    height = path.stem.partition("-")[0]
    return int(height) if height.isdecimal() else 0


def _sync(directory: Path) -> None:
    """A new name is on the disk only when its directory is."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
