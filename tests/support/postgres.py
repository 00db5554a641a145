"""A real PostgreSQL server for the tests: Debian's, on loopback, with all it has in a directory of its own.

As the administrator it runs as the user postgres, since it refuses to be run by the administrator. Nothing of it
outlives the tests, so it never waits for the disk.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from support.bitcoind import free_port

#: Seconds in which it must have started or stopped, on a busy machine.
PATIENCE = 60
MISSING = "no PostgreSQL here: `make postgres` installs Debian's, or put its pg_config on the PATH"
ADMINISTRATOR, PASSWORD = "keeper", "as long as the tests"
#: For tests: nothing waits for the disk.
QUICK = "-c fsync=off -c shared_buffers=16MB"
_TOOLS = ("initdb", "pg_ctl", "postgres")


def programs() -> Path | None:
    """Where the server's programs are, the newest; None if they are not installed."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True
    )
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True).stdout
        places.append(Path(said.strip()))
    return next((place for place in places if all((place / tool).exists() for tool in _TOOLS)), None)


class Postgres:
    """`with Postgres(programs) as server:`; it can be stopped and started in between."""

    def __init__(self, programs: Path, settings: str = QUICK) -> None:
        """`settings`: options of the server's program."""
        self._settings = settings
        self.port = free_port()
        self._programs = programs
        # Not below pytest's own directory, which is closed to everybody else.
        self._home = Path(tempfile.mkdtemp(prefix="sluice-postgres-"))
        self._data = self._home / "data"
        self._log = self._home / "log"
        self._made = 0

    def __enter__(self) -> Self:
        try:
            password = self._home / "password"
            password.write_text(PASSWORD)
            if os.geteuid() == 0:
                owner = pwd.getpwnam("postgres")
                for path in (self._home, password):
                    os.chown(path, owner.pw_uid, owner.pw_gid)
            self._run(
                "initdb",
                f"--pgdata={self._data}",
                f"--username={ADMINISTRATOR}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            )
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if (self._data / "postmaster.pid").exists():
                self.stop()
        finally:
            shutil.rmtree(self._home)

    @property
    def process(self) -> int:
        """The number of its first process, of which all others are children."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start it; it answers afterwards."""
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= "
            f"-c max_connections=30 {self._settings}"
        )
        self._run("pg_ctl", "start", "--wait", f"--log={self._log}", f"--options={options}")

    def stop(self, how: str = "immediate") -> None:
        """Stop it, `fast` in good order or `immediate` as if it were killed."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={how}")

    def url(self, database: str, user: str = ADMINISTRATOR, password: str = PASSWORD) -> str:
        """`ledger.url` of one of its databases."""
        return f"postgresql://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """An empty database; its name."""
        self._made += 1
        name = f"record_{self._made}"
        self.say(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def say(self, words: sql.Composed | sql.SQL, database: str = "postgres") -> None:
        """One statement of the administrator's."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(words)

    def _run(self, tool: str, *arguments: str) -> None:
        command = [str(self._programs / tool), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # Into a file: a server that was started keeps what it is given, and a pipe would never end.
        said = self._home.parent / f"{self._home.name}.said"
        try:
            with said.open("w") as out:
                done = subprocess.run(
                    command,
                    cwd="/",
                    env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGDATA": str(self._data)},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    timeout=PATIENCE,
                )
            log = self._log.read_text()[-1_000:] if self._log.exists() else ""
            assert done.returncode == 0, f"{tool}: {said.read_text()[-1_000:]}\n{log}"
        finally:
            said.unlink(missing_ok=True)
