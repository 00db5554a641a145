"""Work that blocks, done beside the loop: in a thread, where there may be one.

Rule: where no thread can be had, it is done at once. A node's module lives under a bound on processes that the
node itself has used up; miners then wait for the disk, but the block is on it.
"""

import asyncio
from collections.abc import Callable
from functools import cache
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[..., T], *arguments: object, **named: object) -> T:
    """What `call` answers; it may block, and raises what it raises."""
    if threads_can_be_had():
        return await asyncio.to_thread(call, *arguments, **named)
    return call(*arguments, **named)


@cache
def threads_can_be_had() -> bool:
    """Whether this process may have another thread: tried once, as nothing else can tell."""
    trial = Thread(target=int)
    try:
        trial.start()
    except RuntimeError:
        return False
    trial.join()
    return True
