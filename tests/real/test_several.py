"""Sluice on several real nodes: two bitcoinds that are peers, and a made-up chain beside them; one is killed, one hangs.

On regtest every share is a block, so that miners who work are blocks, jobs and acks all the time: what happens
between them when a node goes is measured on a miner of the test's own, beside two `sluice mine`.
"""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, Self

import pytest

from sluice.noise.authority import PoolUrl
from sluice.sv2.messages.mining import SubmitSharesSuccess
from support.bitcoind import Bitcoind, free_port
from support.miners import mining_well
from support.peer import open_standard, peer
from support.server import REGTEST_ADDRESS, ServerProcess, sluice_server
from support.waiting import PATIENCE, wait_for

FIRST_BLOCKS = 20
#: Seconds that a node that goes may cost, in any way.
GAP = 1.0
#: Seconds after it for which we watch.
WATCHED = 6.0
#: The miner of the test finds and sends so often.
PACE = 0.7


@pytest.fixture
def pair(start_bitcoind: Callable[..., Bitcoind]) -> tuple[Bitcoind, Bitcoind]:
    """Two nodes on one chain of a few blocks, each the other's peer."""
    ports = free_port(), free_port()
    first, second = (
        start_bitcoind(
            "-listen=1", "-listenonion=0", f"-bind=127.0.0.1:{own}", f"-connect=127.0.0.1:{others}"
        )
        for own, others in (ports, ports[::-1])
    )
    first.rpc("generatetoaddress", FIRST_BLOCKS, REGTEST_ADDRESS)
    wait_for(lambda: second.rpc("getblockcount") == FIRST_BLOCKS)
    return first, second


def written(nodes: dict[str, Bitcoind], more: str = "") -> str:
    """The configuration of these nodes."""
    tables = (
        f'[[node]]\nname = "{name}"\nurl = "{node.url}"\ncookie_file = "{node.cookie}"\nrefresh_seconds = 5\n'
        for name, node in nodes.items()
    )
    return "".join(tables) + more


@contextmanager
def pool_on(tmp_path: Path, text: str) -> Iterator[ServerProcess]:
    """`sluice run` with this file."""
    file = tmp_path / "sluice.toml"
    file.write_text(text)
    easy = {"pool__shares_per_minute": 20, "pool__min_difficulty": 1e-9}
    with sluice_server("--config", str(file), node__kind="", **easy) as server:
        try:
            yield server
        finally:
            shutil.copy(server.log_file, tmp_path / "log")  # for who looks into a failure


@contextmanager
def mining(url: PoolUrl, kind: str, log: Path) -> Iterator[None]:
    """`sluice mine` on a standard or an extended channel; whatever it is refused ends the test."""
    with mining_well(url, kind, f"--{kind}", log=log):
        yield
    assert " refused: " not in log.read_text()
    assert " lost " not in log.read_text()


