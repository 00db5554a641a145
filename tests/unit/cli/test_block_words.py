"""What is said about found blocks, for people and for programs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.network import REGTEST
from sluice.cli.block_lives import Life
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
from sluice.web.coinbase import coinbase_view
from support.recorded import a_sound_block
from support.shown_pool import RUDE
from support.terminal_page import assert_as_said

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
COINBASE = coinbase_view(BLOCK.coinbase, REGTEST)
assert COINBASE
REWARD = f"{COINBASE.total // 10**8}.{COINBASE.total % 10**8:08}"
LIFE = Life(BLOCK.height, HASH, "alice", "rig", BLOCK.found_at, "in the chain", 3, HISTORY, ENTRY, COINBASE)
UNREADABLE = Life(9, "torn", "", "", 0, "unreadable", None, (), TORN, None)


def test_a_table_for_people() -> None:
    head, columns, good, torn, tail = listed([LIFE, UNREADABLE], 2, "/data/blocks")
    assert head == "2 blocks found; 2 of those shown are not settled yet. Files: /data/blocks"
    assert columns.split() == ["height", "found", "(UTC)", "stage", "conf.", "reward", "hash", "by"]
    assert good.split() == [
        *(
            str(BLOCK.height),
            "2023-11-14",
            "22:13:20",
            "in",
            "the",
            "chain",
            "3",
            f"{REWARD}",
            HASH,
            "alice.rig",
        )
    ]
    assert torn.split() == ["9", "?", "unreadable", "?", "?", "torn", "-"]
    assert "sluice blocks HASH" in tail
    assert "and 5 older ones: --limit 0 shows them all" in list(listed([LIFE], 6, "/data/blocks"))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_table_fits_a_screen_whatever_the_finder_is_called(width: int) -> None:
    rude = replace(LIFE, account="中" * 85 + RUDE)
    _, *table, _ = listed([rude, rude], 2, "/data/blocks", width)
    assert all(cell_len(line) <= width for line in table)
    assert all(line.isprintable() for line in (*table, *shown(rude)))
    assert HASH[-16:] in table[1]


def test_before_the_first_one() -> None:
    assert list(listed([], 0, "/data/blocks")) == [
        "No block has been found yet; they will lie in /data/blocks."
    ]


def test_all_that_is_known_of_one_and_what_to_do_with_it() -> None:
    text = "\n".join(shown(LIFE))
    for words in (
        "found 2023-11-14 22:13:20 UTC by alice.rig",
        "in the chain: a node's best chain shows it",
        "3 confirmations",
        "  last said  core by submitblock: accepted (3 ms)",
        f"  pays       {REWARD} BTC",
        "bitcoin-cli -stdin submitblock < /data/blocks/",
        "It was built on template 7, with 2 transactions",
        r"2023-11-14 22:13:21  core by submitblock: refused, a\x1b[31mword (12 ms)",
        "2023-11-14 22:13:22  core by submitblock: accepted (3 ms)",
        f"in the chain: a best chain shows it (chain of core, height {BLOCK.height})",
    ):
        assert words in text
    assert text.count("last said") == 1
    unseen = "\n".join(shown(replace(LIFE, confirmations=None, entry=None, coinbase=None)))
    assert "confirmations are not known, as no pool is in sight" in unseen
    assert "bitcoin-cli" not in unseen


def test_one_that_cannot_be_read_is_left_alone_and_said_so() -> None:
    text = "\n".join(shown(UNREADABLE))
    assert "unreadable: what is there of it cannot be read" in text
    assert "Its files 9-torn cannot be read: it is not hex." in text
    assert "nothing will overwrite it" in text


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
    whole = json.loads(json.dumps(as_json(LIFE)))
    assert (whole["height"], whole["block_hash"], whole["stage"]) == (BLOCK.height, HASH, "in the chain")
    assert [next(iter(set(line) - {"at"})) for line in whole["history"]] == ["answered", "answered", "moved"]
    assert [answer["answer"] for answer in whole["answers"]] == ["accepted"]
    assert whole["coinbase"]["raw"] == BLOCK.coinbase.hex()
    assert whole["reward"] == sum(output["value"] for output in whole["coinbase"]["outputs"])
    torn = as_json(UNREADABLE)
    assert torn.keys() == whole.keys()
    assert (torn["name"], torn["readable"], torn["reason"]) == ("9-torn", False, "it is not hex")
    nowhere = as_json(replace(LIFE, entry=None, coinbase=None))
    assert (nowhere["readable"], nowhere["reason"]) == (False, "there are no files of it")
    checked = checked_as_json(Checked(ENTRY, "", (SIGHT,)))
    assert (checked["sound"], checked["place"], checked["sights"][0]["node"]) == (True, "shown", "core")
    outcome = outcome_as_json(Outcome("core", "x", Answer.SILENT))
    assert outcome["answer"] == "silent"
    for command, said in (("blocks", whole), ("blocks verify", checked), ("blocks resubmit", outcome)):
        assert_as_said(command, [said])
