"""A disk that is really full: recording stops and says so, mining goes on, and the record says what it missed."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sluice.ledger.reading import Reader
from support.bitcoind import Bitcoind
from support.peer import open_standard, peer
from support.processes import SLUICE
from support.server import PATIENCE, ServerProcess, sluice_server
from support.web_server import WebServer

#: Bytes of the disk, and entries that may wait for it: the fewest that the option takes.
DISK = 2_000_000
QUEUE = 1_000
CHANNELS = 600
#: Bytes that the pool may grow by while nothing can be recorded and nothing more may wait.
MORE_MEMORY = 20_000_000


def wait_for(happened: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 3 * PATIENCE
    while not (found := happened()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@contextmanager
def mining(server: ServerProcess, user: str) -> Iterator[None]:
    command = [*SLUICE, "mine", str(server.url), "--user", user, "--threads", "1"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as miner:
        try:
            yield
        finally:
            miner.kill()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of DISK bytes."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(where)], capture_output=True
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here: this needs the administrator, and CAP_SYS_ADMIN")
    try:
        yield where
    finally:
        subprocess.run(["umount", "--lazy", str(where)], check=True)


def fill(disk: Path) -> Path:
    """Until there is no room for another byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4_096))
        except OSError:
            return filler


def status(server: ServerProcess, *words: str) -> str:
    """What a person is told of the pool on a terminal."""
    command = [*SLUICE, "status", "--data-dir", str(server.data), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def heard(hook: WebServer, kind: str) -> list[Any]:
    return [request.json for request in hook.requests if request.json["kind"] == kind]


def test_recording_stops_on_a_full_disk_and_mining_does_not(
    bitcoind: Bitcoind, small_disk: Path, tmp_path: Path
) -> None:
    record = small_disk / "record.sqlite"
    with (
        WebServer() as hook,
        sluice_server(
            node__kind="bitcoind",
            node__url=bitcoind.url,
            node__cookie_file=bitcoind.cookie,
            node__zmq_hashblock=bitcoind.zmq,
            pool__shares_per_minute=600,
            ledger__url=f"sqlite://{record}",
            ledger__queue_entries=QUEUE,
            server__max_channels_per_connection=CHANNELS,
            alarms__events="record",
            alarms__webhook_url=hook.url,
            alarms__node_quiet=1,
            web__listen="127.0.0.1:0",
        ) as server,
        mining(server, "alice.rig"),
    ):
        site = httpx.Client(base_url=wait_for(lambda: server.events("dashboard"))[0]["url"], timeout=PATIENCE)
        with site:
            wait_for(lambda: server.events("block accepted"))
            filler = fill(small_disk)
            wait_for(lambda: server.events("record failing"))
            # Until there is no room to wait, either: a channel is two entries.
            with peer(server.url) as proxy:
                proxy.setup()
                for number in range(CHANNELS):
                    open_standard(proxy, f"device.{number}")
            wait_for(lambda: site.get("/api/v1/pool").json()["record"]["lost"] > 0)
            before, height = accepted(site), bitcoind.rpc("getblockcount")
            resident = server.resident()
            wait_for(lambda: accepted(site) >= before + 20)
            wait_for(lambda: bitcoind.rpc("getblockcount") >= height + 5)
            assert server.resident() < resident + MORE_MEMORY
            wait_for(lambda: heard(hook, "record_failing"))
            assert len(server.events("record failing")) == 1
            assert "full" in server.events("record failing")[0]["reason"]
            assert "fails, and mining goes on" in status(server)
            assert "full" in site.get("/api/v1/pool").json()["record"]["failing"]
            assert "Nothing is being recorded" in site.get("/").text
            filler.unlink()
            wait_for(lambda: server.events("record recovered"))
            wait_for(lambda: heard(hook, "record_recovered"))
            lost = server.events("record recovered")[-1]["lost"]
            assert f"{lost:,} entries" in heard(hook, "record_recovered")[-1]["title"]
            wait_for(lambda: site.get("/api/v1/pool").json()["record"]["failing"] == "")
            wait_for(lambda: "Nothing is being recorded" not in site.get("/").text)
        assert server.stop() == 0
        with closing(Reader(str(record))) as reader:
            assert sum(hole["entries"] for hole in reader.holes()) == lost > 0
        environ = os.environ | {"SLUICE_LEDGER__URL": f"sqlite://{record}"}
        assert subprocess.run([*SLUICE, "replay"], env=environ, capture_output=True).returncode == 0


def accepted(site: httpx.Client) -> int:
    """Shares of those who are connected, whatever the record says."""
    return sum(each["accepted"] for each in site.get("/api/v1/channels").json()["items"])
