"""The database under the record: opened, brought to the newest schema, and told apart where SQL does not suffice.

Rule: what SQLite and PostgreSQL do differently stands here and nowhere else. Everything here waits for the disk; what
it fails with is a LedgerError, or a LedgerUnusable where waiting will not mend it, whose text names the way out.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from sluice.ledger import schema
from sluice.ledger.many import Many
from sluice.ledger.schema import SHARES
from sluice.pool.ports import LedgerError, LedgerUnusable, Unrecordable

#: What the record is called in the data directory.
FILE = "record.sqlite"
#: Seconds that a reader and the writer wait for each other on SQLite.
BUSY_SECONDS = 5
#: Seconds for a PostgreSQL server to take a connection.
CONNECT_SECONDS = 5
#: Rows that are fetched at a time, where there may be millions.
AT_A_TIME = 10_000
_SHARES_COPY = f"COPY shares ({', '.join(SHARES.columns.keys())}) FROM STDIN"
_SHARES_INSERT = Many(SHARES)

#: As the columns of `shares`.
ShareRow = tuple[int, int, int, str, int, bytes, int, int, int]

#: What a database says when waiting does not help, as a pattern, and the way out.
_HOPELESS: Sequence[tuple[str, str]] = (
    (
        "file is not a database",
        "it is not a record of Sluice: move it away, or set ledger.url to another file",
    ),
    ("unable to open database file", "make its directory writable for the user that Sluice runs as"),
    ("readonly database", "make it writable for the user that Sluice runs as"),
    ("password authentication failed", "set user and password in ledger.url"),
    ("no password supplied", "set a password in ledger.url"),
    ("permission denied", "let its user create tables there (GRANT CREATE ON SCHEMA public)"),
    ('(database|role) ".*" does not exist', "create the database and its user first (docs/record.md)"),
)
TOO_NEW = "it was written by a newer Sluice: use that, or set ledger.url to another record"


@dataclass(frozen=True, slots=True)
class Words:
    """What one kind of database has its own words for; `driver` is a connection of its driver."""

    insert: Callable[[sa.Table], Any]
    #: What stands for a value in SQL that goes to the driver as it is.
    mark: str
    #: To have transactions begun by hand, and the words that begin one.
    by_hand: Callable[[Any], None]
    begin: str
    load_shares: Callable[[Any, Sequence[ShareRow]], None]
    #: Before (True) and after a transaction that must outlive the machine's end.
    for_sure: Callable[[Any, bool], None]
    #: After rows were deleted.
    give_back: Callable[[Connection], None]
    #: Bytes as text that has their order, since PostgreSQL has no least of bytes.
    in_order: Callable[[Any], Any]


def driver_of(connection: Connection) -> Any:
    """The driver's own, in the same transaction."""
    return connection.connection.driver_connection


