"""`sluice templates` in a process of its own, as an operator starts it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.server import ServerProcess, serving_process


@contextmanager
def template_server(data: Path, *flags: str, **settings: object) -> Iterator[ServerProcess]:
    """On loopback; `settings` as `node__url=...`. The log goes on if it is started again in the same place."""
    data.mkdir(parents=True, exist_ok=True)
    given = {"log__level": "debug"} | settings
    environ = dict(os.environ) | {f"SLUICE_{key.upper()}": str(value) for key, value in given.items()}
    listen = () if "--templates-listen" in flags else ("--templates-listen", "127.0.0.1:0")
    command = [sys.executable, "-m", "sluice.cli", "templates", "--data-dir", str(data), *listen, *flags]
    with serving_process(command, environ, data) as server:
        yield server
