"""A pool that runs on a thread of this process while a test does something beside it, as a command would."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from sluice.server.loop import Owner
from support.control import hosting
from support.serving import until


@contextmanager
def beside(directory: Path, prepare: Callable[[Owner], None] = lambda owner: None) -> Iterator[Owner]:
    """With its control socket in `directory`; `prepare` is called in its loop before anybody looks."""
    ready, over = Event(), Event()
    owners: list[Owner] = []

    async def main() -> None:
        async with hosting(directory) as (running, _):
            owners.append(running.running.owner)
            await until(lambda: owners[0].pool.state.book.tip is not None)
            prepare(owners[0])
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = Thread(target=asyncio.run, args=(main(),))
    thread.start()
    try:
        assert ready.wait(20)
        yield owners[0]
    finally:
        over.set()
        thread.join()
