"""An operator's orders over a restart: a small file in the data directory, written anew whenever one changes.

Rule: a file that cannot be read is told of and left as it is, and orders are then kept beside it only once somebody has
moved it away; mining does not wait for either.
"""

from pathlib import Path

from msgspec import MsgspecError, json

from sluice.kept_file import read_kept, write_kept
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
            data = read_kept(self.path, MOST_BYTES)
            return [] if data is None else list(orders.restore(json.decode(data, type=Standing), unix_time))
        except (OSError, MsgspecError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.fault = f"{self.path} cannot be read ({reason}): mend it, or move it away, and start again"
            return [f"bans and fixed difficulties of earlier runs are not known: {self.fault}"]

    def save(self, standing: Standing) -> None:
        """Write all of them, whole or not at all. Raises OSError, whose text says what to do."""
        if self.fault:
            raise OSError(self.fault)
        write_kept(self.path, json.format(json.encode(standing), indent=1) + b"\n")