def _postgres_shares(driver: Any, rows: Sequence[ShareRow]) -> None:
    with driver.cursor() as cursor, cursor.copy(_SHARES_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def _sqlite_for_sure(driver: Any, sure: bool) -> None:
    driver.execute(f"PRAGMA synchronous={'FULL' if sure else 'NORMAL'}").close()


def _sqlite_give_back(connection: Connection) -> None:
    driver_of(connection).execute("PRAGMA incremental_vacuum(2000)").close()


WORDS = {
    "sqlite": Words(
        insert=sqlite.insert,
        mark="?",
        by_hand=lambda driver: None,  # they always are
        begin="BEGIN IMMEDIATE",
        load_shares=lambda driver, rows: _SHARES_INSERT.write(driver, "?", rows),
        for_sure=_sqlite_for_sure,
        give_back=_sqlite_give_back,
        in_order=sa.func.hex,
    ),
    "postgresql": Words(
        insert=postgresql.insert,
        mark="%s",
        by_hand=lambda driver: setattr(driver, "autocommit", True),
        begin="BEGIN",
        load_shares=_postgres_shares,
        for_sure=lambda driver, sure: None,  # every commit of PostgreSQL is waited for
        give_back=lambda connection: None,  # its own autovacuum does that
        in_order=lambda column: sa.func.encode(column, "hex").collate("C"),
    ),
}


@dataclass(frozen=True, slots=True)
class Database:
    """An open database."""

    engine: Engine
    words: Words

    @contextmanager
    def writing(self, for_sure: bool = False) -> Iterator[Connection]:
        """A transaction, committed at the end; `for_sure`: to outlive the machine. Raises LedgerError."""
        with failing(), self.engine.connect().execution_options(begin="IMMEDIATE") as connection:
            if for_sure:
                self.words.for_sure(driver_of(connection), True)
            try:
                with connection.begin():
                    yield connection
            finally:
                if for_sure:
                    self.words.for_sure(driver_of(connection), False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One picture of everything, however long it is looked at. Raises LedgerError."""
        with failing(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # SQLite never reads otherwise
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()


def open_database(where: str) -> Database:
    """The database at a SQLite file's path or a PostgreSQL URL, made if it is not there, with the newest schema.

    Raises LedgerError, LedgerUnusable.
    """
    return _opened(where, upgrade)


def open_for_reading(where: str) -> Database:
    """The database as it is: nothing is made, nothing can be written. Raises LedgerError, LedgerUnusable."""
    if "://" not in where and not Path(where).exists():
        raise LedgerError(
            f"there is no record yet at {where}: a pool makes one, and on the embedded chain keeps it elsewhere, "
            "as long as it runs"
        )
    return _opened(where, _check_version)


def _opened(where: str, prepare: Callable[[Engine], None]) -> Database:
    with failing():
        engine = _postgres(where) if "://" in where else _sqlite(Path(where), prepare is upgrade)
        try:
            prepare(engine)
        except BaseException:  # interrupted, too: nobody else holds this engine yet
            engine.dispose()
            raise
        return Database(engine, WORDS[engine.dialect.name])


def _script() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def upgrade(engine: Engine, version: str = "head") -> None:
    """Bring the schema up to `version`."""
    config, script = _script()

    def steps(revision: Any, _: Any) -> Any:
        return script._upgrade_revs(version, revision)

    with (
        engine.connect().execution_options(begin="IMMEDIATE") as connection,
        connection.begin(),
        EnvironmentContext(config, script, fn=steps) as environment,
    ):
        driver = driver_of(connection)
        impatient = hasattr(driver, "silent_seconds")
        if impatient:  # rows of years may be rewritten
            driver.silent_seconds = inf
        environment.configure(connection=connection, target_metadata=schema.METADATA)
        environment.run_migrations()
    if impatient:
        engine.dispose()  # that connection would wait for ever


def _check_version(engine: Engine) -> None:
    _, script = _script()
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            raise LedgerError("there is no record in it yet")
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found == script.get_current_head():
        return
    if found in {revision.revision for revision in script.walk_revisions()}:
        raise LedgerError("it is of an older Sluice: `sluice run` brings it up to date")
    raise LedgerUnusable(TOO_NEW)


@contextmanager
def failing() -> Iterator[None]:
    """What a database fails with is one exception of ours, and one sentence."""
    try:
        yield
    except CommandError as error:
        raise LedgerUnusable(TOO_NEW) from error
    except sa.exc.ArgumentError as error:
        raise LedgerUnusable(f"ledger.url cannot be understood: {error}") from error
    except Exception as error:  # drivers share no class for what fails; what is not theirs goes on
        cause = getattr(error, "orig", None) or error
        if not _is_a_databases(error):
            raise
        said = " ".join(str(cause).split()) or type(cause).__name__
        for part, way_out in _HOPELESS:
            if re.search(part, said, re.IGNORECASE):
                raise LedgerUnusable(f"{said}: {way_out}") from error
        if any(kind.__name__ == _BLAMES_THE_DATA for kind in type(cause).__mro__):
            raise Unrecordable(said) from error
        raise LedgerError(said) from error


#: What a driver calls it if a value can never be stored. Not IntegrityError: a batch whose commit was never answered
#: may come to be there while it is tried again, and the next look at `progress` shows that.
_BLAMES_THE_DATA = "DataError"


def _is_a_databases(error: BaseException) -> bool:
    return isinstance(error, sa.exc.SQLAlchemyError | OSError) or type(error).__module__.startswith(
        ("sqlite3", "psycopg")  # the driver's own, past SQLAlchemy
    )


def _sqlite(file: Path, makes: bool) -> Engine:
    if makes:
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # the database says it in better words
            file.touch(mode=0o600)  # who mines, and from where, is nobody's business
    engine = sa.create_engine(
        f"sqlite:///{file}", connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS}
    )
    pragmas = (
        ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=NORMAL") if makes else ("query_only=ON",)
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # a transaction begins where we say so
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

    return engine


def _postgres(url: str) -> Engine:
    try:
        from sluice.ledger.impatient import SETTINGS, Impatient
    except ImportError as error:
        way_out = "PostgreSQL needs one more package: pip install 'sluice-pool[postgres]'"
        raise LedgerUnusable(way_out) from error
    kind, _, rest = url.partition("://")
    if kind not in {"postgresql", "postgres"}:
        raise LedgerUnusable(f"ledger.url begins with {kind}://, and postgresql:// is what can be used")
    engine = sa.create_engine(
        f"postgresql+psycopg://{rest}",
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "sluice", **SETTINGS},
    )

    @sa.event.listens_for(engine, "do_connect")
    def connect(_: object, __: object, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        return Impatient.connect(*arguments, **named)

    return engine
