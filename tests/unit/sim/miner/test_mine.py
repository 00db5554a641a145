"""The command, in this process: its benchmark, its warning, its exit code."""

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.noise.authority import PoolUrl
from sluice.sim.miner import mine as mine_module
from sluice.sim.miner.mine import mine, run_miner
from sluice.sim.miner.miner import MinerExit, MinerPlan
from support.mining_server import MiningServer, serving
from support.watcher import Watcher


@contextmanager
def server_in_a_thread() -> Iterator[MiningServer]:
    """For a command that has its own event loop."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    servers: list[MiningServer] = []
    ended = asyncio.Event()

    async def serve() -> None:
        async with serving() as server:
            servers.append(server)
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(30)
    try:
        yield servers[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        loop.close()


def test_it_says_what_it_expects_and_mines() -> None:
    async def scenario() -> tuple[MinerExit, Watcher]:
        view, stop = Watcher(), asyncio.Event()
        async with serving() as server:
            plan = MinerPlan(server.url, "alice", extended=True, threads=1)
            mining = asyncio.create_task(mine(plan, view, stop))
            await server.until(lambda: len(server.shares) > 0)
            stop.set()
            return await mining, view

    code, view = asyncio.run(scenario())
    assert code is MinerExit.OK
    assert view.told[0][0] == "start"
    rate = view.facts[0]["hash_rate"]
    assert isinstance(rate, int)
    assert rate > 1_000
    assert not view.texts("warning")


def test_a_url_without_a_key_is_warned_about_loudly() -> None:
    async def scenario() -> Watcher:
        view, stop = Watcher(), asyncio.Event()
        stop.set()
        plan = MinerPlan(PoolUrl("127.0.0.1", 1), "alice", extended=True, threads=1)
        await mine(plan, view, stop)
        return view

    (warning,) = asyncio.run(scenario()).texts("warning")
    assert "NOT AUTHENTICATED" in warning


def test_a_lost_worker_is_said_and_has_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that end at once: a program of that name is on every system."""
    monkeypatch.setattr(sys, "executable", shutil.which("true"))

    async def scenario() -> tuple[MinerExit, Watcher]:
        view = Watcher()
        plan = MinerPlan(PoolUrl("127.0.0.1", 1), "alice", extended=True, threads=2)
        return await mine(plan, view, asyncio.Event()), view

    code, view = asyncio.run(scenario())
    assert code is MinerExit.WORKER_LOST
    kind, text = view.told[-1]
    assert kind == "end"
    assert re.fullmatch(r"worker process \d+ ended by itself", text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    with server_in_a_thread() as server:
        threading.Thread(target=lambda: _signal_after_a_share(server, number)).start()
        assert run_miner(server.url, "alice", False, 1, None, report="json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["event"] == "start"
    assert lines[-1] == {"event": "end", "text": "ended as told", "exit": 0}
    assert lines[-2]["event"] == "status"
    assert lines[-2]["submitted"] > 0


def _after_a_share(server: MiningServer) -> None:
    while not server.shares:
        threading.Event().wait(0.01)


def _signal_after_a_share(server: MiningServer, number: signal.Signals) -> None:
    _after_a_share(server)
    os.kill(os.getpid(), number)


def test_its_time_is_over_and_the_view_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    view = Watcher()
    monkeypatch.setattr(mine_module, "view_for", lambda *_: view)
    with server_in_a_thread() as server:
        assert run_miner(server.url, "alice", True, 1, 1.0) == 0
        assert run_miner(replace(server.url, port=1), "alice", True, 1, 0.1) == MinerExit.REFUSED
    assert view.closed


@pytest.mark.parametrize(("user", "worker"), [("a" * 256, None), ("alice", "ü" * 17)])
def test_names_that_do_not_fit_the_wire_are_said_at_once(
    user: str, worker: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_miner(PoolUrl("127.0.0.1", 1), user, True, 1, None, worker=worker) == MinerExit.USAGE
    assert re.fullmatch(
        r"sluice: the (user|worker) name has \d+ bytes, \d+ are the most\n", capsys.readouterr().err
    )


def test_it_ends_with_its_input_if_told_to_and_not_with_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(mine_module, "STDIN", reading)

    def talk(server: MiningServer) -> None:
        os.write(writing, b"not the end\n")
        _signal_after_a_share(server, signal.SIGINT)
        seen = len(server.shares)
        while len(server.shares) == seen:
            threading.Event().wait(0.01)
        os.close(writing)

    with server_in_a_thread() as server:
        threading.Thread(target=talk, args=(server,)).start()
        assert run_miner(server.url, "alice", False, 1, None, until_eof=True) == MinerExit.OK
    os.close(reading)


def test_an_input_that_is_at_its_end_ends_it_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with server_in_a_thread() as server, (tmp_path / "empty").open() as file:
        monkeypatch.setattr(mine_module, "STDIN", file.fileno())
        assert run_miner(server.url, "alice", False, 1, None, until_eof=True) == MinerExit.REFUSED
