"""How to connect a miner."""

import asyncio
import re
from pathlib import Path

import httpx

from sluice.web.views.connect import qr_code
from support.pictures import pool
from support.scripted_pool import ScriptedPool, scripted_pool
from support.web import page_of, served, settings_in, text_of

URL = "stratum2+tcp://[2001:db8::1]:3333/9cXLYuoVq3retkbpRqNz9XFmPbTP7n7R8htLuV9tTxdrzGhBfuW"


def test_the_url_and_its_parts_are_there_to_copy(tmp_path: Path) -> None:
    page = page_of(tmp_path, "/connect", ScriptedPool(pool(url=URL))).text
    text = text_of(page)
    assert f'<code id="url">{URL}</code>' in page
    assert re.search(r"Host \[2001:db8::1\] Copy Port 3333 Copy Authority key 9cXLYuoVq3\w+ Copy", text)
    assert "ends with the process" not in text


def test_it_says_what_to_type_and_who_is_paid(tmp_path: Path) -> None:
    said = {
        "pool": ("bcrt1q….garage", "(regtest)", "Mode pool:", "Blocks pay bcrt1qpayout", "Fee none is taken"),
        "solo": ("bcrt1q….garage", "Mode solo:", "Fee 1.5 % of each block"),
        "free": ("alice.garage", "Any name, and one for the device", "sluice mine", "--user alice.garage"),
    }
    pictures = {
        "pool": pool(url=URL),
        "solo": pool(url=URL, mode="solo", fee_percent=1.5),
        "free": pool(url=URL, names="any", payout="<b>x</b>"),
    }
    for name, picture in pictures.items():
        (directory := tmp_path / name).mkdir()
        page = page_of(directory, "/connect", ScriptedPool(picture)).text
        assert "<b>x</b>" not in page
        for words in said[name]:
            assert words in text_of(page), name


def test_a_temporary_key_is_warned_of(tmp_path: Path) -> None:
    script = ScriptedPool(pool(url=URL, key_temporary=True))
    assert "This URL ends with the process" in page_of(tmp_path, "/connect", script).text


def test_the_code_is_a_picture_of_the_url(tmp_path: Path) -> None:
    async def ask() -> httpx.Response:
        async with (
            scripted_pool(tmp_path, ScriptedPool(pool(url=URL))),
            served(settings_in(tmp_path)) as client,
        ):
            return await client.get("/connect/qr.svg")

    answer = asyncio.run(ask())
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.content == qr_code(URL)
    assert answer.content.startswith(b"<svg")
    assert len(answer.content) < 10_000


def test_before_the_pool_listens_there_is_no_code(tmp_path: Path) -> None:
    script = ScriptedPool(pool(url=""))
    assert page_of(tmp_path, "/connect/qr.svg", script).status_code == 404
    assert "has not said yet" in page_of(tmp_path, "/connect", script).text
