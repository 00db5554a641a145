"""No block is lost: real processes that are killed, a real node that is down, hangs, refuses, restarts, and a full disk.

Here with one seed for each case; `make faults` has twenty and writes the table of docs/blocks.md. Time passes faster
where it has to: a minute in a second.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from threading import Timer

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.ledger.block_record import BlockRecord, stem_of
from sluice.node.bitcoind import bitcoind as adapter
from sluice.node.bitcoind.rpc import Access
from sluice.pool.block_life import Stage
from sluice.pool.history import Moved
from sluice.pool.ports import FoundBlock
from sluice.work.template import Template
from support.bitcoind import Bitcoind
from support.blocks import found
from support.fault_process import SETTLED, STEPS, WINDOW, FaultPlan
from support.fault_proxy import FAULTS, FaultProxy
from support.found import whole
from support.server import REGTEST_ADDRESS
from support.waiting import wait_for

SEEDS = range(int(os.environ.get("SLUICE_FAULT_SEEDS", "1")))
#: Where `make faults` wants a line for each run.
REPORT = os.environ.get("SLUICE_FAULT_REPORT", "")
PATIENCE = 90.0
SPEED = 60.0
#: Seconds that a fault may last, and within which the block must be in the chain.
LONGEST, HOUR = 900.0, 3_600.0
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Scene:
    """A node with a chain, a block found on it that nobody has, and a data directory."""

    node: Bitcoind
    block: FoundBlock
    plan: FaultPlan

    @property
    def record(self) -> BlockRecord:
        return BlockRecord(Path(self.plan.directory) / "blocks")

    def is_in_chain(self) -> bool:
        if self.node.rpc("getblockcount") < self.block.height:
            return False
        return bool(self.node.rpc("getblockhash", self.block.height) == to_display(self.block.block_hash))

    def bury(self) -> None:
        if self.node.rpc("getblockcount") < self.block.height + 5:
            self.node.rpc("generatetoaddress", 5, REGTEST_ADDRESS)


@pytest.fixture
def scene(bitcoind: Bitcoind, tmp_path: Path) -> Scene:
    bitcoind.rpc("generatetoaddress", 1, REGTEST_ADDRESS)
    template = asyncio.run(a_template(bitcoind))
    block = whole(found(template), template.height)
    path = tmp_path / "block"
    path.write_text(block.raw.hex())
    plan = FaultPlan(str(tmp_path), bitcoind.url, str(bitcoind.cookie), str(path), block.height)
    return Scene(bitcoind, block, plan)


async def a_template(node: Bitcoind) -> Template:
    there = adapter.Bitcoind(
        adapter.BitcoindSettings(Access(node.url, cookie_file=node.cookie)), lambda _: None
    )
    try:
        async for news in there.watch():
            assert isinstance(news, Template), news
            return news
    finally:
        await there.close()
    raise AssertionError("no template")


@contextmanager
def process(plan: FaultPlan) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "support.fault_process", json.dumps(asdict(plan))]
    where = os.environ | {"PYTHONPATH": str(TESTS)}
    with (Path(plan.directory) / "log").open("a") as log:
        running = subprocess.Popen(command, env=where, stdout=log, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def ended(scene: Scene, running: "subprocess.Popen[str]", *, buried: bool = True) -> int:
    """Its exit code; the chain grows as soon as the block is in it."""
    deadline = time.monotonic() + PATIENCE
    while running.poll() is None:
        assert time.monotonic() < deadline, "it does not end"
        if buried and answers(scene.is_in_chain):
            scene.bury()
        time.sleep(0.05)
    return running.returncode


def answers(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except Exception:  # noqa: BLE001 - the node may be on its way down or up
        return False


def assert_it_ended_well(scene: Scene) -> None:
    """In the chain, on the disk as it was found, and its life has one end."""
    assert scene.is_in_chain()
    assert scene.record.unsettled() == []
    kept = scene.record.read(stem_of(scene.block))
    assert kept.found.raw == scene.block.raw
    stages = [noted.what.stage for noted in kept.history if isinstance(noted.what, Moved)]
    assert stages.count(Stage.BURIED) == 1
    assert [stage for stage in stages if stage.settled] == [Stage.BURIED]


def report(case: str, seed: int, seconds: float = 0.0) -> None:
    if REPORT:
        with Path(REPORT).open("a") as file:
            file.write(json.dumps({"case": case, "seed": seed, "seconds": round(seconds)}) + "\n")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("step", STEPS)
def test_killed_between_two_steps(scene: Scene, step: str, seed: int) -> None:
    noise = Random(f"{step} {seed}")
    first = replace(scene.plan, kill=step, delay=noise.choice((0.0, noise.uniform(0, 0.05))), speed=5.0)
    with process(first) as running:
        assert ended(scene, running) == -signal.SIGKILL
    again = noise.choice(("", *STEPS))
    if again:  # killed once more on its way, wherever that step comes by again
        with process(replace(first, block="", kill=again)) as running:
            assert ended(scene, running) in (-signal.SIGKILL, SETTLED)
    if noise.random() < 0.3:
        scene.node.stop()
        scene.node.start()
    with process(replace(scene.plan, block="", speed=5.0)) as running:
        assert ended(scene, running) == SETTLED
    assert_it_ended_well(scene)
    report(f"kill -9: {step}", seed)


@pytest.mark.parametrize("step", WINDOW)
def test_killed_in_the_window_nothing_looks_like_a_block(scene: Scene, step: str) -> None:
    with process(replace(scene.plan, kill=step)) as running:
        assert ended(scene, running) == -signal.SIGKILL
    assert scene.record.all() == []
    assert not scene.is_in_chain()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_node_that_fails_for_a_while_gets_the_block(scene: Scene, fault: str, seed: int) -> None:
    lasts = Random(f"{fault} {seed}").uniform(5.0, LONGEST if len(SEEDS) > 1 else 120.0)
    with FaultProxy(scene.node.url) as proxy:
        proxy.fault = FAULTS[fault]
        plan = replace(scene.plan, url=proxy.url, speed=SPEED, seconds=HOUR)
        mended = Timer(lasts / SPEED, setattr, (proxy, "fault", None))
        with process(plan) as running:
            mended.start()
            assert ended(scene, running) == SETTLED
        mended.cancel()
    assert_it_ended_well(scene)
    report(f"node {fault}", seed, lasts)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_node_that_is_killed_in_the_middle_of_a_submission_gets_the_block(scene: Scene, seed: int) -> None:
    noise = Random(f"restart {seed}")
    scene.node.stop()  # what it has so far outlives it
    scene.node.start()
    with FaultProxy(scene.node.url) as proxy, process(replace(scene.plan, url=proxy.url)) as running:
        while not proxy.submissions:
            time.sleep(0.001)
        time.sleep(noise.uniform(0, 0.02))
        scene.node.kill()
        time.sleep(noise.uniform(0, 2.0))
        scene.node.start()
        assert ended(scene, running) == SETTLED
    assert_it_ended_well(scene)
    report("node killed mid-submission", seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_disk_keeps_the_block_from_nobody(scene: Scene, seed: int) -> None:
    lasts = Random(f"full {seed}").uniform(5.0, 300.0)
    with process(replace(scene.plan, full=lasts, speed=SPEED, seconds=HOUR)) as running:
        wait_for(scene.is_in_chain)
        wait_for(lambda: scene.record.all() != [])
        assert ended(scene, running) == SETTLED
    assert_it_ended_well(scene)
    report("disk full", seed, lasts)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_disk_that_hangs_keeps_the_block_from_nobody(scene: Scene, seed: int) -> None:
    scene.record.directory.mkdir()
    os.mkfifo(scene.record.directory / f"{stem_of(scene.block)}.unfinished")  # opening it waits for a reader
    with process(replace(scene.plan, speed=1.0 + seed)):
        wait_for(scene.is_in_chain)
    assert scene.record.all() == []
    report("disk hanging", seed)
