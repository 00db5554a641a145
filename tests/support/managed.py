"""The module as a blvm-node starts it: its environment, its limits, pipes that nobody reads."""

import json
import os
import resource
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.managed.layout import Layout, lay_out
from sluice.managed.output import FILE
from sluice.noise.authority import PoolUrl, parse_pool_url
from support.privileges import unprivileged
from support.server import REGTEST_ADDRESS

#: blvm-node, module/sandbox/process.rs. Of processes and threads it allows ten for its whole user, which are its own.
LIMITS = {
    resource.RLIMIT_AS: 512 << 20,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: 1,
}


@dataclass
class Spawned:
    """A module that was started; nobody reads what it writes to its pipes."""

    process: "subprocess.Popen[bytes]"
    data_dir: Path
    #: What was in the log before it was started.
    before: int

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged since its start."""
        return [json.loads(line) for line in _log(self.data_dir)[self.before :] if line.startswith("{")]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]

    @property
    def url(self) -> PoolUrl | None:
        """Where miners connect; None as long as they cannot."""
        ready = self.events("miners connect to")
        return parse_pool_url(ready[-1]["url"]) if ready else None

    @property
    def threads(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("Threads:")[2].split()[0])


def environment(directory: Path, socket: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """What a node tells the module that it starts, of `[modules.blvm-stratum-v2]` too."""
    own = {"VERSION": "*", "DATABASE_BACKEND": "redb", "NODE_P2P_LISTEN_IP": "0.0.0.0"}
    return {
        "PATH": os.environ["PATH"],
        "MODULE_NAME": "blvm-stratum-v2",
        "MODULE_ID": "blvm-stratum-v2_1",
        "SOCKET_PATH": str(socket),
        "DATA_DIR": str(directory / "data" / "blvm-stratum-v2"),
    } | {f"MODULE_CONFIG_{key.upper()}": value for key, value in (own | dict(settings)).items()}


@contextmanager
def spawned(directory: Path, socket: Path, **settings: str) -> Iterator[Spawned]:
    """The module, laid out and started as a node would; killed at the end, as a node does."""
    layout = Layout(directory / "modules")
    lay_out(layout)
    said = {"payout_address": REGTEST_ADDRESS, "listen_addr": "127.0.0.1:0"} | settings
    environ = environment(directory, socket, said)
    data_dir = Path(environ["DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    before = len(_log(data_dir))
    with subprocess.Popen(
        unprivileged([str(layout.entry.resolve())]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        preexec_fn=_limit,  # noqa: PLW1509 - it makes system calls alone
    ) as process:
        try:
            yield Spawned(process, data_dir, before)
        finally:
            if process.poll() is None:
                process.kill()


def _log(data_dir: Path) -> list[str]:
    log = data_dir / FILE
    return log.read_text().splitlines() if log.exists() else []


def _limit() -> None:
    for limit, value in LIMITS.items():
        resource.setrlimit(limit, (value, value))
