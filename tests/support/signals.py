"""Signals to the process that the tests run in."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sluice.log import configure_log


@contextmanager
def after(seconds: float, number: signal.Signals) -> Iterator[None]:
    """A signal to this process, as from a shell, once it listens for signals; it logs as a process does."""
    deaf = signal.getsignal(number)
    over = threading.Event()

    def send() -> None:
        while signal.getsignal(number) is deaf:
            if over.wait(0.01):
                return
        if not over.wait(seconds):
            os.kill(os.getpid(), number)

    configure_log()
    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
