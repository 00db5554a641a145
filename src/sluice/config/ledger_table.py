"""The options of the record: a section by itself, as `table.py` is long enough.

Rule: as in `table.py`. What comes of `url` and `password` is a place, as `ledger/` takes it: a path or a URL.
"""

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from msgspec import Meta

from sluice.config.option import row, section
from sluice.config.values import Form

#: What the record is called in the data directory.
RECORD_FILE = "record.sqlite"
OFF = "off"
SQLITE = "sqlite"
#: What libpq takes behind the question mark, and nobody is to read in settings.
_SECRETS = {"password", "sslpassword"}


def check_url(text: str) -> None:
    """A database of PostgreSQL without a password, a file of SQLite, nothing, or the word that there is none."""
    if text in ("", OFF):
        return
    wanted = f'must be like postgresql://user@host:5432/name or {SQLITE}:///path/to/file, or "{OFF}"'
    try:
        url = urlsplit(text)
        somewhere = bool(url.hostname) or "host=" in url.query  # a directory of sockets
        served = url.scheme == "postgresql" and somewhere and url.port != 0
        valid = url.path.strip("/") and (served or (url.scheme == SQLITE and not url.netloc))
    except ValueError as error:
        raise ValueError(wanted) from error
    if not valid:
        raise ValueError(wanted)
    if url.password is not None or _SECRETS & parse_qs(url.query, keep_blank_values=True).keys():
        raise ValueError("must not hold a password, which has an option of its own, ledger.password")


@section
class Ledger:
    """The record of all that happens, from which everything that is paid can be recomputed."""

    url: Annotated[str, Form(f'a URL, or "{OFF}"', check_url)] = row(
        f"Where it is kept: left out, in {RECORD_FILE} in the data directory (embedded chain: in a temporary one); or a "
        f'database of PostgreSQL, or another file of SQLite. "{OFF}" keeps none: no totals, no charts, nothing to pay by.',
        default="",
        example="postgresql://sluice@localhost:5432/sluice",
        flag="--ledger-url",
    )
    password: str = row(
        "The database's password, if it wants one. It has no flag, as everyone can read a command line.",
        default="",
        secret=True,
    )
    batch_milliseconds: Annotated[int, Meta(ge=10, le=10_000, extra={"unit": "milliseconds"})] = row(
        "An entry is in the record after this long, with all that came meanwhile: what a crash of this process can lose.",
        default=100,
    )
    queue_entries: Annotated[int, Meta(ge=1_000, le=10_000_000, extra={"unit": "entries"})] = row(
        "Entries that wait when the disk is full or the database away, some 300 bytes of memory each; what comes then "
        "is lost to the record, and counted there. Mining goes on.",
        default=200_000,
    )
    retention_days: Annotated[int, Meta(ge=0, le=36_500, extra={"unit": "days"})] = row(
        "Shares older than this are kept as sums by worker and day; 0 keeps each of them for ever. Found blocks and "
        "settings are kept in any case.",
        default=90,
    )

    def place(self, directory: Path) -> str:
        """A path or a URL with its password; `directory` is that of a record without a URL. Empty: there is none."""
        if self.url == OFF:
            return ""
        if not self.url:
            return str(directory / RECORD_FILE)
        url = urlsplit(self.url)
        if url.scheme == SQLITE:
            return url.path
        if not self.password:
            return self.url
        user, _, host = url.netloc.rpartition("@")
        return urlunsplit(url._replace(netloc=f"{user}:{quote(self.password, safe='')}@{host}"))
