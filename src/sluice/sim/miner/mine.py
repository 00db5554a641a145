"""`sluice mine`: the miner as a command.

Rule: it ends for four reasons only: it was told to (exit 0), the server broke a rule (exit 1), no server ever gave
it work (exit 6), or it lost a worker (exit 7). All else is waited out.
"""

import asyncio
import os
import signal
import sys
import time

from sluice.legible import hashrate_text
from sluice.noise.authority import PoolUrl
from sluice.sim.miner.hasher import measure
from sluice.sim.miner.miner import Miner, MinerExit, MinerPlan
from sluice.sim.miner.view import Style, View, view_for
from sluice.sim.miner.workforce import WorkerLost, Workforce

STDIN = 0


def run_miner(
    url: PoolUrl,
    user: str,
    extended: bool,
    threads: int,
    seconds: float | None = None,
    *,
    worker: str | None = None,
    tlv: bool = False,
    report: Style = "auto",
    until_eof: bool = False,
) -> int:
    """Mine until stopped by a signal, or for so many seconds; the exit code.

    `report`: a live view on a terminal or plain lines ("auto"), plain lines, or JSON lines on standard output.
    `until_eof`: end with standard input, which is a pipe from whoever started us.
    """
    try:
        plan = MinerPlan(url, user, extended, threads, seconds, worker, tlv=tlv)
    except ValueError as error:
        sys.stderr.write(f"sluice: {error}\n")
        return MinerExit.USAGE
    view = view_for(report, f"{user} at {url.endpoint}", sys.stdout, sys.stderr)
    try:
        return asyncio.run(_until_told(plan, view, until_eof))
    finally:
        view.close()


async def _until_told(plan: MinerPlan, view: View, until_eof: bool) -> MinerExit:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # A Ctrl-C reaches whoever started us, too: then it is theirs to end us.
    loop.add_signal_handler(signal.SIGINT, (lambda: None) if until_eof else stop.set)
    if until_eof:
        _watch_input(stop)
    return await mine(plan, view, stop)


def _watch_input(stop: asyncio.Event) -> None:
    """Set `stop` at the end of standard input."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(STDIN, 4096):
            loop.remove_reader(STDIN)
            stop.set()

    try:
        loop.add_reader(STDIN, read)
    except OSError:  # a file, or nothing: it is at its end already
        stop.set()


async def mine(plan: MinerPlan, view: View, stop: asyncio.Event) -> MinerExit:
    """Mine until `stop` is set or the plan's time is over."""
    rate = measure(time.perf_counter) * min(plan.threads, os.cpu_count() or 1)
    view.tell("start", f"{hashrate_text(rate)} expected of {plan.threads} threads", hash_rate=round(rate))
    if plan.url.authority_key is None:
        view.tell(
            "warning",
            "THE SERVER IS NOT AUTHENTICATED: the URL has no key, so anyone on the way can take your work."
            + ("" if plan.tlv else " Use the whole URL, with the key after the port."),
        )
    try:
        async with Workforce(plan.threads) as workforce:
            return await Miner(plan, view, workforce, rate).run(stop)
    except* WorkerLost as lost:
        view.tell("end", _words(lost))
    return MinerExit.WORKER_LOST


def _words(error: BaseException) -> str:
    """What the first of the errors within says."""
    return _words(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else str(error)
