"""The two clocks: steady seconds for how long, unix seconds for when.

Rule: the only place that asks the machine for the time on the mining side; everybody else is told.
"""

from collections.abc import Callable
from time import monotonic, thread_time, time

#: Steady seconds; only differences mean something.
steady: Callable[[], float] = monotonic

#: Unix seconds, with their fractions.
wall: Callable[[], float] = time

#: Seconds of a processor that this thread has had: what something costs, whoever else is busy.
worked: Callable[[], float] = thread_time


def unix_time() -> int:
    """Unix seconds of the wall clock, which may jump."""
    return int(time())
