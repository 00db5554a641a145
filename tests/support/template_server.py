"""`sluice templates` in a process of its own, as an operator starts it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluice.noise.authority import parse_pool_url
from support.server import PATIENCE, ServerProcess


@contextmanager
def template_server(data: Path, *flags: str, **settings: object) -> Iterator[ServerProcess]:
    """On loopback; `settings` as `node__url=...`. The log goes on if it is started again in the same place."""
    data.mkdir(parents=True, exist_ok=True)
    log_file = data / "log"
    given = {"log__level": "debug"} | settings
    environ = dict(os.environ) | {f"SLUICE_{key.upper()}": str(value) for key, value in given.items()}
    listen = () if "--templates-listen" in flags else ("--templates-listen", "127.0.0.1:0")
    command = [sys.executable, "-m", "sluice.cli", "templates", "--data-dir", str(data), *listen, *flags]
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
