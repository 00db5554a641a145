"""A process that belongs to another one ends with it.

A node that is killed takes nothing along: whom it has started lives on, and would wait for its socket for ever.
Rule: looked at by the clock, as neither a parent that dies nor a file that goes tells anybody.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 1.0


def let_go(socket_path: Path) -> None:
    """Spare a node that ends the 30 s for which it waits for who serves modules, while they are there.

    A connection without a word ends that service (B3 of docs/blvm.md), which at any other time must not happen.
    """
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(socket_path))


class Lifeline:
    """To whoever started us, and to the socket that we came for. Mutable; one owner: the event loop."""

    __slots__ = ("_attached", "_end", "_loop", "_parent", "_socket")

    def __init__(self, socket: Path, attached: Callable[[], bool], end: Callable[[str], None]) -> None:
        """`attached`: whether there is a connection, which outlives the file; `end` is called once, with the reason."""
        self._socket = socket
        self._attached = attached
        self._end = end
        self._parent = os.getppid()
        self._loop = asyncio.get_running_loop()
        self._loop.call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if os.getppid() != self._parent:
            self._end("the node that started this module has ended")
        elif not self._attached() and not self._socket.exists():
            self._end(f"{self._socket} is gone, and the node with it")
        else:
            self._loop.call_later(LOOK_SECONDS, self._look)
