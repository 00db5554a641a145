"""Blocks on disk: whole or not there, with their histories, and put aside when their life is over."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.ledger import block_record as module
from sluice.ledger.block_lines import found_line, noted_line
from sluice.ledger.block_record import BlockRecord, Kept, UnreadableBlock, stem_of
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import FoundBlock
from support.blocks import found
from support.found import verdict, whole
from support.vectors import MAINNET_BLOCK, vector_bytes
from support.work import EASY_NBITS, spend, template

FULL = template(transactions=tuple(spend(number) for number in range(1, 20)), nbits=EASY_NBITS)
BURIED = Noted(9, Moved(Stage.BURIED, Turn.BURIED))
SAID = Noted(5, verdict("core"))


def a_block(number: int, height: int = 840_000) -> FoundBlock:
    block = whole(found(FULL, number), height)
    return replace(block, user="alice", template_id=7, found_at=1_700_000_000)


BLOCK = a_block(0)
STEM = f"840000-{to_display(BLOCK.block_hash)}"


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
def record(tmp_path: Path) -> BlockRecord:
    return BlockRecord(tmp_path / "data" / "blocks")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.is_file())


def keep(record: BlockRecord, block: FoundBlock = BLOCK) -> Path:
    record.write(block)
    record.sync(block)
    return record.directory / f"{stem_of(block)}.hex"


def test_a_block_lies_there_as_hex_and_is_rebuilt_from_that_alone(record: BlockRecord) -> None:
    path = keep(record)
    assert path.name == f"{STEM}.hex"
    assert path.read_text() == BLOCK.raw.hex()
    assert record.unsettled() == record.all() == [STEM]
    assert record.read(STEM) == Kept(BLOCK, (), path, settled=False)
    assert names(record.directory) == [f"{STEM}.hex", f"{STEM}.jsonl"]


def test_a_whole_mainnet_block_comes_back_byte_by_byte(record: BlockRecord) -> None:
    block = whole(vector_bytes(MAINNET_BLOCK), 800_000)
    keep(record, block)
    assert record.read(stem_of(block)).found == block


def test_the_directory_is_made_when_it_is_needed(record: BlockRecord) -> None:
    assert record.unsettled() == record.all() == []
    assert not record.directory.exists()
    keep(record)
    assert record.directory.is_dir()


def test_what_happens_to_it_is_read_back_in_order(record: BlockRecord) -> None:
    keep(record)
    lines = [Noted(at, verdict("core", f"{at}")) for at in range(9)]
    for line in lines:
        record.note(BLOCK, line)
    assert record.read(STEM).history == tuple(lines)


def test_a_line_that_was_cut_off_harms_no_other(record: BlockRecord) -> None:
    keep(record)
    with (record.directory / f"{STEM}.jsonl").open("a") as file:
        file.write('{"at":1,"answ')
    record.note(BLOCK, SAID)
    record.note(BLOCK, SAID)
    assert record.read(STEM) == Kept(BLOCK, (SAID, SAID), record.directory / f"{STEM}.hex", settled=False)


def test_a_block_may_be_written_again(record: BlockRecord) -> None:
    keep(record)
    record.note(BLOCK, SAID)
    keep(record)
    assert record.read(STEM).history == (SAID,)
    assert record.read(STEM).found == BLOCK


def test_a_settled_block_is_put_aside_with_its_history(record: BlockRecord) -> None:
    keep(record)
    record.note(BLOCK, BURIED)
    record.settle(BLOCK)
    assert record.unsettled() == []
    assert record.all() == [STEM]
    assert names(record.directory) == []
    assert names(record.settled) == [f"{STEM}.hex", f"{STEM}.jsonl"]
    assert record.read(STEM) == Kept(BLOCK, (BURIED,), record.settled / f"{STEM}.hex", settled=True)


@pytest.mark.parametrize("moved", [(), (".hex",), (".hex", ".jsonl")], ids=["nothing", "hex", "all"])
def test_an_end_in_the_middle_of_it_is_made_up_for(record: BlockRecord, moved: tuple[str, ...]) -> None:
    keep(record)
    record.note(BLOCK, BURIED)
    record.settled.mkdir()
    for suffix in moved:
        (record.directory / f"{STEM}{suffix}").rename(record.settled / f"{STEM}{suffix}")
    assert record.unsettled() == ([] if len(moved) == 2 else [STEM])
    kept = record.read(STEM)
    assert (kept.found, kept.history) == (BLOCK, (BURIED,))
    record.settle(BLOCK)
    assert record.unsettled() == []
    assert record.read(STEM).settled


def test_settled_blocks_are_let_go_of_the_lowest_first(
    record: BlockRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WHOLE_KEPT", 2)
    monkeypatch.setattr(module, "HISTORIES_KEPT", 3)
    blocks = [a_block(number, height) for number, height in enumerate((99_999, 9, 100_000, 100_001))]
    for block in blocks:
        keep(record, block)
        record.settle(block)
    assert [stem.partition("-")[0] for stem in record.all()] == ["100001", "100000"]
    assert len(list(record.settled.glob("*.jsonl"))) == 3


def test_a_full_disk_leaves_nothing_that_looks_like_a_block(record: BlockRecord) -> None:
    with files_of_at_most(1_500), pytest.raises(OSError, match="File too large"):
        record.write(BLOCK)
    assert list(record.directory.glob("*.hex")) == []
    assert record.all() == []
    keep(record)
    assert record.read(STEM).found == BLOCK


def test_a_full_disk_does_not_harm_what_is_there(record: BlockRecord) -> None:
    keep(record)
    record.note(BLOCK, SAID)
    with files_of_at_most(10), pytest.raises(OSError, match=r"File too large|a part of a line"):
        record.write(BLOCK)
    assert record.read(STEM) == Kept(BLOCK, (SAID,), record.directory / f"{STEM}.hex", settled=False)


def test_a_line_that_finds_half_the_room_is_an_error(record: BlockRecord) -> None:
    keep(record)
    size = (record.directory / f"{STEM}.jsonl").stat().st_size
    with files_of_at_most(size + 10), pytest.raises(OSError, match="a part of a line"):
        record.note(BLOCK, SAID)
    record.note(BLOCK, BURIED)
    assert record.read(STEM).history == (BURIED,)


def test_a_path_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("")
    with pytest.raises(OSError, match="File exists"):
        BlockRecord(tmp_path / "blocks").write(BLOCK)


def test_the_highest_comes_first_whatever_its_digits(record: BlockRecord) -> None:
    for height in (9, 100_000, 99_999):
        record.write(a_block(0, height))
    (record.directory / "840001.unfinished").write_text("00")
    (record.directory / "note.txt").write_text("of the operator")
    (record.directory / "strange.hex").write_text("00")
    heights = [stem.partition("-")[0] for stem in record.unsettled()]
    assert heights == ["100000", "99999", "9", "strange"]


def test_hex_alone_is_enough(record: BlockRecord) -> None:
    record.directory.mkdir(parents=True)
    (record.directory / f"{STEM}.hex").write_text(f"{BLOCK.raw.hex().upper()}\n")  # touched by hand
    assert record.unsettled() == [STEM]
    kept = record.read(STEM)
    assert kept.found == replace(BLOCK, user="", template_id=0, found_at=0)
    assert kept.history == ()
    record.note(kept.found, SAID)
    assert record.read(STEM).history == (SAID,)


def test_a_block_that_was_never_written_whole_is_told_from_its_first_line(record: BlockRecord) -> None:
    record.directory.mkdir(parents=True)
    (record.directory / f"{STEM}.jsonl").write_text(found_line(BLOCK))
    (record.directory / f"{STEM}.unfinished").write_text(BLOCK.raw.hex()[:100])
    assert record.unsettled() == [STEM]
    with pytest.raises(UnreadableBlock, match="only its history is here"):
        record.read(STEM)


OTHER_BODY = BLOCK.header + whole(found(FULL, 1)).raw[80:]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no hex at all", "it is not hex"),
        (BLOCK.raw.hex()[:-1], "it is not hex"),
        ("é", "it is not hex"),
        ("", "it is no block"),
        (BLOCK.raw.hex()[:-2], "it is no block"),
        (BLOCK.raw.hex() + "00", "it is no block"),
        (found(FULL, 1).hex(), "its header is that of"),
        (OTHER_BODY.hex(), "its transactions are not those that its header commits to"),
    ],
)
def test_a_file_that_does_not_hold_its_block_is_not_believed(
    record: BlockRecord, text: str, why: str
) -> None:
    keep(record).write_text(text)
    with pytest.raises(UnreadableBlock, match=why):
        record.read(STEM)


def test_what_was_written_reaches_the_disk_in_an_order_that_survives(
    record: BlockRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    keep(record)
    assert synced == [f"{STEM}.hex", f"{STEM}.jsonl", "blocks", "data"]
    synced.clear()
    record.note(BLOCK, SAID)
    assert synced == []
    record.note(BLOCK, BURIED)
    assert synced == [f"{STEM}.jsonl"]
    synced.clear()
    record.settle(BLOCK)
    assert synced == ["settled", "blocks"]
    assert noted_line(BURIED) in (record.settled / f"{STEM}.jsonl").read_text()
