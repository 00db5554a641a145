"""What is said about found blocks, for people and for programs."""

import json
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.cli.block_words import (
    PLACES,
    answered,
    as_json,
    checked_as_json,
    listed,
    outcome_as_json,
    place_words,
    shown,
)
from sluice.found_blocks import Checked, Entry
from sluice.ledger.block_record import Kept
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, Outcome, Sight
from support.recorded import a_sound_block

BLOCK = a_sound_block()
HASH = to_display(BLOCK.block_hash)
NAME = f"{BLOCK.height}-{HASH}"
SIGHT = Sight("core", BLOCK.block_hash, BLOCK.height)
HISTORY = (
    Noted(1_700_000_001, Outcome("core", "submitblock", Answer.REFUSED, "a\x1b[31mword", 12)),
    Noted(1_700_000_002, Outcome("core", "submitblock", Answer.ACCEPTED, "", 3)),
    Noted(1_700_000_003, Moved(Stage.IN_CHAIN, Turn.SHOWN, SIGHT)),
)
ENTRY = Entry(NAME, Kept(BLOCK, HISTORY, Path("/data/blocks") / f"{NAME}.hex", settled=False))
TORN = Entry("9-torn", None, "it is not hex")


def test_a_table_for_people() -> None:
    head, columns, good, torn, tail = listed([ENTRY, TORN], "/data/blocks")
    assert head == "2 found blocks lie in /data/blocks; 2 of them are not settled yet."
    assert columns.split() == ["height", "found", "(UTC)", "stage", "by", "hash"]
    assert good.split() == [str(BLOCK.height), "2023-11-14", "22:13:20", "in", "the", "chain", "alice", HASH]
    assert torn.split() == ["9", "?", "unreadable", "?", "torn"]
    assert "sluice blocks show" in tail


def test_before_the_first_one() -> None:
    assert list(listed([], "/data/blocks")) == ["No block has been found yet; they will lie in /data/blocks."]


def test_all_that_is_known_of_one_and_what_to_do_with_it() -> None:
    text = "\n".join(shown(ENTRY))
    assert f"bitcoin-cli -stdin submitblock < /data/blocks/{NAME}.hex" in text
    assert "found 2023-11-14 22:13:20 UTC by alice, on template 7, with 2 transactions" in text
    assert "in the chain: a node's best chain shows it" in text
    assert r"2023-11-14 22:13:21  core by submitblock: refused, a\x1b[31mword (12 ms)" in text
    assert "2023-11-14 22:13:22  core by submitblock: accepted (3 ms)" in text
    assert f"in the chain: a best chain shows it (chain of core, height {BLOCK.height})" in text


def test_one_that_cannot_be_read_is_left_alone_and_said_so() -> None:
    first, second = shown(TORN)
    assert first == "Block 9-torn cannot be read: it is not hex."
    assert "stays" in second


@pytest.mark.parametrize("turn", [None, *(turn for turn in PLACES if turn)])
def test_where_a_block_is(turn: Turn | None) -> None:
    sights = {
        None: (),
        Turn.BURIED: (Sight("core", BLOCK.block_hash, BLOCK.height + 5),),
        Turn.SHOWN: (SIGHT,),
        Turn.ABSENT: (Sight("core", None, BLOCK.height - 1),),
        Turn.OVERTAKEN: (Sight("core", bytes(32), BLOCK.height),),
        Turn.RIVAL_BURIED: (Sight("core", bytes(32), BLOCK.height + 5),),
    }[turn]
    assert place_words(Checked(ENTRY, "", sights)) == f"{NAME}: sound; {PLACES[turn]}"


def test_what_is_not_sound_is_loud() -> None:
    assert place_words(Checked(ENTRY, "high-hash", ())).startswith(f"{NAME}: NOT SOUND (high-hash)")
    assert place_words(Checked(TORN, "it is not hex", ())) == "9-torn: NOT SOUND (it is not hex)"


def test_answers() -> None:
    (line,) = answered([Outcome("core", "submitblock", Answer.DUPLICATE, "duplicate", 7)])
    assert line == "core by submitblock: duplicate (7 ms)"


def test_for_programs_it_is_json() -> None:
    whole = json.loads(json.dumps(as_json(ENTRY)))
    assert (whole["height"], whole["block_hash"], whole["stage"]) == (BLOCK.height, HASH, "in the chain")
    assert [next(iter(set(line) - {"at"})) for line in whole["history"]] == ["answered", "answered", "moved"]
    assert as_json(TORN) == {"name": "9-torn", "readable": False, "reason": "it is not hex"}
    checked = checked_as_json(Checked(ENTRY, "", (SIGHT,)))
    assert (checked["sound"], checked["place"], checked["sights"][0]["node"]) == (True, "shown", "core")
    assert outcome_as_json(Outcome("core", "x", Answer.SILENT))["answer"] == "silent"
