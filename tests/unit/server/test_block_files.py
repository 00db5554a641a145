"""Blocks on disk: whole or not there, and found again."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import sha256d, to_display
from sluice.server.block_files import BlockFiles, UnreadableBlock, read_block
from support.found import a_block

FOUND = a_block(int.from_bytes(bytes(range(80))), 840_000)
BLOCK = FOUND.raw
HASH = sha256d(BLOCK[:80])
NAME = f"840000-{to_display(HASH)}.hex"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Whoever writes more meets an error, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def files(tmp_path: Path) -> BlockFiles:
    return BlockFiles(tmp_path / "data" / "blocks")


def names(files: BlockFiles) -> list[str]:
    return sorted(path.name for path in files.directory.iterdir())


def test_a_block_is_kept_as_hex_under_its_height_and_hash(files: BlockFiles) -> None:
    path = files.keep(840_000, HASH, BLOCK)
    assert path == files.directory / NAME
    assert path.read_text() == BLOCK.hex()
    assert read_block(path) == FOUND
    assert names(files) == [NAME]


def test_the_directory_is_made_when_it_is_needed(files: BlockFiles) -> None:
    assert files.left_over() == []
    assert not files.directory.exists()
    files.keep(1, HASH, BLOCK)
    assert files.directory.is_dir()


def test_the_same_block_may_be_kept_again(files: BlockFiles) -> None:
    assert files.keep(840_000, HASH, BLOCK) == files.keep(840_000, HASH, BLOCK)
    assert names(files) == [NAME]


def test_a_full_disk_leaves_nothing_that_looks_like_a_block(files: BlockFiles) -> None:
    files.directory.mkdir(parents=True)
    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        files.keep(840_000, HASH, BLOCK)
    assert names(files) == []
    assert files.left_over() == []


def test_a_full_disk_does_not_harm_the_file_that_is_there(files: BlockFiles) -> None:
    path = files.keep(840_000, HASH, BLOCK)
    with files_of_at_most(100), pytest.raises(OSError, match="File too large"):
        files.keep(840_000, HASH, BLOCK)
    assert read_block(path) == FOUND


def test_a_path_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("")
    with pytest.raises(OSError, match="File exists"):
        BlockFiles(tmp_path / "blocks").keep(1, HASH, BLOCK)


def test_the_highest_is_left_over_first_whatever_its_digits(files: BlockFiles) -> None:
    for height in (9, 100_000, 99_999):
        files.keep(height, HASH, BLOCK)
    (files.directory / "840001.unfinished").write_text("00")
    (files.directory / "note.txt").write_text("of the operator")
    assert [path.name.partition("-")[0] for path in files.left_over()] == ["100000", "99999", "9"]


def test_names_that_are_not_ours_come_last(files: BlockFiles) -> None:
    files.keep(5, HASH, BLOCK)
    (files.directory / "strange.hex").write_text("00")
    assert [path.name for path in files.left_over()] == [f"5-{to_display(HASH)}.hex", "strange.hex"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no hex at all", "it is not hex"),
        (BLOCK.hex()[:-1], "it is not hex"),
        ("é", "it is not hex"),
        ("", "its header is that of"),
        (bytes(81).hex(), "its header is that of"),
    ],
)
def test_a_file_that_does_not_hold_its_block_is_not_believed(files: BlockFiles, text: str, why: str) -> None:
    path = files.keep(840_000, HASH, BLOCK)
    path.write_text(text)
    with pytest.raises(UnreadableBlock, match=why):
        read_block(path)


def test_a_file_that_was_touched_by_hand_is_still_read(files: BlockFiles) -> None:
    path = files.keep(840_000, HASH, BLOCK)
    path.write_text(f"{BLOCK.hex().upper()}\n")
    assert read_block(path) == FOUND
