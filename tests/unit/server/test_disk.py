"""The thread for the disk: in order, and nobody waits for it who does not want to."""

import threading
from concurrent.futures import Future
from functools import partial

import pytest

from sluice.server import disk as module
from sluice.server.disk import Disk

PATIENCE = 20.0


def test_jobs_are_done_in_order_beside_who_asks() -> None:
    disk = Disk()
    done: list[tuple[int, int]] = []
    me = threading.get_ident()

    def job(number: int) -> None:
        done.append((number, threading.get_ident()))

    futures = [disk.do(partial(job, number)) for number in range(9)]
    for future in futures:
        future.result(PATIENCE)
    assert [number for number, _ in done] == list(range(9))
    assert {thread for _, thread in done} != {me}
    assert len({thread for _, thread in done}) == 1


def test_what_a_job_raises_is_its_own() -> None:
    disk = Disk()
    broken: Future[float] = disk.do(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken.result(PATIENCE)
    assert disk.do(lambda: 7).result(PATIENCE) == 7


def test_a_job_whose_asker_has_gone_is_done_and_so_are_those_behind_it() -> None:
    disk, door = Disk(), threading.Event()
    done: list[str] = []

    def fail() -> None:
        done.append("fail")
        raise OSError

    disk.do(lambda: door.wait(PATIENCE))
    left = [disk.do(lambda: done.append("left")), disk.do(fail)]
    behind = disk.do(lambda: done.append("behind"))
    assert all(future.cancel() for future in left)
    door.set()
    behind.result(PATIENCE)
    assert done == ["left", "fail", "behind"]


def test_one_that_hangs_holds_up_nobody_but_those_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_JOBS", 3)
    disk, door = Disk(), threading.Event()
    hanging = disk.do(lambda: door.wait(PATIENCE))
    while not hanging.running() and not disk._jobs.empty():
        pass
    behind = [disk.do(lambda: None) for _ in range(3)]
    with pytest.raises(OSError, match="too much waits for it"):
        disk.do(lambda: None).result(PATIENCE)
    assert not any(future.done() for future in behind)
    door.set()
    for future in behind:
        future.result(PATIENCE)


def test_where_no_thread_is_to_be_had_it_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    disk = Disk()
    assert disk.do(threading.get_ident).result(0) == threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        disk.do(lambda: 1 / 0).result(0)
