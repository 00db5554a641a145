"""A restart resets nothing that people see, however the process ended: everything read before is read after."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.bitcoind import Bitcoind
from support.miners import mining
from support.peer import open_standard, peer
from support.processes import SLUICE
from support.server import PATIENCE, ServerProcess, sluice_server
from support.waiting import wait_for

#: What is of the moment or of one run, wherever it stands; all else must be as it was.
OF_NOW = frozenset(
    {
        "started_at", "url", "age_seconds", "connections", "miners", "channels", "connected", "one_minute", "five_minutes",
        "one_hour", "seconds_to_block", "blocks_accepted", "record", "trouble", "uptime", "lastupdate", "runtime",
    }
)  # fmt: skip
READ = (
    "/api/v1/pool",
    "/api/v1/network",
    "/api/v1/accounts",
    "/api/v1/account?name=alice",
    "/api/v1/account?name=tester",
    "/api/v1/workers?account=alice",
    "/api/v1/worker?account=alice&name=rig",
    "/api/v1/bests",
    "/api/v1/blocks",
    "/api/info/chart",
    "/api/client/alice/chart",
    "/users/alice",
)
CHARTS = (
    "/api/v1/charts/pool?",
    "/api/v1/charts/account?name=alice&",
    "/api/v1/charts/worker?account=alice&name=rig&",
)


#: Seconds between two looks of the record's views (server/pen.py): a block's stage may be so old there.
VIEWS_EVERY = 5


class Operator:
    """One who looks at a running pool and gives it orders."""

    def __init__(self, server: ServerProcess, data: Path) -> None:
        self.server, self.data = server, data
        wait_for(lambda: server.events("dashboard"))
        self.client = httpx.Client(base_url=server.events("dashboard")[-1]["url"], timeout=PATIENCE)

    def read(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def told(self, *words: str) -> Any:
        """What a command says, as JSON."""
        command = [*SLUICE, *words, "--data-dir", str(self.data), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def picture(self, until: int) -> dict[str, Any]:
        """All that is read of the past, by address or command; charts up to a moment."""
        seen = {path: lasting(self.read(path)) for path in READ}
        for block in self.read("/api/v1/blocks")["items"]:
            path = f"/api/v1/blocks/{block['hash']}"
            seen[path] = lasting(self.read(path))
        for path in CHARTS:
            span = f"since={until - 7_200}&until={until}&step=600"
            seen[path] = lasting(self.read(path + span))
        for words in (("bans",), ("blocks",)):
            seen[" ".join(words)] = lasting(self.told(*words))
        return seen

    def at_rest(self, until: int) -> dict[str, Any]:
        """The same, once nothing of it changes any more, else empty: blocks are buried a moment after the last was found."""
        seen = self.picture(until)
        time.sleep(VIEWS_EVERY + 1)
        return seen if self.picture(until) == seen else {}


def lasting(read: Any) -> Any:
    """Without what is of now."""
    if isinstance(read, Mapping):
        of_now = OF_NOW | ({"at"} if "started_at" in read else set())
        return {key: lasting(value) for key, value in read.items() if key not in of_now}
    return [lasting(each) for each in read] if isinstance(read, list) else read


def going_on(before: Any, after: Any) -> Any:
    """`after`, as far as it was told before: a block's life and a chart of a day go on after a restart."""
    if isinstance(before, list) and before and "label" in before[0]:
        return after[: len(before)]
    if isinstance(before, Mapping) and "moves" in before:
        return after | {life: after[life][: len(before[life])] for life in ("moves", "answers")}
    return after


def told_of(operator: Operator, node: Bitcoind) -> bool:
    """Whether the newest tip is seen, and all is known of each block that was found."""
    if operator.read("/api/v1/network")["height"] != node.rpc("getblockcount"):
        return False
    stages = {block["stage"] for block in operator.read("/api/v1/blocks")["items"]}
    return bool(stages) and stages.isdisjoint({"found", "held"})


@contextmanager
def pool(bitcoind: Bitcoind, data: Path) -> Iterator[Operator]:
    with sluice_server(
        "--data-dir",
        str(data),
        node__kind="bitcoind",
        node__url=bitcoind.url,
        node__cookie_file=bitcoind.cookie,
        node__zmq_hashblock=bitcoind.zmq,
        pool__shares_per_minute=600,
        accounts__names="any",
        web__listen="127.0.0.1:0",
    ) as server:
        operator = Operator(server, data)
        with operator.client:
            yield operator


def refuse_some(server: ServerProcess) -> None:
    """Shares that are too easy, twice the same, and for a job that never was."""
    with peer(server.url) as connected:
        connected.setup()
        miner = open_standard(connected, "tester.bench")
        good = miner.share()
        connected.send(miner.share(good=False), good, good)
        for _ in range(3):
            miner.answer()


def all_is_written(operator: Operator) -> None:
    """What the pool counted for who left stands in the record."""

    def counted(what: str) -> int:
        return sum(event[what] for event in operator.server.events("peer left"))

    def written() -> bool:
        totals = operator.read("/api/v1/pool")["totals"] or {"accepted": 0, "refused": {}}
        return bool(
            totals["accepted"] == counted("accepted")
            and sum(totals["refused"].values()) == counted("refused")
        )

    wait_for(lambda: not operator.read("/api/v1/pool")["channels"])
    wait_for(
        written,
        PATIENCE,
        otherwise=lambda: (operator.read("/api/v1/pool"), operator.server.events("peer left")),
    )


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_seen_before_is_seen_after(
    bitcoind: Bitcoind, tmp_path: Path, ended_by: signal.Signals
) -> None:
    data = tmp_path / "data"
    with pool(bitcoind, data) as operator:
        with mining(operator.server.url, "alice.rig"):
            refuse_some(operator.server)
            wait_for(lambda: len(operator.server.events("block in chain")) >= 2)
            operator.told("set-difficulty", "alice.rig", "0.00005")
            operator.told("ban", "mallory")
        all_is_written(operator)
        wait_for(lambda: told_of(operator, bitcoind))
        until = int(operator.read("/api/v1/pool")["at"]) + 1
        before = wait_for(lambda: operator.at_rest(until))
        os.kill(operator.server.pid, ended_by)
        operator.server.process.wait(PATIENCE)
    assert before["/api/v1/pool"]["totals"]["refused"].keys() >= {"difficulty-too-low", "duplicate"}
    with pool(bitcoind, data) as operator:
        wait_for(lambda: told_of(operator, bitcoind))
        after = operator.picture(until)
        for path, seen in before.items():
            if not path.endswith("/chart") or seen:  # of these the ten minutes that run are no part
                assert going_on(seen, after[path]) == seen, path
        with mining(operator.server.url, "mallory"), mining(operator.server.url, "alice.rig"):
            channel = wait_for(lambda: operator.read("/api/v1/channels?account=alice")["items"])[0]
            assert channel["difficulty_fixed"]
            assert channel["difficulty"] == pytest.approx(0.00005, rel=1e-3)
            had = before["/api/v1/account?name=alice"]["totals"]["accepted"]
            wait_for(lambda: operator.read("/api/v1/account?name=alice")["totals"]["accepted"] >= had + 3)
            assert operator.read("/api/v1/channels?account=mallory")["total"] == 0
        grown = operator.read("/api/v1/account?name=alice")
        assert int(grown["totals"]["work"]) > int(before["/api/v1/account?name=alice"]["totals"]["work"])
        assert grown["best"]["difficulty"] >= before["/api/v1/account?name=alice"]["best"]["difficulty"]
        assert grown["first_share_at"] == before["/api/v1/account?name=alice"]["first_share_at"]
