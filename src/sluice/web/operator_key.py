"""Who may change something: whoever has the key that lies in the data directory.

Rule: the file is read each time, so that a new key counts at once and a deleted one no longer; the comparison takes the
same time whatever was given.
"""

from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from sluice.private_file import PrivateFileError, read_private

#: Characters; a shorter key is a file that was torn or made by hand, and could be guessed.
SHORTEST = 32


class NoOperatorKey(Exception):
    """Nobody may change anything; the text says why, and what to do."""


def is_operator(file: Path, given: str) -> bool:
    """Whether `given` is the key in `file`. Raises NoOperatorKey."""
    try:
        key = read_private(file)
    except PrivateFileError as error:
        raise NoOperatorKey(str(error)) from error
    if len(key) < SHORTEST:
        raise NoOperatorKey(f"the key file {file} holds no key: delete it, and the next start makes one")
    return compare_digest(_digest(key), _digest(given))


def _digest(text: str) -> bytes:
    """Of the same length whatever the text is, so that not even that can be told from the time."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
