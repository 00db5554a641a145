"""Who keeps the web process alive."""

import asyncio
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from sluice.web import warden
from sluice.web.warden import Warden
from support.server import PATIENCE
from support.serving import until
from support.web import settings_in

OWNER: Any = None  # a warden has nothing to ask of it


def child() -> int | None:
    """The web process of this one, if there is one."""
    pid = os.getpid()
    for path in Path(f"/proc/{pid}/task/{pid}").glob("children"):
        for each in path.read_text().split():
            if b"sluice.web.process" in Path(f"/proc/{each}/cmdline").read_bytes():
                return int(each)
    return None


async def home(url: str) -> str:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return (await client.get(url)).text


def test_it_starts_the_process_says_the_address_starts_it_again_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warden, "PAUSES", (0.01,))

    async def main() -> None:
        said: list[str] = []
        keeper = Warden("127.0.0.1", 0, settings_in(tmp_path), said.append)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(keeper.run(OWNER))
            await until(lambda: said != [])
            assert "Sluice" in await home(said[0])
            first = child()
            assert first is not None
            os.kill(first, signal.SIGKILL)
            # The port outlives it: who asks meanwhile waits, and is answered.
            await until(lambda: child() not in {None, first})
            assert "Sluice" in await home(said[0])
            running.cancel()
        assert len(said) == 1
        assert child() is None

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "ended with code -9" in caplog.text


def test_an_address_in_use_is_one_warning_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warden, "ADDRESS_AGAIN", 0.01)

    async def main() -> None:
        said: list[str] = []
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            keeper = Warden("127.0.0.1", port, settings_in(tmp_path), said.append)
            running = asyncio.create_task(keeper.run(OWNER))
            await asyncio.sleep(0.1)
            assert said == []
        await until(lambda: said != [])
        assert said == [f"http://127.0.0.1:{port}/"]
        running.cancel()
        await asyncio.wait([running])

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    [warning] = [record.getMessage() for record in caplog.records if "no dashboard" in record.getMessage()]
    assert "--web-listen" in warning


def test_what_the_process_complains_of_is_in_our_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warden, "encode", lambda settings: b"nonsense\n")

    async def main() -> None:
        keeper = Warden("::1", 0, settings_in(tmp_path), lambda url: None)
        running = asyncio.create_task(keeper.run(OWNER))
        await until(lambda: "ended with code 1" in caplog.text)
        running.cancel()
        await asyncio.wait([running])

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "web: msgspec.DecodeError" in caplog.text.replace("web: Traceback", "web: ")
