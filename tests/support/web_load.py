"""A dashboard under load, and the miners beside it: what is measured of both, for the test and for `bench web_load`.

Rule: the server, its web process, the visitors and the strangers are processes of their own; times are the miners'.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sluice.sv2.messages.mining import SubmitSharesSuccess
from support import strangers, visitors
from support.peer import HeaderMiner, open_standard, peer
from support.server import PATIENCE, ServerProcess, sluice_server

STREAMS, REQUESTS_A_SECOND = 1_000, 200
MINERS, SHARES = 4, 600
#: Seconds between two shares.
PACE = 0.02
#: Seconds between two looks at a process.
GLANCE = 0.2
SETTINGS = {
    "web__listen": "127.0.0.1:0",
    "pool__shares_per_minute": 600,
    "pool__min_difficulty": 1e-6,  # the miners' own hashing does not take long
    "accounts__names": "any",
    "log__level": "info",
}


@dataclass(slots=True)
class Used:
    """The most that a process had while it was looked at: bytes of memory, open files, seconds of a processor."""

    resident: int = 0
    files: int = 0
    cpu: float = 0.0


@dataclass(slots=True)
class Mined:
    """Seconds from each share to its answer, in order of their lengths, and what the web process used meanwhile."""

    waits: list[float]
    used: Used
    seconds: float = 0.0
    seen: dict[str, Any] = field(default_factory=dict)

    def part(self, hundredths: int) -> float:
        return self.waits[len(self.waits) * hundredths // 100]


class Bench:
    """A server and its miners. Made by `a_bench`."""

    def __init__(self, server: ServerProcess, miners: list[HeaderMiner]) -> None:
        self.server = server
        self.where = _address(server)
        self.web = _web_process(server.pid)
        self._miners = miners

    def mine(self, shares: int = SHARES) -> Mined:
        """One share after the other."""
        with looked_at(self.web) as used:
            began = time.monotonic()
            waits = []
            for number in range(shares):
                waits.append(_acknowledged(self._miners[number % len(self._miners)]))
                time.sleep(PACE)
        return Mined(sorted(waits), used, time.monotonic() - began)

    def mine_beside(self, script: str, *arguments: object, shares: int = SHARES) -> Mined:
        """The same while visitors or strangers are there; with what they saw."""
        with beside(script, self.where, *arguments) as seen:
            mined = self.mine(shares)
        mined.seen = seen
        return mined

    def mine_under_load(self) -> Mined:
        return self.mine_beside(visitors.__file__, STREAMS, REQUESTS_A_SECOND)

    def mine_besieged(self, connections: int) -> Mined:
        return self.mine_beside(strangers.__file__, connections)


@contextmanager
def a_bench(**settings: object) -> Iterator[Bench]:
    with sluice_server(**(SETTINGS | settings)) as server, ExitStack() as stack:
        miners = []
        for number in range(MINERS):
            connected = stack.enter_context(peer(server.url))
            connected.setup()
            miners.append(open_standard(connected, f"miner{number}"))
        yield Bench(server, miners)
        assert server.alive()


def _address(server: ServerProcess) -> str:
    """Host and port of the dashboard, once it is served."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in server.events("dashboard"):
            return str(urlsplit(line["url"]).netloc)
        time.sleep(0.05)
    raise AssertionError(server.log_file.read_text())


def _web_process(pid: int) -> int:
    """The child of the pool that is its web process."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                if b"sluice.web.process" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        time.sleep(0.05)
    raise AssertionError("there is no web process")


def used_by(pid: int) -> Used:
    """What it has now."""
    page = os.sysconf("SC_PAGE_SIZE")
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    return Used(resident, len(list(Path(f"/proc/{pid}/fd").iterdir())), cpu)


@contextmanager
def looked_at(pid: int) -> Iterator[Used]:
    """What it had at the most, and how much of a processor it had, are in `Used` afterwards."""
    most, over, first = Used(), threading.Event(), used_by(pid)

    def look() -> None:
        while True:
            now = used_by(pid)
            most.resident, most.files = max(most.resident, now.resident), max(most.files, now.files)
            most.cpu = now.cpu - first.cpu
            if over.wait(GLANCE):
                return

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield most
    finally:
        over.set()
        looking.join()


@contextmanager
def beside(script: str, *arguments: object) -> Iterator[dict[str, Any]]:
    """A process that says when it is ready, and at the end, when its input ends, what it saw: that is in the dict."""
    command = [sys.executable, script, *map(str, arguments)]
    seen: dict[str, Any] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield seen
            said, _ = process.communicate(timeout=PATIENCE)
            seen |= json.loads(said)
        finally:
            process.kill()


def answered(where: str, path: str = "/api/v1/pool") -> str:
    """The status of one request by somebody new; empty if he is not heard."""
    host, _, port = where.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            return connection.makefile("rb").readline()[9:12].decode()
    except OSError:
        return ""


def _acknowledged(miner: HeaderMiner) -> float:
    """Seconds from a share to its answer at the miner; fails if it is refused."""
    miner.catch_up()
    share = miner.share()
    sent = time.perf_counter()
    miner.peer.send(share)
    answer = miner.answer()
    seconds = time.perf_counter() - sent
    assert isinstance(answer, SubmitSharesSuccess), answer
    assert answer.last_sequence_number == share.sequence_number
    return seconds
