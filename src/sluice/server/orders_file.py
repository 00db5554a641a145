"""An operator's orders over a restart: a small file in the data directory, written anew whenever one changes.

Rule: a file that cannot be read is told of and left as it is, and orders are then kept beside it only once somebody has
moved it away; mining does not wait for either.
"""

import os
from contextlib import suppress
from pathlib import Path

from msgspec import MsgspecError, json

from sluice.pool.orders import Orders, Standing

NAME = "orders.json"
#: Bytes: ten thousand of each kind, each with the longest of names.
MOST_BYTES = 33_554_432


class OrdersFile:
    """Reads and writes it. `fault` says why it may not be written, if it may not."""

    __slots__ = ("fault", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fault = ""

    def load(self, orders: Orders, unix_time: int) -> list[str]:
        """Take up what was kept; a sentence for each thing that cannot be."""
        try:
            with self.path.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise ValueError(f"it has more than {MOST_BYTES} bytes")
            return list(orders.restore(json.decode(data, type=Standing), unix_time))
        except FileNotFoundError:
            return []
        except (OSError, MsgspecError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.fault = f"{self.path} cannot be read ({reason}): mend it, or move it away, and start again"
            return [f"bans and fixed difficulties of earlier runs are not known: {self.fault}"]

    def save(self, standing: Standing) -> None:
        """Write all of them, whole or not at all. Raises OSError, whose text says what to do."""
        if self.fault:
            raise OSError(self.fault)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(json.format(json.encode(standing), indent=1) + b"\n")
                opened.flush()
                os.fsync(opened.fileno())
            beside.replace(self.path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
