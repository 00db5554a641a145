"""One block."""

from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.control.words import AnswerPicture, BlockPicture
from sluice.ledger.block_record import BlockRecord
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, FoundBlock, Outcome
from sluice.pool.ports import Sight as Seen
from sluice.web.views.block import MOST_STEPS
from support.pictures import NOW, pool
from support.recorded import a_sound_block
from support.scripted_pool import ScriptedPool
from support.web import page_of, text_of


def kept(directory: Path, *history: Noted) -> FoundBlock:
    found = a_sound_block()
    record = BlockRecord(directory / "blocks")
    record.write(found)
    for noted in history:
        record.note(found, noted)
    return found


def test_its_life_and_its_coinbase_come_from_its_files(tmp_path: Path) -> None:
    found = kept(
        tmp_path,
        Noted(1_700_000_000, Moved(Stage.OFFERED, Turn.RECORDED, None)),
        Noted(1_700_000_001, Outcome("<core>", "submitblock", Answer.REFUSED, "bad-<b>txns", 12)),
        Noted(1_700_000_002, Outcome("core", "submitblock", Answer.ACCEPTED, "", 7)),
        Noted(1_700_000_003, Moved(Stage.IN_CHAIN, Turn.SHOWN, Seen("core", None, 5))),
    )
    answer = page_of(
        tmp_path, f"/block?hash={to_display(found.block_hash)}", ScriptedPool(pool(height=found.height + 3))
    )
    text = text_of(answer.text)
    assert f"Block {found.height:,}" in text
    assert "State in the chain" in text
    assert "Confirmations 3" in text
    assert "2023-11-14 22:13:21 submitted to <core> by submitblock, after 12 ms: refused: bad-<b>txns" in text
    assert "in the chain a best chain shows it, as core shows" in text
    assert "<core>" not in answer.text
    assert f"Height in it {found.height:,}" in text
    assert found.coinbase.hex() in "".join(text.split())
    assert "commitment to the witnesses" in text
    assert "block explorer" not in text


def test_a_long_life_is_cut_at_its_beginning(tmp_path: Path) -> None:
    outcome = Outcome("core", "submitblock", Answer.SILENT, "", 1)
    found = kept(tmp_path, *(Noted(1_700_000_000 + second, outcome) for second in range(MOST_STEPS + 9)))
    page = page_of(tmp_path, f"/block?hash={to_display(found.block_hash)}").text
    assert page.count("submitted") == MOST_STEPS
    assert "10 earlier steps are left out." in text_of(page)


def test_what_the_pool_alone_knows_is_shown(tmp_path: Path) -> None:
    answers = (AnswerPicture("core", "rpc", "refused", "<bad>", 3),)
    block = BlockPicture(7, "ab" * 32, "", int(NOW), "refused", False, False, True, answers)
    script = ScriptedPool(pool(blocks=(block,)))
    text = text_of(page_of(tmp_path, f"/block?hash={'ab' * 32}", script).text)
    assert "core rpc refused <bad> 3 ms" in text
    assert "The block itself is not kept here any more." in text


def test_an_explorer_is_linked_to_if_there_is_one(tmp_path: Path) -> None:
    found = kept(tmp_path)
    name = to_display(found.block_hash)
    page = page_of(tmp_path, f"/block?hash={name}", explorer_url="https://explorer.example/").text
    assert f'href="https://explorer.example/block/{name}"' in page


@pytest.mark.parametrize("name", ["", "x", "00" * 32, "../../../etc/passwd", "00" * 400, "*", "é"])
def test_what_nobody_found_is_not_found(tmp_path: Path, name: str) -> None:
    kept(tmp_path)
    assert page_of(tmp_path, f"/block?hash={name}").status_code == 404


def test_a_spoilt_file_is_no_error(tmp_path: Path) -> None:
    found = kept(tmp_path)
    for file in (tmp_path / "blocks").glob("*.hex"):
        file.write_text("not hex")
    assert page_of(tmp_path, f"/block?hash={to_display(found.block_hash)}").status_code == 404
