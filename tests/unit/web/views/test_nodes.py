"""The nodes."""

from pathlib import Path

from sluice.control.words import NodePicture
from sluice.web.views.nodes import nodes
from support.pictures import pool
from support.scripted_pool import ScriptedPool
from support.web import page_of, text_of


def test_each_stands_with_what_is_known_of_it(tmp_path: Path) -> None:
    leading = NodePicture(
        "cellar",
        "leading",
        "Its template is the one that is mined.",
        for_seconds=75.0,
        next_height=101,
        prev_hash="00" * 32,
        lag=0.0,
        template_age=3.0,
        reward=312_500_000,
        outcomes={"accepted": 2, "refused": 1},
        last_outcome="bad-<b>blk",
    )
    waiting = NodePicture("attic", "waiting", "It has not answered yet.")
    slow = NodePicture("roof", "slow", "It has not heard.", why="<why>", lag=1.2345, behind=2, next_height=99)
    page = page_of(tmp_path, "/nodes", ScriptedPool(pool(nodes=(leading, waiting, slow)))).text
    text = text_of(page)
    assert "cellar leading for 1 min 15 s" in text
    assert "3.12500000 BTC" in text
    assert "Heard of the last block first" in text
    assert "accepted: 2, refused: 1; the last: bad-<b>blk" in text
    assert "Heard of the last block 1,234 ms after the first" in text
    assert "99, 2 behind" in text
    assert "Age of its template none yet" in text
    assert "<b>blk" not in page
    assert nodes.__doc__


def test_without_any_it_is_said(tmp_path: Path) -> None:
    assert "Nothing is known of a node yet." in page_of(tmp_path, "/nodes").text
