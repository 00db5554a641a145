"""What handlers see of the pool: one object, given to each of them as `sight`.

Rule: handlers ask here and nowhere else, for the settings of this run, for the pool as it is and for the record; what
waits for a disk is done in a thread.
"""

from types import TracebackType
from typing import Self

from sluice.ledger.block_record import BlockRecord
from sluice.web.settings import Settings


class Sight:
    """An asynchronous context: what it holds open is closed at its end. Mutable; one owner: the event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        #: The files of found blocks; its calls wait for the disk.
        self.blocks = BlockRecord(settings.blocks_dir)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
