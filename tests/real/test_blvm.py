"""`sluice run` attached to a blvm-node of our own, with a miner: blocks, whatever the node does wrong."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from json import loads
from os import environ
from pathlib import Path
from typing import Any

import pytest

from sluice.bitcoin.block import Block
from support.scripted_blvm import CREDENTIALS, EVERYTHING, Quirks, ScriptedBlvm, serving_blvm
from support.server import REGTEST_ADDRESS
from support.serving import until

NAME = "blvm-stratum-v2"
SECONDS = 60
BLOCKS = 3
SWITCHES = [field.name for field in fields(Quirks) if field.type in (bool, "bool")]
REPAIRED = Quirks(**dict.fromkeys(SWITCHES, False))
Process = asyncio.subprocess.Process
Story = Callable[[ScriptedBlvm, "Attached"], Awaitable[None]]


class Attached:
    """A `sluice run` and what it has logged."""

    def __init__(self, process: Process, url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self._log = log

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def warnings(self) -> list[str]:
        lines = [loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]
        return [line["event"] for line in lines if line["level"] == "warning" and line.get("node") == "blvm"]


@asynccontextmanager
async def running(*arguments: str, log: Path, **settings: object) -> AsyncIterator[Process]:
    given = {f"SLUICE_{name.upper()}": str(value) for name, value in settings.items()}
    with log.open("w") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sluice.cli", *arguments),
            env=dict(environ) | given,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def attached(node: ScriptedBlvm, directory: Path, **settings: object) -> AsyncIterator[Attached]:
    """Sluice on that node, with a miner."""
    user, _, password = CREDENTIALS.partition(":")
    given = {
        "node__kind": "blvm",
        "node__socket": node.socket,
        "node__url": node.url,
        "node__user": user,
        "node__password": password,
        "node__refresh_seconds": 1,
        "pool__address": REGTEST_ADDRESS,
        "pool__shares_per_minute": 600,
    } | settings
    log = directory / "log"
    arguments = ("run", "--listen", "127.0.0.1:0", "--data-dir", str(directory / "data"))
    async with running(*arguments, log=log, **given) as server:
        assert server.stdout is not None
        url = (await server.stdout.readline()).decode().strip()
        assert url, log.read_text()
        mine = ("mine", url, "--user", "alice.rig", "--threads", "1")
        async with running(*mine, log=directory / "miner"):
            yield Attached(server, url, log)


def play(node: ScriptedBlvm, directory: Path, what: Story, **settings: object) -> None:
    async def run() -> None:
        async with (
            asyncio.timeout(SECONDS),
            serving_blvm(node),
            attached(node, directory, **settings) as sluice,
        ):
            await what(node, sluice)

    asyncio.run(run())


async def rises(node: ScriptedBlvm, sluice: Attached) -> None:
    height = node.chain.height + BLOCKS
    await until(lambda: node.chain.height >= height)
    await until(lambda: len(sluice.events("block accepted")) >= BLOCKS)
    assert not node.dead
    assert sluice.process.returncode is None


@pytest.mark.parametrize("version", ["0.1.13", "0.1.60", "0.1.83"])
def test_attached_to_a_node_as_published(tmp_path: Path, version: str) -> None:
    """B1 to B6 and B9 all there; the old ones queue what submitblock is given."""
    quirks = Quirks(null_means_queued=version == "0.1.13", slow_validation=0.05)
    node = ScriptedBlvm(tmp_path, quirks, version)
    play(node, tmp_path, rises)
    assert node.connections == 1


def test_attached_to_a_repaired_node(tmp_path: Path) -> None:
    play(ScriptedBlvm(tmp_path, REPAIRED), tmp_path, rises)


def test_a_node_that_tells_nothing_is_asked(tmp_path: Path) -> None:
    """No event at all (3.2): somebody else's block is seen by asking, within two seconds."""
    node = ScriptedBlvm(tmp_path, Quirks(silent=True))

    async def story(node: ScriptedBlvm, sluice: Attached) -> None:
        await rises(node, sluice)
        node.mine()
        tip = node.chain.tip[::-1].hex()
        await until(lambda: any(line["prev_hash"] == tip for line in sluice.events("tip changed")))

    play(node, tmp_path, story)


@pytest.mark.parametrize("submit", ["queue_received_block", "both", "submit_block"])
def test_blocks_over_the_module_socket(tmp_path: Path, submit: str) -> None:
    """With a manifest's permissions; SubmitBlock on a node that was repaired."""
    node = ScriptedBlvm(tmp_path, Quirks(no_submit_block=False))
    node.manifest[NAME] = EVERYTHING
    play(node, tmp_path, rises, node__submit=submit)


def test_the_nodes_transactions_are_in_the_blocks(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    blocks: list[Block] = []

    class Kept(ScriptedBlvm):
        def connect(self, raw: bytes) -> str:
            word = super().connect(raw)
            if not word:
                blocks.append(Block.parse(raw))
                self.spend(5)
            return word

    node = Kept(tmp_path)
    node.spend(30)

    async def story(node: ScriptedBlvm, sluice: Attached) -> None:
        await rises(node, sluice)
        await until(lambda: any(len(block.transactions) > 1 for block in blocks))

    play(node, tmp_path, story)
    full = next(block for block in blocks if len(block.transactions) > 1)
    assert any(each.has_witness for each in full.transactions[1:])


def test_a_node_that_restarts_is_waited_for(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def story(node: ScriptedBlvm, sluice: Attached) -> None:
        await rises(node, sluice)
        url = node.url
        await node.stop("an update")
        await until(lambda: len(sluice.events("node troubled")) >= 2)
        reasons = [line["reason"] for line in sluice.events("node troubled")]
        assert reasons[0] == "the node is shutting down (an update): it is waited for"
        assert "nobody answers at" in reasons[1]
        await node.start(port=int(url.rpartition(":")[2]))
        await rises(node, sluice)

    play(node, tmp_path, story)


def test_another_module_has_the_nodes_one_place_for_a_while(tmp_path: Path) -> None:
    """B1, B2, B3: we wait, and the node survives it."""
    node = ScriptedBlvm(tmp_path)

    async def run() -> None:
        async with (
            asyncio.timeout(SECONDS),
            serving_blvm(node),
            node.occupied() as leave,
            asyncio.TaskGroup() as beside,
        ):
            beside.create_task(_leave_later(node, leave))
            async with attached(node, tmp_path) as sluice:
                await rises(node, sluice)
                assert any("one module at a time" in each for each in sluice.warnings())

    asyncio.run(run())
    assert not node.dead


async def _leave_later(node: ScriptedBlvm, leave: Callable[[], None]) -> None:
    await until(lambda: node.connections == 2)
    await asyncio.sleep(6)  # longer than Sluice keeps quiet about it
    leave()


def test_every_switch_is_one_that_this_file_turns() -> None:
    assert replace(REPAIRED, **dict.fromkeys(SWITCHES, True)) != REPAIRED
    assert set(SWITCHES) == {
        *("one_at_a_time", "mortal", "hangs_up", "by_exact_id", "no_submit_block", "no_cli", "no_endpoints"),
        *("one_hub", "rate_limit", "silent", "null_means_queued"),
    }
