"""`sluice mine`, as a process beside the test."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sluice.noise.authority import PoolUrl
from support.processes import SLUICE
from support.waiting import PATIENCE


@contextmanager
def mining(
    url: PoolUrl | str, user: str = "alice", *flags: str, log: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """One thread; what it says goes into a file, if one is given. Killed at the end."""
    command = [*SLUICE, "mine", str(url), "--user", user, "--threads", "1", *flags]
    with ExitStack() as stack:
        said = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        miner = stack.enter_context(subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=said))
        try:
            yield miner
        finally:
            miner.kill()


@contextmanager
def mining_well(url: PoolUrl | str, user: str, *flags: str, log: Path | None = None) -> Iterator[None]:
    """It mines until it is asked to end, and then ends well."""
    with mining(url, user, *flags, log=log) as miner:
        yield
        assert miner.poll() is None, f"the miner ended by itself with {miner.returncode}"
        miner.terminate()
        assert miner.wait(PATIENCE) == 0
