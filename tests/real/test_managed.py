"""The module under a node's environment and limits: blocks, kill -9, the node's end, what has to be mended."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sluice.blvm.modules import CliCall, CliResult
from sluice.exit_codes import ExitCode
from support.managed import Spawned, spawned
from support.miners import mining
from support.neighbours import NAME, Supervisor
from support.processes import SLUICE
from support.scripted_blvm import CREDENTIALS, Quirks, ScriptedBlvm
from support.serving import until

#: Seconds of module_startup_wait_millis; ours has to be faster, on a busy machine too.
STARTUP_WAIT = 8.0


@asynccontextmanager
async def running(directory: Path, quirks: Quirks | None = None) -> AsyncIterator[Supervisor]:
    """A blvm-node of our own; nothing of it is left at the end."""
    node = Supervisor(directory, quirks)
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


@asynccontextmanager
async def started(node: Supervisor, directory: Path, **settings: str) -> AsyncIterator[Spawned]:
    """The module, started by the node, which then wants to be let in under its id."""
    with spawned(directory, node.socket, **settings) as module:
        async with node.supervising("blvm-stratum-v2_1", STARTUP_WAIT):
            yield module


async def mine_blocks(node: ScriptedBlvm, module: Spawned, blocks: int) -> None:
    """A miner comes and finds so many."""
    await until(lambda: module.url is not None)
    assert module.url is not None
    wanted = node.chain.height + blocks
    with mining(module.url):
        await until(lambda: node.chain.height >= wanted)


def with_rpc(node: ScriptedBlvm) -> dict[str, str]:
    """What an operator adds so that blocks can go by JSON-RPC."""
    user, _, password = CREDENTIALS.partition(":")
    return {
        "node.url": node.url,
        "node.user": user,
        "node.password": password,
        "pool.shares_per_minute": "600",
    }


def test_under_the_node_s_limits_blocks_are_found_again_and_again_whatever_is_killed(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as node:
            node.mine()
            settings = with_rpc(node)
            async with started(node, tmp_path, **settings) as module:
                await mine_blocks(node, module, 3)
                assert module.threads == 1
                assert module.events("block accepted")
                module.process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(module.process.wait)
            async with started(node, tmp_path, **settings) as module:
                await mine_blocks(node, module, 2)
                await node.stop()
                node.socket.unlink()
                assert await asyncio.to_thread(module.process.wait, 30) == ExitCode.OK

    asyncio.run(main())


def test_what_has_to_be_mended_is_in_the_log_file_and_in_the_node_s_log(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as node:
            with spawned(tmp_path, node.socket, payout_address="bcrt1nonsense", max_jobs="0") as module:
                assert await asyncio.to_thread(module.process.wait, 30) == ExitCode.USAGE
                told = [line["event"] for line in module.lines if line["level"] == "error"]
                assert len(told) == 2
                assert "pool.max_jobs must be a whole number from 2 to 100" in " ".join(told)
                assert "pool.address cannot be paid" in " ".join(told)
                await until(lambda: len(node.logged) == 2)
                assert [line.message for line in node.logged] == told
                assert {line.module_id for line in node.logged} == {"blvm-stratum-v2_1"}
            assert not node.dead

    asyncio.run(main())


def test_a_module_that_is_switched_off_ends_at_once_and_leaves_the_node_alone(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as node:
            with spawned(tmp_path, node.socket, enabled="false") as module:
                assert await asyncio.to_thread(module.process.wait, 30) == ExitCode.OK
                assert module.events("not enabled in the module's configuration")
            assert node.connections == 0

    asyncio.run(main())


def test_a_node_that_ends_while_it_lets_us_wait_takes_us_along(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as node:
            node.mine()
            async with node.occupied():  # B2: its own connection was faster
                with spawned(tmp_path, node.socket) as module:
                    await until(lambda: node.connections == 2)
                    await node.stop()
                    node.socket.unlink()
                    assert await asyncio.to_thread(module.process.wait, 30) == ExitCode.OK

    asyncio.run(main())


def test_a_connection_that_is_lost_is_made_again_while_the_socket_is_there(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as node:
            node.mine()
            async with started(node, tmp_path, **with_rpc(node)) as module:
                await until(lambda: module.url is not None)
                before, (session,) = node.connections, node.sessions
                assert session.module_id == NAME  # what its manifest asks for is permitted
                session.writer.close()
                await until(lambda: node.connections > before and bool(node.sessions))
                await mine_blocks(node, module, 1)
                assert module.process.poll() is None
                wanted = {"StratumClientConnected", "ShareSubmitted", "MiningJobCreated"}
                await until(lambda: {said.event_type.name for said in node.published} >= wanted)

    asyncio.run(main())


def test_a_person_at_the_node_s_command_line_sets_the_difficulty(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path, Quirks(no_cli=False, one_hub=False)) as node:
            node.mine()
            async with started(node, tmp_path, **with_rpc(node)) as module:
                await until(lambda: module.url is not None)
                answer = await node.invoke(CliCall("set_difficulty", ("--difficulty", "4")))
                assert answer.payload == CliResult("Default difficulty set to 4 for new channels", "", 0)
                assert module.url is not None
                with mining(module.url):
                    await until(lambda: bool(module.events("channel opened")))
                assert [channel["difficulty"] for channel in module.events("channel opened")] == [4.0]
                answer = await node.invoke(CliCall("status", ()))
                assert isinstance(answer.payload, CliResult)
                assert "Default difficulty: 4\n" in answer.payload.stdout
                command = [*SLUICE, "blvm", "ask", "--data-dir", str(module.data_dir), "set-difficulty", "8"]
                asked = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
                assert (asked.returncode, asked.stdout) == (
                    0,
                    "Default difficulty set to 8 for new channels\n",
                )
                answer = await node.invoke(CliCall("config-path", ()))
                assert answer.payload == CliResult(str(module.data_dir / "config.toml"), "", 0)

    asyncio.run(main())
