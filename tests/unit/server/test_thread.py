"""A thread that ends with the process, or none."""

import threading

import pytest

from sluice.server.thread import thread_for


def test_it_has_begun_and_holds_up_no_end() -> None:
    done = threading.Event()
    thread = thread_for(done.set, "worker")
    assert thread is not None
    assert done.wait(20.0)
    thread.join(20.0)
    assert (thread.name, thread.daemon) == ("worker", True)


def test_where_there_can_be_none_that_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    assert thread_for(lambda: None, "worker") is None
