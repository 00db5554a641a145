"""The web process: `python -m sluice.web.process`, started by the pool's warden, never by hand.

It is told its settings in one line on standard input, and ends when standard input does: whoever started it is gone
then.
Rule: it listens on a socket that it was handed, so that the port outlives it; the pool never waits for it.
"""

import asyncio
import logging
import os
import socket
import sys
from threading import Timer

import uvicorn

from sluice.web.app import application
from sluice.web.patience import patient
from sluice.web.settings import Settings, decode
from sluice.web.sight import seen

#: A line with all settings; a database's address may be long.
MAX_LINE = 65_536
#: Miners come first where both want the processor.
NICENESS = 5
#: Bytes of a request's line and headers.
MAX_HEAD_BYTES = 16_384
#: Connections that are no event streams: what a hundred browsers open. More are told that we are busy.
SPARE_CONNECTIONS = 600
#: New connections that are looked at together: how far beyond the bound open files go before the next is hung up on.
MET_AT_ONCE = 64
#: Those that may wait at the port, outside.
WAITING = 1_024
#: A connection without a request for so many seconds is closed.
KEEP_ALIVE_SECONDS = 15
#: Seconds to end in order once whoever started us is gone.
LAST_SECONDS = 3.0


def main() -> int:
    """Serve until standard input ends; the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    os.nice(NICENESS)
    settings = decode(sys.stdin.buffer.readline(MAX_LINE))
    asyncio.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    listening = socket.socket(fileno=settings.descriptor)
    async with seen(settings) as sight:
        server = uvicorn.Server(
            uvicorn.Config(
                application(sight),
                log_config=None,
                access_log=False,
                server_header=False,
                http=patient(settings.trusted_proxies),
                ws="none",
                lifespan="off",  # what has to be closed is in `sight`
                h11_max_incomplete_event_size=MAX_HEAD_BYTES,
                limit_concurrency=settings.max_streams + SPARE_CONNECTIONS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                backlog=MET_AT_ONCE,
            )
        )
        beside = [
            asyncio.create_task(_end_with_parent(server)),
            asyncio.create_task(_widen(server, listening)),
        ]
        try:
            await server.serve(sockets=[listening])
        finally:
            for task in beside:
                task.cancel()


async def _widen(server: uvicorn.Server, listening: socket.socket) -> None:
    """The loop takes what may wait at the port for what it may accept at once: set the former right."""
    while not server.started:  # noqa: ASYNC110, it has no other word for it
        await asyncio.sleep(0.05)
    listening.listen(WAITING)


async def _end_with_parent(server: uvicorn.Server) -> None:
    """Whoever reads the pages does not hold us up."""
    reader = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )
    try:
        while await reader.read(MAX_LINE):
            pass
        server.should_exit = server.force_exit = True
        # A thread that waits for a disk that hangs would keep us, and with us the port, from whoever comes next.
        ending = Timer(LAST_SECONDS, os._exit, (1,))
        ending.daemon = True
        ending.start()
    finally:
        pipe.close()


if __name__ == "__main__":
    sys.exit(main())
