"""A thread that does what waits for a disk, in order, so that who asked need not wait longer than it wants.

Rule: a disk that hangs holds up nobody but itself: the thread is a daemon, and there is one. Where no thread is to
be had (a node may start its modules so), things are done at once, by who asks.
"""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sluice.server.thread import thread_for

T = TypeVar("T")

#: Jobs that may wait for a disk that hangs; each may hold a whole block. Beyond, a job fails at once.
MOST_JOBS = 256


class Disk:
    """Mutable; one owner: the event loop."""

    __slots__ = ("_jobs", "_thread")

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._thread: Thread | None = None

    def do(self, call: Callable[[], T]) -> "Future[T]":
        """`call` after all that came before it; its result, or the OSError that it raised.

        What is done with the result by `add_done_callback` is done by the thread.
        """
        done: Future[T] = Future()
        if self._jobs.qsize() >= MOST_JOBS:
            done.set_exception(OSError("the disk hangs, and too much waits for it"))
        elif self._is_started():
            self._jobs.put((call, done))
        else:
            _carry_out(call, done)
        return done

    @property
    def waiting(self) -> int:
        """Jobs that nobody has begun."""
        return self._jobs.qsize()

    def _is_started(self) -> bool:
        self._thread = self._thread or thread_for(self._work, "disk")
        return self._thread is not None

    def _work(self) -> None:
        while True:
            _carry_out(*self._jobs.get())


def _carry_out(call: Callable[[], T], done: "Future[T]") -> None:
    """Do it also if who asked has gone meanwhile: half of what was wanted on a disk is of use to nobody."""
    awaited = done.set_running_or_notify_cancel()  # from here on it cannot be cancelled
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to who asked
        if awaited:
            done.set_exception(error)
    else:
        if awaited:
            done.set_result(result)
