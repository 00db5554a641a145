"""Processes as the system sees them, for tests that end some and look what is left."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SLUICE = (sys.executable, "-m", "sluice.cli")


def of_session(session: int) -> dict[int, str]:
    """Command lines of the live processes that belong to a session, by pid."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, its_session, *_ = status.read_text().rpartition(")")[2].split()
            if int(its_session) == session and state != "Z":
                found[int(status.parent.name)] = (status.parent / "cmdline").read_text().replace("\0", " ")
    return found


def wait_until_none(session: int, seconds: float = 20.0) -> dict[int, str]:
    """Who is left of a session after that long; returns as soon as nobody is."""
    deadline = time.monotonic() + seconds
    while (left := of_session(session)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


@contextmanager
def session_of(*command: str, errors: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program with a session of its own; whoever is left of it at the end is killed."""
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for pid in of_session(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
