"""Waiting in a test that is not a coroutine: until something has happened, with a bound that only a failure reaches."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds. Far more than anything takes, also on a machine that has other things to do.
PATIENCE = 120.0


def wait_for(
    happened: Callable[[], T],
    seconds: float = PATIENCE,
    *,
    pause: float = 0.05,
    otherwise: Callable[[], object] = lambda: "it does not happen",
) -> T:
    """What `happened` returns, once that is something; asked every `pause` seconds. `otherwise`: what a failure shows."""
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, otherwise()
        time.sleep(pause)
    return found
