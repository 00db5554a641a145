"""A miner, and one of its workers."""

import re
from pathlib import Path
from time import time
from urllib.parse import quote

import pytest

from sluice.web.views.miner import PAGE_SIZE
from support.kept import keep_story
from support.pictures import ACCOUNT, channel, miner
from support.scripted_pool import ScriptedPool
from support.web import page_of, text_of

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202etxet thgir\u202c",
    "שלום عالم",
    "é" * 127 + "x",
    "&amp;&#39;'`${x}{{ 7*7 }}",
    "a\nb\tc\x00d",
    " ",
    "../../etc/passwd",
    "?a=b&c=d#e",
]


def test_an_account_has_all_its_workers(tmp_path: Path) -> None:
    text = text_of(page_of(tmp_path, f"/miner?account={ACCOUNT}").text)
    assert "Workers online 1 of 1" in text
    assert "rig 1.5 TH/s 1.25 TH/s 1 TH/s ? 256 12 2 14.3 % stale: 2 512.2" in text
    assert "Refused shares 2 14.3 % stale: 2" in text


def test_a_worker_says_what_it_is(tmp_path: Path) -> None:
    text = text_of(page_of(tmp_path, f"/worker?account={ACCOUNT}&worker=rig").text)
    for words in (
        "Vendor bitaxe",
        "Firmware 2.9",
        "Protocol sv2, standard channel",
        "stale 2 14.3 %",
        "Difficulty 256",
    ):
        assert words in text


def test_what_the_record_knows_is_there_too(tmp_path: Path) -> None:
    kept = keep_story(tmp_path, int(time()))
    text = text_of(page_of(tmp_path, f"/miner?account={ACCOUNT}", database=kept).text)
    # 30 shares of 2^32 hashes within the two minutes that it has been here; attic had ten, and its first a moment ago
    assert re.search(r"TH/s over 1 h , (1\.0|0\.9|1)[\d.]* GH/s over 24 h Workers online 1 of 2", text)
    assert re.search(r"rig 1\.5 TH/s 1\.25 TH/s 1 TH/s 1[.\d]* GH/s 256 3 4 57\.1 %", text)
    assert "4 57.1 % duplicate: 1 stale: 3 4096 4096" in text
    assert re.search(r"attic not connected 7\d\d MH/s 1 0 512 512", text)


@pytest.mark.parametrize(
    "path", ["/miner", "/miner?account=nobody", "/worker", f"/worker?account={ACCOUNT}&worker=x"]
)
def test_nobody_is_not_found(tmp_path: Path, path: str) -> None:
    answer = page_of(tmp_path, path)
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_its_links_lead_to_it(tmp_path: Path, name: str) -> None:
    kept = name.replace("\0", "\\x00")
    script = ScriptedPool(
        miners=[miner(1, channel(1, name, name), vendor=name, hardware_version=name, firmware=name)]
    )
    pages = {
        "/miners": f"/worker?account={quote(kept)}&amp;worker={quote(kept)}",
        f"/miner?account={quote(kept)}": f"/worker?account={quote(kept)}",
        f"/worker?account={quote(kept)}&worker={quote(kept)}": f"/miner?account={quote(kept)}",
    }
    for path, link in pages.items():
        answer = page_of(tmp_path, path, script)
        assert answer.status_code == 200, path
        assert link in answer.text
        assert "<img src=x" not in answer.text
        assert "<script>alert" not in answer.text
        assert "\u202e" not in answer.text
        assert "\x00" not in answer.text


def test_many_workers_are_paged(tmp_path: Path) -> None:
    script = ScriptedPool(
        miners=[miner(peer, channel(1, ACCOUNT, f"rig{peer}")) for peer in range(PAGE_SIZE + 1)]
    )
    page = page_of(tmp_path, f"/miner?account={ACCOUNT}&page=2", script).text
    assert f"{PAGE_SIZE + 1} to {PAGE_SIZE + 1} of {PAGE_SIZE + 1}" in text_of(page)
    assert f'rel="prev" href="/miner?account={ACCOUNT}&amp;page=1"' in page
