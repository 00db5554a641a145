"""The web process, as its warden starts it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import msgspec

from sluice.web.process import NICENESS
from sluice.web.settings import encode
from support.server import PATIENCE
from support.web import settings_in

COMMAND = [sys.executable, "-m", "sluice.web.process"]


def test_it_serves_on_the_socket_it_is_handed_and_ends_with_its_standard_input(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = msgspec.structs.replace(settings_in(tmp_path), descriptor=listening.fileno())
        with subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[listening.fileno()]
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            process.stdin.write(encode(settings))
            process.stdin.flush()
            port = listening.getsockname()[1]
            # A client that holds its connection does not hold up the end.
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
                answer = client.get("/")
                assert answer.status_code == 200
                assert "server" not in answer.headers
                nice = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[16]
                assert int(nice) >= NICENESS
                process.stdin.close()
                began = time.monotonic()
                assert process.wait(PATIENCE) == 0
                assert time.monotonic() - began < PATIENCE / 2
            assert process.stderr.read() == b""


def test_a_disk_that_hangs_does_not_keep_it_and_the_port(tmp_path: Path) -> None:
    block = "ab" * 32
    blocks = tmp_path / "blocks"
    blocks.mkdir()
    (blocks / f"5-{block}.hex").write_text("00")
    os.mkfifo(blocks / f"5-{block}.jsonl")  # reading it waits for a writer
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = msgspec.structs.replace(settings_in(tmp_path), descriptor=listening.fileno())
        with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, pass_fds=[listening.fileno()]) as process:
            assert process.stdin is not None
            process.stdin.write(encode(settings))
            process.stdin.flush()
            port = listening.getsockname()[1]
            answer = httpx.get(f"http://127.0.0.1:{port}/block?hash={block}", timeout=PATIENCE)
            assert answer.status_code == 404
            process.stdin.close()
            try:
                assert process.wait(PATIENCE) == 1
            finally:
                process.kill()


def test_without_settings_it_ends(tmp_path: Path) -> None:
    ended = subprocess.run(COMMAND, input=b"", capture_output=True, timeout=PATIENCE)
    assert ended.returncode != 0
