"""Who knows most of a block counts, and whoever is away is missed in nothing else."""

from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.cli.block_lives import UNREADABLE, Archive
from sluice.config import Config, read_config
from sluice.control.words import AnswerPicture, BlockPicture, PoolPicture, RecordPicture
from sluice.found_blocks import NoSuchBlock
from sluice.ledger.record import Record
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.journal import CandidateAnswered, CandidateFound, CandidateMoved
from sluice.pool.ports import Answer, Outcome
from support.entries import T0, start
from support.recorded import a_sound_block, kept
from support.shown_pool import pool

BLOCK = a_sound_block()
HASH = to_display(BLOCK.block_hash)
#: Only in the record, in display order, and only in the pool's sight.
RECORDED, SEEN = "00" * 28 + "0000cafe", "00" * 28 + "0000beef"


def config(directory: Path) -> Config:
    return read_config(None, {}, {"data.dir": str(directory)}, checks=())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A block in files, another in the record alone, which knows of the first, too."""
    kept(tmp_path, BLOCK).note(BLOCK, Noted(T0 + 1, Outcome("core", "rpc", Answer.ACCEPTED, "", 5)))
    record = Record(str(tmp_path / "record.sqlite"))
    there, other = bytes.fromhex(HASH), bytes.fromhex(RECORDED)
    record.append(
        record.begin(start()),
        1,
        [
            CandidateFound(T0, there[::-1], BLOCK.height, 7, "carol.rig"),
            CandidateMoved(T0 + 2, there[::-1], Stage.IN_CHAIN.value, Turn.SHOWN.value),
            CandidateFound(T0, other[::-1], BLOCK.height + 1, 8, "bob"),
            CandidateAnswered(T0 + 1, other[::-1], "core", "rpc", "refused", "bad-cb", 4),
            CandidateAnswered(T0 + 3, other[::-1], "core", "rpc", "accepted", "", 4),
            CandidateAnswered(T0 + 3, other[::-1], "core", "rpc", "a word to come", "", 4),
            CandidateMoved(T0 + 4, other[::-1], Stage.BURIED.value, Turn.BURIED.value),
        ],
    )
    while record.catch_up():
        pass
    record.close()
    return tmp_path


def running(directory: Path, *blocks: BlockPicture) -> PoolPicture:
    return pool(
        network="regtest",
        height=BLOCK.height + 3,
        blocks=blocks,
        record=RecordPicture(place=str(directory / "record.sqlite")),
        blocks_dir=str(directory / "blocks"),
    )


def test_without_a_pool_the_record_and_the_files_tell(directory: Path) -> None:
    archive = Archive(config(directory), None)
    assert archive.hashes() == [RECORDED, HASH]
    recorded, whole = archive.lives(archive.hashes())
    assert (recorded.name, recorded.stage, recorded.settled) == ("bob", "buried", True)
    assert [outcome.answer for outcome in recorded.answers] == [Answer.ACCEPTED]
    assert [type(noted.what) for noted in recorded.history] == [Outcome, Outcome, Moved]
    assert (recorded.entry, recorded.coinbase, recorded.confirmations) == (None, None, None)
    assert (whole.name, whole.stage, whole.settled) == ("carol.rig", "in the chain", False)
    assert [noted.at for noted in whole.history] == [T0 + 1]
    assert whole.coinbase
    assert archive.trouble is None


def test_what_the_running_pool_says_counts_before_all_else(directory: Path) -> None:
    answers = (AnswerPicture("core", "rpc", "accepted"), AnswerPicture("core", "p2p", "a word to come"))
    fresh = (
        BlockPicture(BLOCK.height, HASH, "dave", T0, "buried", True, True, True),
        BlockPicture(BLOCK.height + 2, SEEN, "eve", T0, "held", False, True, True, answers),
    )
    archive = Archive(config(directory / "nothing here"), running(directory, *fresh))
    seen, recorded, whole = archive.lives(archive.hashes())
    assert [seen.block_hash, recorded.block_hash, whole.block_hash] == [SEEN, RECORDED, HASH]
    assert (whole.name, whole.stage, whole.confirmations) == ("carol.rig", "buried", 3)
    assert (recorded.stage, recorded.confirmations) == ("buried", 2)
    assert (seen.name, seen.stage, seen.confirmations) == ("eve", "held", 0)
    assert [outcome.route for outcome in seen.answers] == ["rpc"]
    assert whole.coinbase
    assert all(paid.whom.startswith("bcrt1") for paid in whole.coinbase.paid if paid.is_address)


def test_without_a_record_the_files_tell_and_why_is_said(tmp_path: Path) -> None:
    record = kept(tmp_path, BLOCK)
    (record.directory / "9-torn.hex").write_text("<html>")
    archive = Archive(config(tmp_path), None)
    whole, torn = archive.lives(archive.hashes())
    assert (whole.name, whole.stage, whole.found_at) == ("alice", "offered", BLOCK.found_at)
    assert (torn.height, torn.stage, torn.settled) == (9, UNREADABLE, None)
    assert torn.entry
    assert torn.entry.fault == "it is not hex"
    assert "no record yet" in str(archive.trouble)
    assert archive.has_blocks
    assert not Archive(config(tmp_path / "empty"), None).has_blocks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HASH, HASH),
        (HASH[-9:].upper(), HASH),
        (str(BLOCK.height), HASH),
        ("cafe", RECORDED),
        (f"{BLOCK.height + 1}-0000", RECORDED),
    ],
)
def test_any_part_of_a_hash_or_height_means_a_block(directory: Path, text: str, found: str) -> None:
    assert Archive(config(directory), None).meant(text) == found


def test_what_means_none_or_several_is_a_sentence(directory: Path) -> None:
    archive = Archive(config(directory), None)
    with pytest.raises(NoSuchBlock, match=r"no block here has 'ffffffffff'.*blocks"):
        archive.meant("f" * 10)
    with pytest.raises(NoSuchBlock, match="2 blocks have"):
        archive.meant("0")
