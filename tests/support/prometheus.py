"""A real Prometheus for the tests, on loopback, with its data in a directory of the test's.

It is looked for where scripts/fetch-prometheus puts it, then on the PATH.
"""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx

from support.bitcoind import CACHE, free_port

#: Seconds in which it must have started, or have what is waited for, on a busy machine.
PATIENCE = 60.0
MISSING = (
    "no prometheus here: `make prometheus` fetches one (Debian), or put prometheus and promtool on the PATH"
)


def program(name: str) -> str | None:
    """`prometheus` or `promtool`; None if there is none."""
    fetched = CACHE / "prometheus" / "bin" / name
    return str(fetched) if fetched.exists() else shutil.which(name)


class Prometheus:
    """`with Prometheus(directory, target, rules) as prometheus:` scrapes `target` every second."""

    def __init__(self, directory: Path, target: str, rules: Path) -> None:
        self.port = free_port()
        self._directory = directory
        self._config = directory / "prometheus.yml"
        self._config.write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{rules}']\n"
            f"scrape_configs: [{{job_name: sluice, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )

    def __enter__(self) -> Self:
        found = program("prometheus")
        assert found is not None
        with (self._directory / "prometheus.log").open("w") as log:
            self._process = subprocess.Popen(
                [
                    found,
                    f"--config.file={self._config}",
                    f"--storage.tsdb.path={self._directory / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.wait_for(self._is_ready)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)

    def ask(self, what: str, **parameters: Any) -> Any:
        """`data` of an answer of its API; raises for an error."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}/api/v1/{what}", params=parameters)
        said = answer.json()
        assert said["status"] == "success", said
        return said["data"]

    def query(self, query: str) -> list[tuple[dict[str, str], float]]:
        """What a query gives now: labels and value of each line."""
        found = self.ask("query", query=query)["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]

    def wait_for(self, happened: Any) -> Any:
        """What `happened` returns, once that is something."""
        deadline = time.monotonic() + PATIENCE
        while not (found := happened()):
            assert time.monotonic() < deadline, (self._directory / "prometheus.log").read_text()[-2_000:]
            assert self._process.poll() is None
            time.sleep(0.1)
        return found

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/-/ready").status_code == 200
        except httpx.TransportError:
            return False
