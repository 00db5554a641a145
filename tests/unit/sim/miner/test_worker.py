"""A worker without its process: orders in at one end, reports out at the other."""

import io
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sluice.bitcoin.hashes import BlockHash, sha256d
from sluice.bitcoin.target import Target
from sluice.sim.miner import worker
from sluice.sim.miner.stripe import Stripe
from sluice.sim.miner.work_unit import WorkUnit
from sluice.sim.miner.worker_pipe import LENGTH_SIZE, Order, Report, length_of, pack, unpack
from support.mining import STANDARD, Talk

UNIT = replace(Talk(STANDARD).work(), target=Target(2**241))
LONG = 30.0  # seconds: a patience, not a measure


class Pipe(io.RawIOBase):
    """Reports, as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: queue.Queue[Report] = queue.Queue()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        assert length_of(data[:LENGTH_SIZE]) == len(data) - LENGTH_SIZE
        self.reports.put(unpack(Report, data[LENGTH_SIZE:]))
        return len(data)


@contextmanager
def working() -> Iterator[tuple["queue.SimpleQueue[Order | None]", Pipe]]:
    inbox: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
    pipe = Pipe()
    thread = threading.Thread(target=worker.work, args=(Stripe(0, 1), inbox, pipe))
    thread.start()
    try:
        yield inbox, pipe
    finally:
        inbox.put(None)
        thread.join(LONG)
        assert not thread.is_alive()


def with_shares(pipe: Pipe) -> Report:
    """The next report that has any."""
    while True:
        report = pipe.reports.get(timeout=LONG)
        if report.shares:
            return report


def test_it_does_nothing_without_an_order() -> None:
    with working() as (_, pipe), pytest.raises(queue.Empty):
        pipe.reports.get(timeout=0.1)


def test_it_hashes_what_it_is_told_to() -> None:
    with working() as (inbox, pipe):
        inbox.put(Order(1, UNIT))
        report = with_shares(pipe)
    assert report.serial == 1
    assert report.hashes > 0
    for share in report.shares:
        assert int.from_bytes(share.hash, "little") <= UNIT.target


def test_new_work_replaces_the_old() -> None:
    other = replace(UNIT, tip=replace(UNIT.tip, prev_hash=BlockHash(b"\x44" * 32)))
    with working() as (inbox, pipe):
        inbox.put(Order(1, UNIT))
        with_shares(pipe)
        inbox.put(Order(2, other))
        while (report := with_shares(pipe)).serial == 1:
            pass
    assert report.serial == 2
    share = report.shares[0]
    assert sha256d(other.header(b"", share.version, share.ntime, share.nonce)) == share.hash


def test_of_several_orders_the_last_counts() -> None:
    with working() as (inbox, pipe):
        for serial in range(1, 10):
            inbox.put(Order(serial, UNIT if serial == 9 else None))
        assert with_shares(pipe).serial == 9


def test_an_order_to_do_nothing_is_one() -> None:
    with working() as (inbox, pipe):
        inbox.put(Order(1, UNIT))
        with_shares(pipe)
        inbox.put(Order(2))
        inbox.put(Order(3, UNIT))
        while with_shares(pipe).serial != 3:
            pass


def test_work_that_is_tried_through_waits_for_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row for each second: the age of the tip says how many there are."""
    monkeypatch.setattr("sluice.sim.miner.search._NONCE_ROWS", 1)
    fixed = replace(UNIT, job=replace(UNIT.job, version_mask=0), target=Target(2**246))
    with working() as (inbox, pipe):
        inbox.put(Order(1, fixed, age=1.0))
        times: set[int] = set()
        while len(times) < 3:
            times |= {share.ntime - fixed.ntime for share in with_shares(pipe).shares}
    assert times == {0, 1, 2}


def test_an_absurdly_easy_target_drowns_nobody() -> None:
    easy: WorkUnit = replace(UNIT, target=Target(2**256 - 1))
    with working() as (inbox, pipe):
        inbox.put(Order(1, easy))
        assert len(with_shares(pipe).shares) == worker.MAX_SHARES


def test_the_end_of_the_pipe_is_the_end() -> None:
    inbox: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
    orders = [Order(1, UNIT), Order(2)]
    worker.read_orders(io.BytesIO(b"".join(map(pack, orders))), inbox)
    assert [inbox.get(timeout=LONG) for _ in range(3)] == [*orders, None]


def test_so_is_its_end_within_an_order() -> None:
    inbox: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
    worker.read_orders(io.BytesIO(pack(Order(1)) + b"\x01\x00"), inbox)
    assert [inbox.get(timeout=LONG) for _ in range(2)] == [Order(1), None]
