"""Sluice in a process of its own, as an operator starts it, on the embedded chain."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluice.noise.authority import PoolUrl, parse_pool_url

#: A regtest address; nobody needs its key.
REGTEST_ADDRESS = "bcrt1qzyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3lgth6c"
#: Seconds in which a server must have started or ended on a busy machine.
PATIENCE = 30.0


@dataclass(slots=True)
class ServerProcess:
    """A running `sluice run`. Mutable: of its log, only what is new is read."""

    process: subprocess.Popen[str]
    url: PoolUrl
    log_file: Path
    data: Path
    _lines: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _read: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> list[dict[str, Any]]:
        """What it has logged so far, one dict a line."""
        with self.log_file.open("rb") as opened:
            opened.seek(self._read)
            new, _, _ = opened.read().rpartition(b"\n")  # the last line may be half written
        if new:
            self._read += len(new) + 1
            self._lines += [json.loads(line) for line in new.split(b"\n") if line.startswith(b"{")]
        return list(self._lines)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines of one event."""
        return [line for line in self.log() if line.get("event") == name]

    def resident(self) -> int:
        """Bytes of memory in use."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def sluice_server(*flags: str, **settings: object) -> Iterator[ServerProcess]:
    """`sluice run` on the embedded chain; `settings` as `server__idle_timeout=2`."""
    with tempfile.TemporaryDirectory(prefix="sluice-test-") as directory:
        data = Path(directory)
        environ = dict(os.environ)
        given = {"node__kind": "embedded", "pool__address": REGTEST_ADDRESS, "log__level": "debug"} | settings
        environ |= {f"SLUICE_{key.upper()}": str(value) for key, value in given.items()}
        command = [
            sys.executable,
            "-m",
            "sluice.cli",
            "run",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            str(data),
        ]
        with serving_process([*command, *flags], environ, data) as server:
            yield server


@contextmanager
def serving_process(
    command: Sequence[str], environ: Mapping[str, str], data: Path
) -> Iterator[ServerProcess]:
    """Once it has said where it is; its log goes on in `data`. Killed if it is still there at the end."""
    log_file = data / "log"
    with log_file.open("a") as log:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line, f"no URL on stdout; the log says:\n{log_file.read_text()}"
        yield ServerProcess(process, parse_pool_url(line), log_file, data)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        if process.stdout is not None:
            process.stdout.close()
