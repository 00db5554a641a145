"""A server with a record, in a process of its own, to be killed: `python -m support.killed_pool FILE`.

Everything is Sluice's own: the pool, its server, the scribe with the default batch, the record in SQLite. The node
alone has one template and takes no block. It writes its port to stdout, and ends when it is killed.
"""

import asyncio
import sys
from dataclasses import replace

from bench.server import plan
from sluice.app import run
from sluice.ledger.record import Record
from sluice.pool.ports import Start
from sluice.server.clock import unix_time
from sluice.server.scribe import Recording, Scribe
from sluice.server.serve import serve


def told(port: int) -> None:
    """To whoever started it."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


async def main(path: str) -> int:
    """Serve until the kill."""
    scribe = Scribe(Recording(Record(path), Start(unix_time(), "killed", "main", 0, {})))
    await serve(
        replace(plan(), scribe=scribe),
        lambda event: None,
        lambda running: told(running.port),
        asyncio.Event(),
    )
    return 0


if __name__ == "__main__":
    sys.exit(run(main(sys.argv[1])))
