"""`sluice mine`, as a process beside the test."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from sluice.noise.authority import PoolUrl
from support.processes import SLUICE


@contextmanager
def mining(url: PoolUrl, user: str = "alice") -> Iterator[None]:
    """One thread; killed at the end."""
    command = [*SLUICE, "mine", str(url), "--user", user, "--threads", "1"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as miner:
        try:
            yield
        finally:
            miner.kill()
