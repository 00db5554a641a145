"""A thread beside the loop, for what may have to wait: it ends with the process, whatever it waits for.

Rule: where no thread is to be had, that is an answer and not an error: a node may start its modules so.
"""

from collections.abc import Callable
from threading import Thread


def thread_for(work: Callable[[], None], name: str) -> Thread | None:
    """One that does it, begun; None if there can be none."""
    thread = Thread(target=work, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread
