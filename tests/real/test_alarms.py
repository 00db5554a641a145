"""Alarms of `sluice run` on the embedded chain: a webhook hears of blocks and workers, whatever becomes of it."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sluice.alarms.webhook import SIGNATURE, signature
from sluice.noise.authority import PoolUrl
from support.processes import SLUICE
from support.server import PATIENCE, ServerProcess, sluice_server
from support.web_server import HANGS, WebServer

#: Shares every tenth of a second, and pauses that a test can wait for.
QUICK = {
    "pool__shares_per_minute": 600,
    "alarms__events": "blocks workers pool",
    "alarms__worker_quiet": 2,
    "alarms__worker_dwell": 1,
    "alarms__gather_seconds": 0,
}


@contextmanager
def mine(url: PoolUrl, user: str = "alice.rig") -> Iterator["subprocess.Popen[bytes]"]:
    command = [*SLUICE, "mine", str(url), "--user", user, "--threads", "1"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as miner:
        try:
            yield miner
        finally:
            miner.kill()


def wait_for(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kinds(hook: WebServer) -> list[str]:
    return [request.json["kind"] for request in hook.requests]


def bodies(hook: WebServer, *wanted: str) -> list[Any]:
    return [request.json for request in hook.requests if request.json["kind"] in wanted]


def running(hook: WebServer) -> Any:
    return sluice_server(**QUICK, alarms__webhook_url=f"{hook.url}/KEY", alarms__webhook_secret="HUSH")


def test_a_block_and_its_fate_are_heard_of_and_each_once() -> None:
    with WebServer() as hook, running(hook) as server:
        with mine(server.url):
            wait_for(lambda: "block_accepted" in kinds(hook))
        assert server.stop() == 0
        assert kinds(hook)[0] == "pool_started"
        assert kinds(hook)[-1] == "pool_drains"
        log = server.log_file.read_text()
    for request in hook.requests:
        assert request.path == "/KEY"
        assert request.headers[SIGNATURE] == signature("HUSH", request.body)
    found = bodies(hook, "block_found")
    assert found[0]["details"]["user"] == "alice.rig"
    for fate in ("block_found", "block_accepted"):
        hashes = [body["details"]["block_hash"] for body in bodies(hook, fate)]
        assert len(set(hashes)) == len(hashes)
    assert {body["details"]["block_hash"] for body in bodies(hook, "block_accepted")} <= {
        body["details"]["block_hash"] for body in found
    }
    assert "KEY" not in log
    assert "HUSH" not in log


def test_a_miner_that_is_killed_is_gone_and_one_that_comes_back_is_back() -> None:
    with WebServer() as hook, running(hook) as server:
        with mine(server.url) as miner:
            wait_for(lambda: accepted_some(server))
            time.sleep(1.5)  # a look
            miner.send_signal(signal.SIGKILL)
            wait_for(lambda: "workers_gone" in kinds(hook))
        with mine(server.url):
            wait_for(lambda: "workers_back" in kinds(hook))
            time.sleep(1.0)
            assert server.stop() == 0
    told = bodies(hook, "workers_gone", "workers_back")
    assert [body["title"] for body in told] == ["Worker alice.rig is gone", "Worker alice.rig is back"]


def accepted_some(server: ServerProcess) -> bool:
    return bool(server.events("block found"))


def test_a_receiver_that_hangs_costs_the_pool_nothing() -> None:
    with WebServer(lambda request: HANGS) as hook, running(hook) as server:
        with mine(server.url):
            wait_for(lambda: len(server.events("block accepted")) >= 3)
        wait_for(lambda: server.events("peer left"))
        assert server.events("peer left")[0]["refused"] == 0
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 6.0
        assert len({request.json["id"] for request in hook.requests}) == 1