@dataclass
class Meter:
    """A miner that sends a share at a steady pace, and writes down how long each answer took."""

    url: PoolUrl
    #: When each share was sent, and the seconds until its answer.
    acks: list[tuple[float, float]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._running = ThreadPoolExecutor(1)
        self._done = self._running.submit(self._run)
        wait_for(lambda: len(self.acks) > 3 or self._done.done())
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._done.result(PATIENCE)
        self._running.shutdown()

    def _run(self) -> None:
        with peer(self.url) as connected:
            connected.setup()
            miner = open_standard(connected)
            while not self._over.wait(PACE):
                miner.catch_up()
                share = miner.share()
                sent = time.time()
                connected.send(share)
                answer = miner.answer()
                self.acks.append((sent, time.time() - sent))
                if not isinstance(answer, SubmitSharesSuccess):
                    self.refused.append(answer)

    def longest(self, since: float) -> float:
        """Seconds for an answer, from a moment on."""
        return max(seconds for at, seconds in self.acks if at + seconds >= since)


@dataclass(frozen=True)
class Gaps:
    """What a node that goes costs, in seconds: until another one leads if it led, for an ack, from a block to work."""

    failover: float
    ack: float
    work: float

    def __str__(self) -> str:
        led = f"another leads after {self.failover:.3f} s" if self.failover else "another led already"
        return f"{led}, longest ack {self.ack:.3f} s, longest from a block to work on it {self.work:.3f} s"


def gaps_around(server: ServerProcess, meter: Meter, what: Callable[[], None]) -> Gaps:
    """Do it, and see what it cost."""
    since = time.time()
    what()
    time.sleep(WATCHED)
    lines = [(moment(line) - since, line) for line in server.log()]
    leads = [at for at, line in lines if line["event"] == "lead taken" and at >= 0]
    tips = {line["prev_hash"]: at for at, line in lines if line["event"] == "tip changed"}
    found = {line["block_hash"]: at for at, line in lines if line["event"] == "block found" and at >= -1}
    # Of two blocks found at once, one is built on; from the other no work comes, with any number of nodes.
    work = [tips[block] - at for block, at in found.items() if block in tips]
    return Gaps(min(leads, default=0.0), meter.longest(since), max(work, default=inf))


def moment(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def told(server: ServerProcess, name: str, **fields: Any) -> list[dict[str, Any]]:
    return [line for line in server.events(name) if fields.items() <= line.items()]


def grown(node: Bitcoind, blocks: int) -> None:
    """Wait until the node's chain has so many more."""
    height = node.rpc("getblockcount")
    wait_for(lambda: node.rpc("getblockcount") >= height + blocks)


@contextmanager
def everybody_at_work(server: ServerProcess, logs: Path) -> Iterator[Meter]:
    """Two miners and the meter, until the pool has been stopped and nothing was refused."""
    with ExitStack() as miners:
        for kind in ("standard", "extended"):
            miners.enter_context(mining(server.url, kind, logs / f"{kind}.log"))
        meter = miners.enter_context(Meter(server.url))
        yield meter
    assert server.stop() == 0
    assert meter.refused == []
    left = server.events("peer left")
    assert len(left) >= 3
    assert [line["refused"] for line in left] == [0] * len(left)
    assert told(server, "node troubled") == []  # which would say that nothing is mined


@pytest.mark.alone
def test_the_primary_is_killed_while_miners_work(
    pair: tuple[Bitcoind, Bitcoind], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = pair
    text = written({"first": first, "second": second}, '[[node]]\nkind = "embedded"\nname = "made-up"\n')
    with pool_on(tmp_path, text) as server:
        with everybody_at_work(server, tmp_path) as meter:
            grown(first, 10)
            killed = gaps_around(server, meter, first.kill)
            grown(second, 10)
            first.start()
            wait_for(lambda: told(server, "node in step", node="first"))
            wait_for(lambda: first.rpc("getblockcount") >= second.rpc("getblockcount"))
            killed_too = gaps_around(server, meter, second.kill)
            grown(first, 10)
            second.start()
            wait_for(lambda: told(server, "node in step", node="second"))
            grown(second, 5)
        with capsys.disabled():
            sys.stdout.write(f"\nkilled: {killed}\nthe other killed: {killed_too}\n{len(meter.acks)} acks\n")
        assert told(server, "node apart", node="first", state="in trouble")
        assert told(server, "node apart", node="made-up", state="lagging")
        assert not told(server, "lead taken", node="made-up")
        blocks = server.events("block in chain")
        assert len(blocks) > 20
    assert max(*astuple(killed), *astuple(killed_too)) < GAP


@pytest.mark.alone
def test_a_node_that_hangs_costs_nothing(
    pair: tuple[Bitcoind, Bitcoind], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = pair
    with pool_on(tmp_path, written({"first": first, "second": second})) as server:
        with everybody_at_work(server, tmp_path) as meter:
            grown(first, 5)
            frozen = gaps_around(server, meter, first.freeze)
            grown(second, 5)
            wait_for(lambda: told(server, "node apart", node="first"))
            first.thaw()
            wait_for(lambda: told(server, "node in step", node="first"))
            wait_for(lambda: first.rpc("getblockcount") >= second.rpc("getblockcount"))
            frozen_too = gaps_around(server, meter, second.freeze)
            grown(first, 5)
            second.thaw()
        with capsys.disabled():
            sys.stdout.write(f"\nfrozen: {frozen}\nthe other frozen: {frozen_too}\n{len(meter.acks)} acks\n")
    assert max(*astuple(frozen), *astuple(frozen_too)) < GAP
