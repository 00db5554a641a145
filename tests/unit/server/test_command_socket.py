"""The module's command line without the node."""

import asyncio
import logging
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sluice.blvm.modules import Call, CliCall, CliResult, Result
from sluice.server.command_socket import NAME, CommandSocket, Printed, ask
from support.serving import Live, Puppet, live, until


def answer(call: Call) -> Result | str:
    assert isinstance(call, CliCall)
    if call.subcommand == "status":
        return CliResult(f"fine {call.args}", "", 0)
    return "internal error"


@asynccontextmanager
async def listening(directory: Path) -> AsyncIterator[Live]:
    async with live(Puppet(), companions=(CommandSocket(directory, answer),)) as running:
        await until((directory / NAME).exists)
        yield running


def test_a_command_is_answered_and_the_socket_is_for_its_owner_alone(tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(tmp_path):
            said = await asyncio.to_thread(ask, tmp_path, ["status", "--now"])
            assert said == Printed("fine ('--now',)", "", 0)
            assert await asyncio.to_thread(ask, tmp_path, ["x"]) == Printed("", "internal error", 1)
            assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
        assert not (tmp_path / NAME).exists()

    asyncio.run(main())


@pytest.mark.parametrize("line", [b"[]\n", b"{}\n", b"nonsense\n", b"[1]\n", b"\n"])
def test_what_is_no_command_is_told_so(tmp_path: Path, line: bytes) -> None:
    def say() -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(tmp_path / NAME))
            connection.sendall(line)
            return connection.recv(4096)

    async def main() -> None:
        async with listening(tmp_path):
            assert b"a command is a list of words" in await asyncio.to_thread(say)

    asyncio.run(main())


def test_what_an_earlier_run_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()

    async def main() -> None:
        async with listening(tmp_path):
            await until(lambda: stat.S_ISSOCK((tmp_path / NAME).stat().st_mode))
            assert (await asyncio.to_thread(ask, tmp_path, ["status"])).exit_code == 0

    asyncio.run(main())


def test_a_path_that_is_too_long_for_a_socket_is_told_and_the_pool_lives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / ("x" * 120)
    directory.mkdir()

    async def main() -> None:
        async with live(Puppet(), companions=(CommandSocket(directory, answer),)) as running:
            await until(lambda: "cannot be answered" in caplog.text)
            assert running.running.owner.pool.state.book is not None

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())


def test_where_nobody_is_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ask(tmp_path, ["status"])
