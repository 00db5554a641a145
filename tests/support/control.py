"""A control socket on a pool of this process, and its other end."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sluice.control.client import Picture, look
from sluice.control.place import NAME
from sluice.server.control_host import ControlHost
from sluice.server.pictures import Facts, Pictures
from support.serving import Live, Puppet, live, until

FACTS = Facts(version="1.2.3", network="regtest", tag="test", payout="bcrt1q", key_temporary=True)


@asynccontextmanager
async def hosting(directory: Path, **changes: Any) -> AsyncIterator[tuple[Live, ControlHost]]:
    """A server on a puppet whose control socket is in `directory`."""
    host = ControlHost(directory / NAME, Pictures(FACTS, lambda: ()))
    host.pictures.url = "stratum2+tcp://pool.example:3333/key"
    async with live(Puppet(), companions=(host,), **changes) as running:
        await until((directory / NAME).exists)
        yield running, host


async def picture_of(directory: Path) -> Picture:
    return await look(directory / NAME)


def said(path: Path, *lines: bytes) -> bytes:
    """What comes back on one connection, until it has been silent for a moment or has ended."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.0)
        connection.connect(str(path))
        answer = b""
        try:
            for line in lines:
                connection.sendall(line)
            while more := connection.recv(65_536):
                answer += more
        except (TimeoutError, ConnectionError):
            pass
        return answer


async def say(path: Path, *lines: bytes) -> bytes:
    return await asyncio.to_thread(said, path, *lines)
