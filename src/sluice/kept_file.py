"""A small file that outlives the process: written anew, whole or not at all, and only its owner can read it.

Rule: what is read has a bound, as anybody may have put it there.
"""

import os
from contextlib import suppress
from pathlib import Path


def read_kept(file: Path, most: int) -> bytes | None:
    """What is in it; None if there is none. Raises OSError, and ValueError for more than `most` bytes."""
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except FileNotFoundError:
        return None
    if len(data) > most:
        raise ValueError(f"it has more than {most} bytes")
    return data


def write_kept(file: Path, data: bytes) -> None:
    """Write it, and its directory if there is none. Raises OSError; then what was there before is there still."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
