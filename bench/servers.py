"""Servers under measurement, each in a process of its own, and how they are asked."""

import asyncio
import json
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast


class Server:
    """The server's process. Mutable."""

    def __init__(self, commands: StreamWriter, answers: StreamReader, port: int) -> None:
        self._commands = commands
        self._answers = answers
        self.port = port

    async def ask(self, command: str) -> dict[str, float]:
        self._commands.write(command.encode() + b"\n")
        answer: dict[str, float] = json.loads(await self._answers.readline())
        return answer


@asynccontextmanager
async def a_server(module: str = "bench.server", *arguments: str) -> AsyncIterator[Server]:
    command = (sys.executable, "-m", module, *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    commands, answers = cast(StreamWriter, process.stdin), cast(StreamReader, process.stdout)
    try:
        yield Server(commands, answers, json.loads(await answers.readline())["port"])
    finally:
        commands.close()
        await process.wait()
