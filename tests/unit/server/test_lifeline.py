"""A process that belongs to another one ends with it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from sluice.server import lifeline
from sluice.server.lifeline import Lifeline, let_go
from support.scripted_blvm import ScriptedBlvm
from support.serving import until

CHILD = """
import asyncio, sys
from pathlib import Path
from sluice.server.lifeline import Lifeline
async def main():
    end = asyncio.Event()
    def told(reason):
        Path(sys.argv[2]).write_text(reason)
        end.set()
    Lifeline(Path(sys.argv[1]), lambda: False, told)
    Path(sys.argv[2]).write_text("")
    await end.wait()
asyncio.run(main())
"""
PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]); sys.stdin.read()"


def test_it_ends_when_socket_and_connection_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifeline, "LOOK_SECONDS", 0.01)
    socket = tmp_path / "node.sock"
    socket.touch()
    reasons: list[str] = []

    attached = [True]

    async def main() -> None:
        Lifeline(socket, lambda: attached[0], reasons.append)
        await asyncio.sleep(0.05)
        socket.unlink()
        await asyncio.sleep(0.05)
        assert reasons == []  # another module was unloaded, and took the file along
        attached[0] = False
        await until(lambda: bool(reasons))
        await asyncio.sleep(0.05)

    asyncio.run(main())
    assert reasons == [f"{socket} is gone, and the node with it"]


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    said = tmp_path / "said"
    (tmp_path / "node.sock").touch()
    command = [sys.executable, "-c", PARENT, CHILD, str(tmp_path / "node.sock"), str(said)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as parent:

        async def main() -> None:
            await until(said.exists)
            parent.kill()
            await until(lambda: said.read_text() != "")

        asyncio.run(main())
    assert said.read_text() == "the node that started this module has ended"


def test_letting_go_ends_the_service_of_a_node_that_ends_and_harms_none_that_is_gone(tmp_path: Path) -> None:
    async def main() -> None:
        node = ScriptedBlvm(tmp_path)
        await node.start()
        let_go(node.socket)
        await until(lambda: node.dead)
        await node.stop()
        node.socket.unlink()
        let_go(node.socket)

    asyncio.run(main())
