"""Found blocks from the command's side: which one is meant, what nodes say, what is noted."""

from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.config import Config, read_config
from sluice.exit_codes import ExitCode
from sluice.found_blocks import Checked, Entry, NoSuchBlock, entries, entry_of, record_of, resubmit, verify
from sluice.ledger.block_record import stem_of
from sluice.pool.block_life import Turn
from sluice.pool.ports import Answer, Outcome, Sight
from support.recorded import a_sound_block, beside, kept
from support.scripted_node import ScriptedNode, result

BLOCK, OTHER = a_sound_block(0), a_sound_block(1)


def config(directory: Path, node: ScriptedNode | None = None) -> Config:
    flags = {"data.dir": str(directory), "node.user": "u", "node.password": "p"}
    if node is not None:
        flags["node.url"] = node.url
    return read_config(None, {}, flags, checks=())


def test_all_blocks_are_there_settled_or_not_and_even_those_that_cannot_be_read(tmp_path: Path) -> None:
    record = kept(tmp_path, BLOCK, OTHER)
    record.settle(OTHER)
    (record.directory / "9-torn.hex").write_text("<html>")
    found = list(entries(record_of(config(tmp_path))))
    assert {entry.stem for entry in found[:2]} == {stem_of(BLOCK), stem_of(OTHER)}
    assert [entry.fault for entry in found] == ["", "", "it is not hex"]
    assert {entry.kept.settled for entry in found if entry.kept} == {True, False}


def test_a_block_is_meant_by_any_part_of_its_name(tmp_path: Path) -> None:
    record = kept(tmp_path, BLOCK, OTHER)
    text = to_display(BLOCK.block_hash)
    for part in (text, text.upper(), text[-12:], stem_of(BLOCK)):
        entry = entry_of(record, part)
        assert entry.kept is not None
        assert entry.kept.found == BLOCK
    with pytest.raises(NoSuchBlock, match="2 blocks have"):
        entry_of(record, str(BLOCK.height))
    with pytest.raises(NoSuchBlock, match="no block here has 'ffffffffffff'"):
        entry_of(record, "ffffffffffff")
    assert NoSuchBlock.exit_code is ExitCode.USAGE


def test_resubmitting_notes_what_the_node_said(tmp_path: Path) -> None:
    record = kept(tmp_path, BLOCK)
    with beside(ScriptedNode(submitblock=result("duplicate"))) as node:
        entry = entry_of(record, to_display(BLOCK.block_hash))
        assert entry.kept is not None
        (outcome,) = resubmit(config(tmp_path, node), entry.kept)
    assert (outcome.node, outcome.answer) == ("bitcoind", Answer.DUPLICATE)
    assert node.calls["submitblock"] == [[BLOCK.raw.hex()]]
    assert [noted.what for noted in record.read(stem_of(BLOCK)).history] == [outcome]


def test_a_settled_block_can_be_given_again_and_its_history_stays_closed(tmp_path: Path) -> None:
    record = kept(tmp_path, BLOCK)
    record.settle(BLOCK)
    with beside(ScriptedNode(submitblock=result(None))) as node:
        entry = entry_of(record, to_display(BLOCK.block_hash))
        assert entry.kept is not None
        (outcome,) = resubmit(config(tmp_path, node), entry.kept)
    assert outcome.accepted
    assert record.unsettled() == []


def test_verifying_judges_each_block_and_says_what_chains_show(tmp_path: Path) -> None:
    record = kept(tmp_path, BLOCK)
    (record.directory / "9-torn.hex").write_text("<html>")
    answers = {
        "getblockcount": result(BLOCK.height + 5),
        "getblockhash": result(to_display(BLOCK.block_hash)),
    }
    with beside(ScriptedNode(**answers)) as node:
        good, torn = verify(config(tmp_path, node), list(entries(record)))
    assert (good.fault, good.turn) == ("", Turn.BURIED)
    assert good.sights == (Sight("bitcoind", BLOCK.block_hash, BLOCK.height + 5),)
    assert (torn.fault, torn.turn) == ("it is not hex", None)


def test_no_node_no_word(tmp_path: Path) -> None:
    kept(tmp_path, BLOCK)
    (checked,) = verify(config(tmp_path), list(entries(record_of(config(tmp_path)))))
    assert (checked.fault, checked.turn) == ("", None)
    assert Checked(Entry("9-x", None, "torn"), "torn", ()).turn is None
    entry = entry_of(record_of(config(tmp_path)), to_display(BLOCK.block_hash))
    assert entry.kept is not None
    (outcome,) = resubmit(config(tmp_path), entry.kept)
    assert isinstance(outcome, Outcome)
    assert outcome.answer is Answer.SILENT
