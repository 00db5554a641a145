"""What the web process is told at its start, over its standard input: it reads no configuration of its own.

Rule: plain values, as they travel as JSON; a secret is never on a command line or in an environment.
"""

from pathlib import Path

import msgspec

from sluice.control.place import NAME


class Settings(msgspec.Struct, frozen=True):
    """What the operator set."""

    #: Where it is served, as the operator wrote it (the port may be 0), and the socket that is handed down.
    listen: str
    descriptor: int
    data_dir: str
    #: Where found blocks lie.
    blocks: str
    #: Where the record is, as ledger/ takes it; may hold a password. Empty: there is none.
    database: str = ""
    public_url: str = ""
    explorer_url: str = ""
    operator_key_file: str = ""
    requests_per_minute: int = 1_200
    open_per_address: int = 32
    trusted_proxies: str = ""
    max_streams: int = 2_000

    @property
    def socket(self) -> Path:
        """Where the pool answers."""
        return Path(self.data_dir) / NAME


def encode(settings: Settings) -> bytes:
    """One line."""
    return msgspec.json.encode(settings) + b"\n"


def decode(line: bytes) -> Settings:
    """What `encode` made. Raises msgspec.DecodeError."""
    return msgspec.json.decode(line, type=Settings)
