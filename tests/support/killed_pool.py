"""A server with a record, in a process of its own, to be killed: `python -m support.killed_pool RECORD [MILLISECONDS]`.

Everything is Sluice's own: the pool, its server, the scribe, whose batches are 100 ms as by default unless told otherwise,
the record in SQLite or PostgreSQL. The node alone has one template and takes no block. It writes its port to stdout, and
ends when it is killed, or told to.
"""

import sys
from dataclasses import replace

from bench.server import plan
from sluice.app import Ending, run
from sluice.ledger.record import Record
from sluice.pool.ports import Start
from sluice.server.clock import unix_time
from sluice.server.scribe import Recording, Scribe
from sluice.server.serve import serve


def told(port: int) -> None:
    """To whoever started it."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


async def main(place: str, milliseconds: str = "100") -> int:
    """Serve until the kill."""
    ending = Ending()
    record = Record(place)
    record.open()
    recording = Recording(record, Start(unix_time(), "killed", "main", 0, {}), int(milliseconds) / 1_000)
    await serve(
        replace(plan(), scribe=Scribe(recording)),
        lambda event: None,
        lambda running: told(running.port),
        ending.stop,
    )
    return 0


if __name__ == "__main__":
    sys.exit(run(main(*sys.argv[1:])))
