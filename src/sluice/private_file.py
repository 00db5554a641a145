"""A small file with a secret in it, that only its owner can read: mode 0600, lines with # are comments.

Rule: made once and never overwritten; one that others can read is not read, and the text of the error says what to do.
"""

import os
import stat
from pathlib import Path

#: A secret and a comment are 200; more is another file.
MOST_BYTES = 4_096


class PrivateFileError(Exception):
    """The file cannot be used; the text names it and the way out, and never what is in it."""


def read_private(file: Path) -> str:
    """What is in `file`, without comments and line ends. Raises PrivateFileError."""
    try:
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise PrivateFileError(
                    f"the key file {file} is open to others (mode {mode:04o}): `chmod 600 {file}`"
                )
            text = opened.read(MOST_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise PrivateFileError(f"the key file {file} cannot be read: {error.strerror}") from error
    return "".join(line for line in text.splitlines() if line and not line.startswith("#"))


def write_private(file: Path, comment: str, secret: str) -> None:
    """Put a secret into a new file. Raises PrivateFileError if there is one or none can be made."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(f"# {comment}\n{secret}\n")
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise PrivateFileError(f"the key file {file} cannot be made: {error.strerror}") from error
