"""Signals to the process that the tests run in."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

from sluice.log import configure_log


class _Ears:
    """A stream that sends the signal when `words` are written to it, and passes all on."""

    def __init__(self, stream: TextIO, words: str, number: signal.Signals) -> None:
        self._stream = stream
        self._words = words
        self._number = number

    def write(self, text: str) -> int:
        written = self._stream.write(text)
        if self._words and self._words in text:
            self._words = ""
            os.kill(os.getpid(), self._number)
        return written

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return False


@contextmanager
def once(words: str, number: signal.Signals) -> Iterator[None]:
    """A signal to this process, as from a shell, once it has said this on stdout or stderr; it logs as a process does.

    It must listen for signals by then: the tests would end with it otherwise.
    """
    with (
        redirect_stdout(_Ears(sys.stdout, words, number)),
        redirect_stderr(_Ears(sys.stderr, words, number)),
    ):
        configure_log()
        yield
