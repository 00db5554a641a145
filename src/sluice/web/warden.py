"""Who keeps the web process alive, beside the pool.

Rule: the pool never waits for it. A dashboard that cannot be had is one warning that names the way out, and miners
go on; the socket is opened here, so that its port outlives a process that has to be started again.
"""

import asyncio
import logging
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress

import msgspec

from sluice.pool.events import Happening
from sluice.pool.ports import FoundBlock
from sluice.server.loop import Owner
from sluice.web.settings import Settings, encode

#: Seconds before the process is started again, longer each time it ends soon.
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
#: One that has lived for so long was well: the next pause is the first again.
WELL_SECONDS = 60.0
#: Seconds before an address in use is tried again.
ADDRESS_AGAIN = 30.0
#: Seconds that it may take to end before it is killed.
PARTING_SECONDS = 1.0
#: Bytes of one line that it says on stderr.
MAX_LINE = 65_536

logger = logging.getLogger(__name__)


class Warden:
    """A companion that starts the web process once connections are taken, and again when it dies."""

    __slots__ = ("_host", "_port", "_say", "_settings")

    def __init__(self, host: str, port: int, settings: Settings, say: Callable[[str], None]) -> None:
        """`say` is told the address, once."""
        self._host = host
        self._port = port
        self._settings = settings
        self._say = say

    def told(self, event: Happening) -> None:
        """The process hears of it over the control socket."""

    def found(self, block: FoundBlock) -> None:
        """As above."""

    async def run(self, owner: Owner) -> None:
        """Until cancelled."""
        listening = await self._listen()
        with listening:
            host, port = listening.getsockname()[:2]
            self._say(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
            await self._keep(msgspec.structs.replace(self._settings, descriptor=listening.fileno()))

    async def _listen(self) -> socket.socket:
        """A socket that listens; one warning if it has to be waited for."""
        warned = False
        while True:
            try:
                return _listening(self._host, self._port)
            except OSError as error:
                if not warned:
                    logger.warning(
                        "no dashboard: %s cannot be listened on: %s; set web.listen (--web-listen) to a free "
                        'address, or to "off". Mining goes on, and it is tried again.',
                        self._settings.listen,
                        error.strerror or error,
                    )
                warned = True
            await asyncio.sleep(ADDRESS_AGAIN)

    async def _keep(self, settings: Settings) -> None:
        tries = 0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await _live(settings)
            tries = 0 if loop.time() - began > WELL_SECONDS else tries
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            tries += 1
            logger.warning("the web process ended with code %s; it is started again in %g s", code, pause)
            await asyncio.sleep(pause)


def _listening(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1_024)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


async def _live(settings: Settings) -> int | None:
    """One life of the process; its exit code. A session of its own: Ctrl-C is for the pool, which ends it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sluice.web.process",
        stdin=PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=PIPE,
        limit=MAX_LINE,
        pass_fds=[settings.descriptor],
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(encode(settings))
        await _relay(process)
        return await process.wait()
    finally:
        await _end(process)


async def _relay(process: Process) -> None:
    """What it says on stderr, in our log."""
    assert process.stderr is not None
    while True:
        try:
            line = await process.stderr.readline()
        except ValueError:  # longer than we read
            continue
        if not line:
            return
        logger.warning("web: %s", line.decode("utf-8", "replace").rstrip())


async def _end(process: Process) -> None:
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.close()
    if process.returncode is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING_SECONDS):
                await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
    await process.stderr.read()
