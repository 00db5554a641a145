"""The keys of a pool, each kept in a file that only its owner can read: the authority key, the operator's key.

Rule: a key is made once and never overwritten; a file that is not right is an error, never replaced by a new
key, since every miner's URL names the old one.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sluice.exit_codes import ExitCode, UserError
from sluice.noise.authority import AuthorityKey, encode_public_key, encode_secret_key, parse_secret_key
from sluice.private_file import PrivateFileError, read_private, write_private

#: Of the operator's key: nobody guesses it.
OPERATOR_KEY_BYTES = 32


class KeyFileError(UserError):
    """The key file cannot be used; the text names the way out and never the key."""

    exit_code = ExitCode.KEYS


@dataclass(frozen=True, slots=True)
class Authority:
    """The key that signs certificates; `made` now or found. `warning` says if it will not outlive the process."""

    key: AuthorityKey
    made: bool
    warning: str = ""

    @property
    def public(self) -> str:
        """As miners' URLs have it."""
        return encode_public_key(self.key.public)


def new_key() -> AuthorityKey:
    """A key pair from the system's entropy."""
    return AuthorityKey.from_secret(secrets.token_bytes(32))


def keep_authority(file: Path) -> Authority:
    """The key in `file`, made if there is none; raises KeyFileError."""
    if os.path.lexists(file):
        return Authority(read_key(file), made=False)
    key = new_key()
    write_key(file, key)
    return Authority(key, made=True)


def authority_for_run(file: Path) -> Authority:
    """As `keep_authority`, but where no file can be made the key lives as long as the process, with a warning."""
    try:
        return keep_authority(file)
    except KeyFileError as error:
        if os.path.lexists(file):
            raise
        return Authority(new_key(), made=True, warning=f"{error}; {LOST_KEY}")


LOST_KEY = "the authority key is lost when this process ends, and miners will need a new URL"


def read_key(file: Path) -> AuthorityKey:
    """The key in `file`; KeyFileError if it is not there, not private or not a key."""
    try:
        return parse_secret_key(read_private(file))
    except PrivateFileError as error:
        raise KeyFileError(str(error)) from error
    except ValueError as error:
        raise KeyFileError(
            f"{file}: {error}. Restore it from a backup; or move it away and a new key is made, "
            "which needs a new URL in every miner"
        ) from error


def write_key(file: Path, key: AuthorityKey) -> None:
    """Put `key` into a new file of mode 0600; KeyFileError if there is one or none can be made."""
    comment = f"The secret authority key of {encode_public_key(key.public)}"
    _write(file, comment, encode_secret_key(key.secret))


def keep_operator_key(file: Path) -> bool:
    """See to it that there is a key for the operator in `file`; whether it was made now. Raises KeyFileError.

    What is there is not looked at: the web side reads it each time it is shown one.
    """
    if os.path.lexists(file):
        return False
    comment = "The operator's key: who has it changes the pool over the web. To change it, delete this file and restart."
    _write(file, comment, secrets.token_hex(OPERATOR_KEY_BYTES))
    return True


def _write(file: Path, comment: str, secret: str) -> None:
    try:
        write_private(file, comment, secret)
    except PrivateFileError as error:
        raise KeyFileError(str(error)) from error
