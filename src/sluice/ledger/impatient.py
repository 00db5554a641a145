"""A connection to PostgreSQL that does not wait for ever.

Rule: a server that is silent for SILENT_SECONDS is given up, whatever keeps it: stopped, hung, cut off, or waiting for a
lock. The kernel notices a machine that is gone, but not a server that hangs: hence the look at the clock here.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg

#: Seconds without a word from the server. A batch takes milliseconds, a step of the views or of folding a second.
SILENT_SECONDS = 20.0
#: The same for the kernel, whose TCP would go on for a quarter of an hour: milliseconds, seconds, seconds, times.
SETTINGS = {
    "tcp_user_timeout": int(SILENT_SECONDS * 1000),
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}


class Impatient(psycopg.Connection[Any]):
    """Closed once its server has been silent for too long."""

    silent_seconds = SILENT_SECONDS

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **named: Any) -> Any:
        """As psycopg's, which comes back to `gen` now and then, also if nothing has come."""
        return super().wait(self._watched(gen), *arguments, **named)

    def _watched(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        heard = monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard = monotonic()
                elif monotonic() - heard > self.silent_seconds:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(
                        f"the server has not said a word for {self.silent_seconds:g} s"
                    )
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value
