"""A real blvm-node on regtest for the tests: private directories, free ports, a password, its module socket.

It is looked for in $SLUICE_BLVM_NODE, then where scripts/build-blvm-node puts it.
"""

import os
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx

from support.bitcoind import CACHE, RpcError, free_port

START_SECONDS = 60  # it takes less than one on an idle machine
TOO_MANY, MOST_WAITS = 429, 60
USER, PASSWORD = "sluice", "a password for tests"

# Without a peer it would wait 30 s for one before it has anything to do with modules, and 10 s for handshakes.
ENVIRONMENT = {"BLVM_IBD_PEER_HEIGHT_WAIT_MS": "0", "RUST_LOG": "info,blvm_node::module=debug"}

CONFIG = """\
listen_addr = "127.0.0.1:{p2p_port}"
protocol_version = "Regtest"
transport_preference = "tcponly"

[request_timeouts]
handshake_timeout_secs = 0

[storage]
data_dir = "{directory}/data"
database_backend = "redb"

[rpc_auth]
required = true
username = "{user}"
password = "{password}"

[modules]
enabled = true
modules_dir = "{directory}/modules"
data_dir = "{directory}/module-data"
socket_dir = "{directory}/sockets"
registry_url = ""
enabled_modules = []

[module_resource_limits]
module_startup_wait_millis = {startup_wait}
"""


def program() -> str | None:
    """The node to start, None if there is none."""
    given = os.environ.get("SLUICE_BLVM_NODE")
    built = CACHE / "blvm" / "bin" / "blvm-node"
    return given or (str(built) if built.exists() else None)


class BlvmNode:
    """One node. `with BlvmNode(program, directory) as node:` starts it, waits for it, and ends it by its pid.

    What is in `modules_dir` when it starts is loaded and spawned by it; `startup_wait` is for how many
    milliseconds it leaves a module alone after that. It may be stopped and started again in between.

    We keep one connection to it: a node takes ten new ones a minute from an address, and closes the others.
    """

    def __init__(self, program: str, directory: Path, startup_wait: int = 100) -> None:
        self.directory = directory
        self.modules_dir = directory / "modules"
        self.socket = directory / "sockets" / "node.sock"
        self.log_file = directory / "node.log"
        address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}"
        self.user, self.password = USER, PASSWORD
        self._config = CONFIG.format(
            directory=directory,
            p2p_port=free_port(),
            user=USER,
            password=PASSWORD,
            startup_wait=startup_wait,
        )
        self._command = (program, str(directory / "blvm.toml"), address)
        self._process: subprocess.Popen[bytes] | None = None
        lasting = httpx.Limits(max_connections=1, keepalive_expiry=None)
        self._client = httpx.Client(auth=(USER, PASSWORD), limits=lasting, trust_env=False)
        self.modules_dir.mkdir(parents=True)
        (directory / "data").mkdir()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

    def start(self) -> None:
        """Start it and wait until it answers and has its socket, which one that has ended leaves behind."""
        self.socket.unlink(missing_ok=True)
        file = self.directory / "blvm.toml"
        file.write_text(self._config)
        file.chmod(0o600)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.directory,
                env=os.environ | ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"blvm-node ended with {self._process.returncode}: {self.said()[-2000:]}")
            if self.socket.exists() and self.answers():
                return
            time.sleep(0.05)
        raise RuntimeError(f"blvm-node does not answer after {START_SECONDS} s: {self.said()[-2000:]}")

    def stop(self) -> None:
        """Ask it to end, insist after 20 s."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def answers(self) -> bool:
        try:
            self.rpc("getblockcount")
        except (OSError, httpx.TransportError):
            return False
        return True

    def said(self) -> str:
        """Its log."""
        return self.log_file.read_text(errors="replace")

    def rpc(self, method: str, *params: Any, seconds: float = 60) -> Any:
        """One JSON-RPC call; RpcError if the node refuses it."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        deadline = time.monotonic() + MOST_WAITS
        while True:
            answer = self._client.post(self.url, json=request, timeout=seconds).json()
            error = answer.get("error")
            if not error:
                return answer["result"]
            if error["code"] != TOO_MANY or time.monotonic() > deadline:
                raise RpcError(error["code"], error["message"])
            time.sleep(1)  # it counts the calls of a user, and ours come faster than any operator's
