"""A thousand open streams and 200 requests a second at the dashboard: what a miner notices of it.

The numbers are printed (`pytest -s`), those of a busy machine too; what is asserted holds on one.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from sluice.sv2.messages.mining import SubmitSharesSuccess
from support import visitors
from support.peer import HeaderMiner, open_standard, peer
from support.server import PATIENCE, ServerProcess, sluice_server

STREAMS, REQUESTS_A_SECOND = 1_000, 200
MINERS, SHARES = 4, 600
#: Seconds between two shares.
PACE = 0.02
#: Seconds that 99 of 100 shares are answered in. Generous: visitors, miners, pool and web process may share two cores
#: with whatever else runs there.
MOST_SECONDS = 0.25


def address(server: ServerProcess) -> str:
    """Host and port of the dashboard, once it is served."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in server.events("dashboard"):
            return str(urlsplit(line["url"]).netloc)
        time.sleep(0.05)
    raise AssertionError(server.log_file.read_text())


@contextmanager
def visited(where: str) -> Iterator[dict[str, Any]]:
    """The dashboard is under load; what the visitors saw is in the dict afterwards."""
    command = [sys.executable, visitors.__file__, where, str(STREAMS), str(REQUESTS_A_SECOND)]
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


def acknowledged(miner: HeaderMiner) -> float:
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


def measured(miners: list[HeaderMiner]) -> list[float]:
    """Of each share, in order of their lengths."""
    waits = []
    for number in range(SHARES):
        waits.append(acknowledged(miners[number % len(miners)]))
        time.sleep(PACE)
    return sorted(waits)


def row(what: str, waits: list[float]) -> str:
    """One line of the table."""
    at = [waits[len(waits) * part // 100] * 1e3 for part in (50, 99)]
    return f"| {what} | {at[0]:.2f} ms | {at[1]:.2f} ms | {waits[-1] * 1e3:.2f} ms |"


@pytest.mark.alone
def test_no_share_is_lost_or_late_for_those_who_look_on() -> None:
    settings = {
        "web__listen": "127.0.0.1:0",
        "pool__shares_per_minute": 600,
        "pool__min_difficulty": 1e-6,  # the miners' own hashing does not take long
        "log__level": "info",
    }
    with sluice_server(**settings) as server, ExitStack() as stack:
        where = address(server)
        miners = []
        for number in range(MINERS):
            connected = stack.enter_context(peer(server.url))
            connected.setup()
            miners.append(open_standard(connected, f"miner{number}"))
        alone = measured(miners)
        with visited(where) as seen:
            loaded = measured(miners)
        sys.stdout.write(f"\n{row('nobody looks on', alone)}\n{row('under load', loaded)}\n{seen}\n")
        assert server.alive()
    assert seen["streams"] == STREAMS
    assert seen["events"] >= STREAMS
    assert set(seen["answers"]) == {"200"}
    assert seen["answers"]["200"] > 0.5 * REQUESTS_A_SECOND * seen["seconds"]  # it was a load
    assert loaded[len(loaded) * 99 // 100] < MOST_SECONDS
