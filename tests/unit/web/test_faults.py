"""What is answered when something is not as it should be."""

import asyncio
import logging
from pathlib import Path

import pytest

from sluice.web import pages
from sluice.web.faults import FOR_PROGRAMS, OTHERWISE, WORDS
from sluice.web.problem import MEDIA_TYPE
from support.web import served, settings_in

HTML = {"accept": "text/html,application/xhtml+xml"}


def test_a_person_gets_a_page_and_a_program_a_line(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            for_people = await client.get("/nothing", headers=HTML)
            for_programs = await client.get("/nothing")
        assert for_people.status_code == for_programs.status_code == 404
        assert WORDS[404] in for_people.text
        assert for_people.headers["content-type"].startswith("text/html")
        assert for_programs.json()["detail"] == WORDS[404]
        assert for_programs.headers["content-type"].startswith(MEDIA_TYPE)

    asyncio.run(ask())


def test_where_programs_read_a_browser_gets_what_they_get(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            for path in FOR_PROGRAMS:
                answer = await client.get(f"{path}no/thing", headers=HTML)
                assert answer.status_code == 404
                assert answer.headers["content-type"].startswith(MEDIA_TYPE)

    asyncio.run(ask())


def test_what_is_only_for_reading_says_how(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            answer = await client.put("/")
            assert answer.status_code == 405
            assert "GET" in answer.headers["allow"]
            assert (await client.head("/")).status_code == 200

    asyncio.run(ask())


def test_what_a_stranger_sent_is_not_in_it(tmp_path: Path) -> None:
    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            answer = await client.get("/<script>alert(1)</script>", headers=HTML)
        assert answer.status_code == 404
        assert "alert" not in answer.text

    asyncio.run(ask())


def test_a_bug_is_in_the_log_and_not_in_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> str:
        raise ZeroDivisionError("a secret")

    async def ask() -> None:
        async with served(settings_in(tmp_path)) as client:
            monkeypatch.setattr(pages, "whole", fails)
            answer = await client.get("/")
        assert answer.status_code == 500
        assert answer.json()["detail"] == OTHERWISE

    with caplog.at_level(logging.ERROR):
        asyncio.run(ask())
    assert "a secret" in caplog.text
