"""All blocks that were found."""

from pathlib import Path

from sluice.control.words import BlockPicture
from sluice.web.views.blocks import PAGE_SIZE
from support.pictures import NOW, pool
from support.scripted_pool import ScriptedPool
from support.web import page_of, text_of


def block(height: int, stage: str = "in the chain", user: str = "alice.rig") -> BlockPicture:
    return BlockPicture(height, f"{height:064x}", user, int(NOW), stage, False, True, True)


def test_each_is_a_row_with_its_state_and_confirmations(tmp_path: Path) -> None:
    script = ScriptedPool(pool(height=105, blocks=(block(104, "orphaned"), block(103), block(100, "buried"))))
    text = text_of(page_of(tmp_path, "/blocks", script).text)
    assert "104 alice . rig orphaned" in text
    assert "103 alice . rig in the chain 2" in text
    assert "100 alice . rig buried 5" in text


def test_many_are_paged(tmp_path: Path) -> None:
    script = ScriptedPool(
        pool(height=2_000, blocks=tuple(block(height) for height in range(1_000, 1_000 - 60, -1)))
    )
    page = page_of(tmp_path, "/blocks?page=2", script).text
    assert f"{PAGE_SIZE + 1} to 60 of 60" in text_of(page)
    assert page.count("<tr data-key") == 10


def test_none_is_said(tmp_path: Path) -> None:
    assert "No block has been found yet." in page_of(tmp_path, "/blocks").text
