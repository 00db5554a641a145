"""The authority key, kept in a file that only its owner can read.

Rule: a key is made once and never overwritten; a file that is not right is an error, never replaced by a new
key, since every miner's URL names the old one.
"""

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from sluice.exit_codes import ExitCode, UserError
from sluice.noise.authority import AuthorityKey, encode_public_key, encode_secret_key, parse_secret_key

MAX_KEY_FILE_BYTES = 4_096
"""A key and a comment are 200; more is another file."""


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
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise KeyFileError(
                    f"the key file {file} is open to others (mode {mode:04o}): `chmod 600 {file}`"
                )
            text = opened.read(MAX_KEY_FILE_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise KeyFileError(f"the key file {file} cannot be read: {error.strerror}") from error
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    try:
        return parse_secret_key("".join(lines))
    except ValueError as error:
        raise KeyFileError(
            f"{file}: {error}. Restore it from a backup; or move it away and a new key is made, "
            "which needs a new URL in every miner"
        ) from error


def write_key(file: Path, key: AuthorityKey) -> None:
    """Put `key` into a new file of mode 0600; KeyFileError if there is one or none can be made."""
    text = f"# The secret authority key of {encode_public_key(key.public)}\n{encode_secret_key(key.secret)}\n"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise KeyFileError(f"the key file {file} cannot be made: {error.strerror}") from error
