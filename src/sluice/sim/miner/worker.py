"""A worker process: hashes what its standard input says, writes what it finds to its standard output.

    python -m sluice.sim.miner.worker NUMBER OF

Rule: its input is its life: when that ends, so does it. Threads would not hash faster (one interpreter lock), but one
waits for orders here, so that hashing never does.
"""

import os
import queue
import sys
import threading
import time
from typing import BinaryIO

from sluice.sim.miner.stripe import Stripe
from sluice.sim.miner.work_unit import WorkUnit
from sluice.sim.miner.worker_pipe import LENGTH_SIZE, Order, Report, length_of, pack, unpack

#: At most so long is hashing left unreported, for the hash rate on show; shares are reported at once.
REPORT_SECONDS = 0.25
#: A batch that finds more has an absurdly easy target; the rest would only drown the server, and us.
MAX_SHARES = 32
#: Looked again for time to move on, when a unit is tried through.
REST_SECONDS = 0.1
#: Mining takes what is left over: a pool on the same machine comes first.
NICENESS = 10


def read_orders(pipe: BinaryIO, inbox: "queue.SimpleQueue[Order | None]") -> None:
    """All orders of a pipe, then None."""
    while len(head := pipe.read(LENGTH_SIZE)) == LENGTH_SIZE:
        body = pipe.read(length_of(head))
        inbox.put(unpack(Order, body))
    inbox.put(None)


def work(stripe: Stripe, inbox: "queue.SimpleQueue[Order | None]", pipe: BinaryIO) -> None:
    """Hash to order until there are no more orders."""
    order, taken = Order(serial=0), 0.0
    hashes, reported = 0, time.monotonic()
    while True:
        lead = _lead(order.unit, order.age + time.monotonic() - taken)
        following = _next_order(inbox, _patience(stripe, lead), order)
        if following is None:
            return
        if following is not order:
            order, taken = following, time.monotonic()
            stripe.take(order.unit)
            continue
        if stripe.rests(lead):
            continue
        began = time.monotonic()
        tried, shares = stripe.dig(lead)
        ended = time.monotonic()
        stripe.pace(ended - began)
        hashes += tried
        if shares or ended - reported > REPORT_SECONDS:
            pipe.write(pack(Report(order.serial, hashes, tuple(shares[:MAX_SHARES]))))
            pipe.flush()
            hashes, reported = 0, ended


def _lead(unit: WorkUnit | None, age: float) -> int:
    return 0 if unit is None else unit.ntime_lead(unit.tip.since + age)


def _patience(stripe: Stripe, lead: int) -> float | None:
    """Seconds to wait for an order: none while there is something to hash, None for any number."""
    if stripe.unit is None:
        return None
    return REST_SECONDS if stripe.rests(lead) else 0.0


def _next_order(
    inbox: "queue.SimpleQueue[Order | None]", patience: float | None, current: Order
) -> Order | None:
    """The latest order that waits, the current one if none does, None at the end."""
    order: Order | None = current
    try:
        order = inbox.get(patience != 0, patience)
        while order is not None:
            order = inbox.get_nowait()
    except queue.Empty:
        pass
    return order


def main() -> None:
    """The process."""
    os.nice(NICENESS)
    inbox: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
    number, of = (int(argument) for argument in sys.argv[1:3])
    threading.Thread(target=read_orders, args=(sys.stdin.buffer, inbox), daemon=True).start()
    try:
        work(Stripe(number, of), inbox, sys.stdout.buffer)
    except BrokenPipeError:
        os._exit(0)  # the miner is gone; nobody is left to tell


if __name__ == "__main__":
    main()
