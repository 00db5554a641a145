"""How a pool is recorded, of its configuration; and where those look who read the record.

Rule: a record that waiting will not mend ends the start, with the way out; a database that is only away does not.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sluice.bitcoin.network import Network
from sluice.config import Config
from sluice.config.table import OPTIONS, SECTIONS, SEVERAL
from sluice.control.words import RecordPicture
from sluice.exit_codes import ExitCode, UserError
from sluice.ledger.database import Database, open_for_reading
from sluice.ledger.record import Record
from sluice.log import log_line
from sluice.pool.ports import LedgerError, LedgerUnusable, Start
from sluice.server.clock import unix_time
from sluice.server.scribe import Recording, Scribe
from sluice.version import VERSION

#: Of the data directory, where found blocks lie.
BLOCKS = "blocks"


class RecordUnusable(UserError):
    """The record cannot be opened, and waiting will not mend it."""

    exit_code = ExitCode.FAILED


def chain_lasts(config: Config) -> bool:
    """Whether what is mined outlives the process: an embedded chain does not."""
    return any(node.kind != "embedded" for node in config.nodes)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run keeps its record (empty if none is wanted), and the files of found blocks."""

    record: str
    blocks: Path


@contextmanager
def places_of(config: Config) -> Iterator[Places]:
    """They end with the chain, but for a record that was given a place."""
    data = config.data.dir
    if chain_lasts(config):
        yield Places(config.ledger.place(data), data / BLOCKS)
        return
    with tempfile.TemporaryDirectory(prefix="sluice-", ignore_cleanup_errors=True) as directory:
        passing = Path(directory)
        yield Places(config.ledger.place(data if config.ledger.url else passing), passing / BLOCKS)


def scribe_of(config: Config, network: Network, place: str) -> Scribe | None:
    """Who records this run at `place`; None where none is wanted. Raises RecordUnusable."""
    if not place:
        return None
    record = Record(place, config.ledger.retention_days)
    try:
        record.open()
    except LedgerUnusable as error:
        raise RecordUnusable(f"the record cannot be used: {error}") from error
    except LedgerError as error:
        log_line("warning", f"the record cannot be reached: {error}; mining goes on, and it is tried again")
    start = Start(unix_time(), VERSION, network.name, config.pool.shard, settings_of(config))
    options = config.ledger
    return Scribe(Recording(record, start, options.batch_milliseconds / 1000, options.queue_entries))


def settings_of(config: Config) -> dict[str, str]:
    """Every setting by its name, as text, but for secrets."""
    once = {name: getattr(config, name) for name in SECTIONS if name != SEVERAL}
    tables = {**once, **{f"{SEVERAL}.{number}": node for number, node in enumerate(config.nodes)}}
    return {
        f"{name}.{entry.name}": str(getattr(table, entry.name))
        for name, table in tables.items()
        for entry in fields(table)
        if not OPTIONS[f"{name.partition('.')[0]}.{entry.name}"].row.secret
    }


def picture_of(scribe: Scribe, place: str = "") -> RecordPicture:
    """How the record at `place` (as `shown_place` has it) stands, for people."""
    return RecordPicture(
        scribe.queued, scribe.lag, scribe.lost, scribe.failing, scribe.batches, scribe.entries, place
    )


def shown_place(place: str) -> str:
    """Where a record is, as others of this machine find it: a whole path, or a URL without its password."""
    if "://" not in place:
        return str(Path(place).absolute()) if place else ""
    url = urlsplit(place)
    user, _, host = url.netloc.rpartition("@")
    asked = "&".join(part for part in url.query.split("&") if not part.startswith("password="))
    return urlunsplit(url._replace(netloc=f"{user.partition(':')[0]}@{host}" if user else host, query=asked))


def place_beside(config: Config, record: RecordPicture | None, *, running: bool) -> str:
    """Where the record of a running pool is, with the password that this configuration has for it.

    A pool says where, as its configuration may be another one. Empty: there is none.
    """
    ours = config.ledger.place(config.data.dir)
    if not running:
        return ours
    if record is None:
        return ""
    return ours if record.place in ("", shown_place(ours)) else record.place


@contextmanager
def record_to_read(place: str) -> Iterator[Database]:
    """The record at `place`, beside a running pool or without one. Raises RecordUnusable."""
    if not place:
        raise RecordUnusable("there is no record: ledger.url is off")
    try:
        database = open_for_reading(place)
        try:
            yield database
        finally:
            database.close()
    except (LedgerError, LedgerUnusable) as error:
        raise RecordUnusable(f"the record cannot be read: {error}") from error
