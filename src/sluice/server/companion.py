"""Somebody who lives beside the pool: hears all it says, and may feed it.

Rule: what a companion does never delays the pool; one that fails is logged, and the pool goes on without it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from sluice.pool.effects import BlockEffect, Record
from sluice.pool.events import Happening
from sluice.pool.ports import FoundBlock
from sluice.server.loop import Owner

#: Seconds before a companion that failed begins again.
AGAIN = 5.0

logger = logging.getLogger(__name__)


class Companion(Protocol):
    """Who wants to be told."""

    def told(self, event: Happening, /) -> None:
        """The pool has said something. Must not wait."""

    def found(self, block: FoundBlock, /) -> None:
        """A block was found and is on its way. Must not wait."""

    async def run(self, owner: Owner, /) -> None:
        """Live for ever; begun once connections are taken."""


def telling(
    tell: Callable[[Happening], None], companions: Sequence[Companion]
) -> Callable[[Happening], None]:
    """`tell`, then every companion."""

    def tell_all(event: Happening) -> None:
        tell(event)
        for companion in companions:
            companion.told(event)

    return tell_all if companions else tell


def performing(
    perform: Callable[[BlockEffect], None], companions: Sequence[Companion]
) -> Callable[[BlockEffect], None]:
    """`perform` first: a block is on its way before anybody hears of it."""

    def perform_and_tell(effect: BlockEffect) -> None:
        perform(effect)
        if isinstance(effect, Record):
            for companion in companions:
                companion.found(effect.found)

    return perform_and_tell if companions else perform


async def accompany(companion: Companion, owner: Owner) -> None:
    """Let it live, again and again: that it fails is a bug, but miners go on."""
    while True:
        try:
            await companion.run(owner)
        except Exception:  # companions are many and know each their own errors: what gets here is a bug
            logger.exception("a companion of the pool failed")
        await asyncio.sleep(AGAIN)
