"""The first page."""

import re
from pathlib import Path
from time import time

from sluice.control.words import NodePicture, RecordPicture
from sluice.web.views.home import home
from support.kept import keep_story
from support.pictures import figures, pool
from support.scripted_pool import ScriptedPool
from support.web import page_of, text_of


def test_it_says_what_is_going_on(tmp_path: Path) -> None:
    text = text_of(page_of(tmp_path, "/").text)
    assert "Hash rate 1.25 TH/s 1.5 TH/s over 1 min , 1 TH/s over 1 h" in text
    assert "Workers 2 2 miners online" in text
    assert "Block to be found 101" in text
    assert "Network difficulty 2048" in text
    # 2048 * 2^32 hashes at 1 TH/s
    assert "Expected time to a block 9 s" in text
    assert "No block has been found yet." in text
    assert home.__name__ == "home"


def test_it_says_how_much_work_is_done_since_the_last_block(tmp_path: Path) -> None:
    script = ScriptedPool(pool(network_difficulty=100.0))
    page = text_of(page_of(tmp_path, "/", script, database=keep_story(tmp_path, int(time()))).text)
    found = re.search(r"since the start; work since the last: ([\d.]+) % of what a block takes", page)
    assert found
    # At most the story's 50 shares of difficulty 1, of the 100 that a block takes.
    assert 0 < float(found[1]) <= 50


def test_it_says_why_nothing_is_mined(tmp_path: Path) -> None:
    script = ScriptedPool(
        pool(trouble="<b>no</b> miner is connected", miners=0, figures=figures(hashrates=(0, 0, 0))), ()
    )
    page = page_of(tmp_path, "/", script).text
    text = text_of(page)
    assert "<b>no</b>" not in page
    assert "Expected time to a block ?" in text
    assert "Odds within a day none" in text


def test_how_to_connect_is_said_to_who_has_no_miner_not_to_who_has_no_node(tmp_path: Path) -> None:
    for trouble, helped in (("no miner is connected: give one the URL", True), ("the node is away", False)):
        (directory := tmp_path / str(helped)).mkdir()
        page = page_of(directory, "/", ScriptedPool(pool(at=time(), trouble=trouble, miners=0), ())).text
        assert ("How to connect one" in page) is helped


def test_nodes_are_told_with_their_state(tmp_path: Path) -> None:
    node = NodePicture(
        "cellar", "lagging", "Its tip is an older block.", why="it is <slow>", template_age=61.0
    )
    text = text_of(page_of(tmp_path, "/", ScriptedPool(pool(nodes=(node,)))).text)
    assert "cellar lagging 1 min 1 s ago" in text


def test_before_there_is_a_pool_the_page_is_there(tmp_path: Path) -> None:
    script = ScriptedPool(pool(height=None, network_difficulty=0.0, nodes=()), ())
    assert "Block to be found ?" in text_of(page_of(tmp_path, "/", script).text)


def test_it_says_that_nothing_is_recorded_and_that_mining_goes_on(tmp_path: Path) -> None:
    record = RecordPicture(lost=1_234, failing="the <b>disk</b> is full")
    page = page_of(tmp_path, "/", ScriptedPool(pool(at=time(), record=record))).text
    assert "<b>disk" not in page
    assert "Nothing is being recorded Mining goes on. The <b>disk</b> is full" in text_of(page)
    assert "entries are lost so far" in text_of(page)
    (elsewhere := tmp_path / "well").mkdir()
    assert "Nothing is being recorded" not in page_of(elsewhere, "/", ScriptedPool(pool(at=time()))).text
