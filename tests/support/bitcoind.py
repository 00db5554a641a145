"""A real bitcoind on regtest for the tests: private data directory, free ports, cookie, ZMQ.

It is looked for in $SLUICE_BITCOIND, then where scripts/fetch-bitcoind puts it, then on the PATH.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx

CACHE = Path(os.environ.get("SLUICE_CACHE", Path.home() / ".cache" / "sluice"))
START_SECONDS = 30  # it takes 0.1 on an idle machine
# Below Linux's ephemeral range, so that no outgoing connection takes one; each is handed out once.
PORTS = iter(random.sample(range(20_000, 32_000), 12_000))


class RpcError(Exception):
    """The node's own error: `code` and `message` as it gave them."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


def program() -> str | None:
    """The bitcoind to start, None if there is none."""
    given = os.environ.get("SLUICE_BITCOIND")
    fetched = CACHE / "bitcoind" / "bin" / "bitcoind"
    return given or (str(fetched) if fetched.exists() else shutil.which("bitcoind"))


def free_port() -> int:
    """A TCP port on loopback that nobody has at this moment."""
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port below the ephemeral range")


class Bitcoind:
    """One node. `with Bitcoind(program, datadir) as node:` starts it, waits for it, and ends it by its pid.

    `url`, `cookie` and `zmq` are what a client needs. It may be stopped and started again in between; ports
    and chain stay. `options` are more of bitcoind's own (`-prune=550`).
    """

    def __init__(self, program: str, datadir: Path, *options: str) -> None:
        self.datadir = datadir
        self.cookie = datadir / "regtest" / ".cookie"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.zmq = f"tcp://127.0.0.1:{free_port()}"
        self._command = (
            program,
            "-regtest",
            f"-datadir={datadir}",
            f"-rpcport={port}",
            f"-zmqpubhashblock={self.zmq}",
            *("-server", "-listen=0", "-fallbackfee=0.0001", "-printtoconsole=0", *options),
        )
        self._process: subprocess.Popen[bytes] | None = None
        # Made once, as that reads all certificates; no connection is kept, as the node may be killed meanwhile.
        none_kept = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(timeout=60, trust_env=False, verify=False, limits=none_kept)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.datadir.mkdir(parents=True, exist_ok=True)
        self.cookie.unlink(missing_ok=True)  # one left by a killed process would be refused
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"bitcoind ended with {self._process.returncode}: {self._command}")
            try:
                self.rpc("getblockchaininfo")
            except (OSError, httpx.TransportError, RpcError):
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"bitcoind does not answer after {START_SECONDS} s: {self._command}")

    def stop(self) -> None:
        """Ask it to end, insist after 20 s."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)  # if it was frozen
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Let it hang: its connections stay, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call; RpcError if the node refuses it."""
        user, _, password = self.cookie.read_text().partition(":")
        request = {"jsonrpc": "1.0", "id": 0, "method": method, "params": params}
        answer = self._client.post(self.url, json=request, auth=(user, password)).json()
        if error := answer["error"]:
            raise RpcError(error["code"], error["message"])
        return answer["result"]
