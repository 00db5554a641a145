"""Where a running Sluice is reached by who may: a socket in its data directory, also where the path is long.

Rule: a socket's address holds 107 bytes, a path may be longer; where the system can name a directory by an open file
of ours (Linux), the socket is named by that, elsewhere the path has to be short enough.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "sluice.sock"
#: Bytes that a socket's address holds on Linux, without the zero at its end; elsewhere it may be three less.
MOST_BYTES = 107
#: What a process's own open files are called, where they have names.
OPEN_FILES = Path("/proc/self/fd")


class TooLong(OSError):
    """A path that no socket can have here; the text says what would do."""


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """What the socket at `path` is called to the system, as long as that holds. Raises OSError."""
    if len(os.fsencode(path)) <= MOST_BYTES:
        yield os.fspath(path)
        return
    if not OPEN_FILES.is_dir():
        raise TooLong(f"a socket's path has {MOST_BYTES} bytes at most: choose a shorter data.dir")
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield os.fspath(OPEN_FILES / str(directory) / path.name)
    finally:
        os.close(directory)


def connected(path: Path, seconds: float) -> socket.socket:
    """A connection to whoever serves at `path`, with that for its deadline. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        with address_of(path) as address:
            connection.connect(address)
    except BaseException:  # interrupted, too: nobody else holds this connection yet
        connection.close()
        raise
    return connection
