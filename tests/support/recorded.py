"""Blocks in a record, and a scripted node beside the test's own loop, for commands that have a loop of their own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sluice.ledger.block_record import BlockRecord
from sluice.pool.ports import FoundBlock
from support.blocks import found
from support.found import whole
from support.scripted_node import ScriptedNode, scripted
from support.work import EASY_NBITS, HEIGHT, spend, template

TEMPLATE = template(transactions=(spend(1), spend(2)), nbits=EASY_NBITS)


def a_sound_block(number: int = 0) -> FoundBlock:
    """A whole block that is valid as far as it can be judged without its chain."""
    return replace(
        whole(found(TEMPLATE, number), HEIGHT), user="alice", template_id=7, found_at=1_700_000_000
    )


def kept(directory: Path, *blocks: FoundBlock) -> BlockRecord:
    """A record in a data directory, with these blocks in it."""
    record = BlockRecord(directory / "blocks")
    for block in blocks:
        record.write(block)
    return record


@contextmanager
def beside(node: ScriptedNode) -> Iterator[ScriptedNode]:
    """The node, served by a loop in a thread of its own."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with scripted(node):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield node
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
