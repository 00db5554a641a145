"""The module's command line for people on this machine, where the node cannot hand it on (B7 of docs/blvm.md).

One line of JSON each way: ["set-difficulty", "8"], and what the command printed.
Rule: whoever may write to the socket may command; it is for the user that Sluice runs as, and nobody else.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import DecodeError, Struct, ValidationError, json

from sluice.blvm.modules import Call, CliCall, CliResult, Result
from sluice.pool.events import Happening
from sluice.pool.ports import FoundBlock
from sluice.server.loop import Owner

NAME = "module.sock"
#: Seconds for a line to come: it is typed before.
LINE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Printed(Struct, frozen=True):
    """What a command says, and its exit code."""

    stdout: str
    stderr: str
    exit_code: int


class CommandSocket:
    """In `directory`, as long as the pool lives. A companion that has nothing to say."""

    __slots__ = ("_answer", "path")

    def __init__(self, directory: Path, answer: Callable[[Call], Result | str]) -> None:
        self.path = directory / NAME
        self._answer = answer

    def told(self, event: Happening) -> None:
        """Commands ask when they want to know."""

    def found(self, block: FoundBlock) -> None:
        """As above."""

    async def run(self, owner: Owner) -> None:
        """Until cancelled; a directory in which there can be no socket is told once."""
        self.path.unlink(missing_ok=True)
        try:
            server = await asyncio.start_unix_server(self._serve, str(self.path))
        except OSError as error:
            logger.warning("`sluice blvm ask` cannot be answered: %s: %s", self.path, error.strerror or error)
            await asyncio.Event().wait()
            return
        self.path.chmod(0o600)
        try:
            async with server:
                await server.serve_forever()
        finally:
            self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, ValueError, OSError):
            async with asyncio.timeout(LINE_SECONDS):
                writer.write(json.encode(self._printed(await reader.readline())) + b"\n")
                await writer.drain()
        writer.close()

    def _printed(self, line: bytes) -> Printed:
        try:
            word, *arguments = json.decode(line, type=list[str])
        except (DecodeError, ValidationError, ValueError):
            return Printed("", "a command is a list of words", 1)
        result = self._answer(CliCall(word, tuple(arguments)))
        if isinstance(result, CliResult):
            return Printed(result.stdout, result.stderr, result.exit_code)
        return Printed("", str(result), 1)


def ask(directory: Path, words: list[str]) -> Printed:
    """What the Sluice of this data directory prints. OSError if there is none, ValueError if it says nonsense."""
    import socket

    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LINE_SECONDS)
        connection.connect(os.fspath(directory / NAME))
        connection.sendall(json.encode(words) + b"\n")
        with connection.makefile("rb") as answer:
            return json.decode(answer.readline(), type=Printed)
