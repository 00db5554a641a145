"""`sluice mine` against `sluice run`, both in processes of their own, over real encrypted sockets.

The miner is our conformance client: that it mines on means that the server broke no rule it knows.
"""

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sluice.noise.authority import PoolUrl
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.deeds import Deed, Mine, ShareRefused, SharesAccepted
from sluice.sim.miner.session import Ending, Kind, Session
from support.mining import find
from support.processes import SLUICE, session_of, wait_until_none
from support.server import PATIENCE, ServerProcess, sluice_server

STATUS = re.compile(r"status .* (\d+) accepted, (\d+).* refused, (\d+) blocks")


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with sluice_server(
        pool__shares_per_minute=300, pool__ack_milliseconds=100, node__block_seconds=2
    ) as running:
        yield running


@contextmanager
def miner(url: PoolUrl, log: Path, *flags: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`sluice mine`, its lines going to `log`."""
    command = [sys.executable, "-m", "sluice.cli", "mine", str(url), "--user", "alice", "--threads", "2"]
    with log.open("wb") as lines:
        process = subprocess.Popen([*command, *flags], stdout=lines, stderr=lines)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def wait_for(log: Path, ready: Callable[[str], object]) -> str:
    """The log, once it is as it should be."""
    until = time.monotonic() + PATIENCE
    while not ready(text := log.read_text()):
        assert time.monotonic() < until, f"this is all it said:\n{text}"
        time.sleep(0.05)
    return text


def workers_of(pid: int) -> list[int]:
    """The process ids of its children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    """Whether it still runs; what is dead but not buried has no command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("kind", ["--standard", "--extended"])
def test_shares_are_accepted_and_none_refused(server: ServerProcess, tmp_path: Path, kind: str) -> None:
    log = tmp_path / "miner.log"
    with miner(server.url, log, kind, "--seconds", "6") as process:
        assert process.wait(PATIENCE) == 0, log.read_text()
    last = STATUS.findall(log.read_text())[-1]
    accepted, refused, _ = map(int, last)
    assert accepted > 0
    assert refused == 0
    assert "vouched for by 9" in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_miner_and_its_workers(
    server: ServerProcess, tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "miner.log"
    with miner(server.url, log) as process:
        wait_for(log, lambda text: "mining" in text)
        workers = workers_of(process.pid)
        assert len(workers) == 2
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert not any(map(is_there, workers))
    assert log.read_text().splitlines()[-1].endswith("ended as told")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_of_its_processes_at_once_is_one_to_the_miner(
    server: ServerProcess, tmp_path: Path, number: signal.Signals
) -> None:
    """As a terminal's Ctrl-C does it, and a service manager."""
    errors = tmp_path / "stderr"
    with session_of(*SLUICE, "mine", str(server.url), "--user", "alice", errors=errors) as process:
        wait_for(errors, lambda text: "mining" in text)
        os.killpg(process.pid, number)
        assert process.wait(PATIENCE) == 0
        assert wait_until_none(process.pid) == {}
    assert errors.read_text().splitlines()[-1].endswith("ended as told")
    assert "Traceback" not in errors.read_text()


def test_workers_do_not_outlive_a_miner_that_is_killed(server: ServerProcess, tmp_path: Path) -> None:
    log = tmp_path / "miner.log"
    with miner(server.url, log) as process:
        wait_for(log, lambda text: "mining" in text)
        workers = workers_of(process.pid)
        process.kill()
        process.wait(PATIENCE)
        until = time.monotonic() + PATIENCE
        while any(map(is_there, workers)):
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_draining_server_sends_the_miner_away_and_it_waits_for_another(tmp_path: Path) -> None:
    log = tmp_path / "miner.log"
    with sluice_server() as draining, miner(draining.url, log) as process:
        wait_for(log, lambda text: "mining" in text)
        assert draining.stop() == 0
        text = wait_for(log, lambda text: "cannot connect" in text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert "the server asks to connect anew" in text


def test_a_wrong_key_is_refused(server: ServerProcess, tmp_path: Path) -> None:
    log = tmp_path / "miner.log"
    with sluice_server() as stranger:
        other = PoolUrl(server.url.host, server.url.port, stranger.url.authority_key)
    with miner(other, log) as process:
        assert process.wait(PATIENCE) == 6
    assert "not the server that the URL names" in log.read_text()


def test_on_a_terminal_there_is_a_live_view(server: ServerProcess) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "sluice.cli", "mine", str(server.url), "--user", "alice"]
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(
        [*command, "--threads", "1", "--seconds", "2"], stdout=subprocess.PIPE, stderr=theirs, env=environ
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # how a terminal says that nobody writes to it any more
        pass
    out, _ = process.communicate(timeout=PATIENCE)
    os.close(ours)
    assert process.returncode == 0
    assert out == b""
    assert b"hash rate" in shown
    assert b"H/s" in shown
    assert b"standard channel" in shown


class Shower:
    """Sends one share for each unit of work, and remembers whose tips it saw."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.tips: dict[int, set[bytes]] = defaultdict(set)
        self.accepted: dict[int, int] = defaultdict(int)
        self.refused: list[ShareRefused] = []

    def __call__(self, deed: Deed) -> None:
        assert self.session is not None
        if isinstance(deed, Mine):
            self.tips[deed.unit.channel_id].add(deed.unit.tip.prev_hash)
            assert self.session.submit(deed.unit, find(deed.unit, 1)[0])
        elif isinstance(deed, SharesAccepted):
            self.accepted[deed.channel_id] += deed.count
        elif isinstance(deed, ShareRefused):
            self.refused.append(deed)
        moved = [channel for channel, tips in self.tips.items() if len(tips) > 1]
        if len(moved) == len(self.accepted) == 6:
            self.session.stop()


def test_channels_of_both_kinds_in_one_group_follow_the_tip(server: ServerProcess, tmp_path: Path) -> None:
    """Six channels on one connection, while another miner finds blocks."""
    wishes = [ChannelWish(f"rig.{number}", number % 2 == 0, hash_rate=100.0) for number in range(6)]
    plan = ClientPlan(server.url.host, server.url.port, tuple(wishes), worker="rig")
    shower = Shower()

    async def scenario() -> Ending:
        session = shower.session = Session(server.url, plan, shower)
        async with asyncio.timeout(2 * PATIENCE):
            return await session.run()

    with miner(server.url, tmp_path / "miner.log", "--extended"):
        ending = asyncio.run(scenario())
    assert ending.kind is Kind.STOPPED, ending.reason
    assert shower.refused == []
