"""A listening socket in a directory, for the user that we run as and nobody else.

Rule: what an ended process left behind makes room, what lives does not, and a file that is no socket stays.
"""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sluice.control.place import address_of, connected

#: Seconds for who is there already to take a connection.
KNOCK_SECONDS = 1.0


@contextmanager
def private_socket(path: Path) -> Iterator[socket.socket]:
    """Bound, mode 0600, not listening yet; the file goes at the end. Raises OSError, with the way out if it is ours."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_room(path)
    bound = socket.socket(socket.AF_UNIX)
    with bound:
        bound.setblocking(False)
        with suppress(
            OSError
        ):  # Linux makes the file with the mode that the socket has, others take the next one
            os.fchmod(bound.fileno(), 0o600)
        with address_of(path) as address:
            bound.bind(address)
        ours = path.stat()
        try:
            path.chmod(0o600)
            yield bound
        finally:
            with suppress(OSError):
                if os.path.samestat(path.stat(), ours):
                    path.unlink()


def _make_room(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError("a file of that name is there, which is no socket: move it away")
    try:
        connected(path, KNOCK_SECONDS).close()
    except ConnectionRefusedError:  # nobody lives there
        path.unlink()
    else:
        raise OSError("another Sluice runs with this data directory: give this one its own data.dir")
