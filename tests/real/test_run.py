"""`sluice run` on the embedded chain, as an operator starts it and as miners meet it."""

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sluice.exit_codes import ExitCode
from sluice.keys import read_key
from sluice.noise.authority import PoolUrl
from sluice.sv2.messages.common import Reconnect
from support.bitcoind import free_port
from support.peer import Peer, open_standard, peer
from support.processes import SLUICE
from support.server import PATIENCE, REGTEST_ADDRESS, ServerProcess, sluice_server
from support.waiting import wait_for

#: Shares every tenth of a second.
BRISK = {"pool__shares_per_minute": 600, "node__block_seconds": 1}


@contextmanager
def mine(url: PoolUrl, *flags: str) -> Iterator["subprocess.Popen[str]"]:
    """`sluice mine`, as anybody starts it; killed if it is still there at the end."""
    command = [*SLUICE, "mine", str(url), "--user", "alice.rig", "--threads", "1", *flags]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as miner:
        try:
            yield miner
        finally:
            if miner.poll() is None:
                miner.kill()


def refused(*flags: str) -> tuple[int, list[str]]:
    """The exit code of a `sluice run` that does not start, and what it says."""
    answer = subprocess.run(
        [*SLUICE, "run", "--node", "embedded", "--log-format", "human", *flags],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stdout == ""
    said = [line for line in answer.stderr.splitlines() if line.startswith("sluice: ")]
    assert "Traceback" not in answer.stderr
    return answer.returncode, said


def test_the_first_line_is_the_url_with_the_key_of_the_data_directory() -> None:
    with sluice_server() as server:
        assert server.url.authority_key == read_key(server.data / "authority.key").public
        with peer(server.url) as connected:
            connected.setup()
        assert server.stop() == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""  # and nothing but the first line


@pytest.mark.parametrize("kind", ["standard", "extended"])
def test_a_miner_of_ours_gets_its_shares_accepted(kind: str) -> None:
    with sluice_server(**BRISK) as server, mine(server.url, f"--{kind}", "--seconds", "5") as miner:
        assert miner.stderr is not None
        said = miner.stderr.read()
        assert miner.wait(PATIENCE) == 0
        wait_for(lambda: server.events("peer left"))
        [opened] = server.events("channel opened")
        [left] = server.events("peer left")
    assert (opened["kind"], opened["user"]) == (kind, "alice.rig")
    assert left["reason"] == "closed by the peer"
    assert left["accepted"] > 5
    assert left["refused"] == 0
    status = re.findall(r"(\d+) accepted, 0 refused", said)
    assert int(status[-1]) > 5


def test_a_miner_that_does_not_believe_the_key_leaves() -> None:
    with sluice_server() as server, sluice_server() as stranger:
        url = PoolUrl(server.url.host, server.url.port, stranger.url.authority_key)
        with mine(url) as miner:
            assert miner.stderr is not None
            assert "wrong authority" in miner.stderr.read()
            assert miner.wait(PATIENCE) == 6
        assert server.events("miner arrived") == []


@pytest.mark.alone
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.OK), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_a_signal_drains_and_ends_it_in_time(number: signal.Signals, code: ExitCode) -> None:
    """One miner leaves when it is asked to, one stays, one never said what it is; none of them holds it up."""
    with sluice_server() as server, peer(server.url) as polite, peer(server.url) as stubborn:
        silent = socket.create_connection((server.url.host, server.url.port))
        for miner in (polite, stubborn):
            miner.setup()
            open_standard(miner)
        server.process.send_signal(number)
        assert polite.wait(Reconnect) == Reconnect("", 0)
        polite.close()
        assert stubborn.wait(Reconnect) == Reconnect("", 0)
        assert server.process.wait(5) == code
        stubborn.wait_closed()
        silent.close()
        reasons = [line["reason"] for line in server.events("peer left")]
        assert sorted(reasons) == ["closed by the peer", "the server ended"]
        [draining] = server.events("draining")
        assert draining["miners"] == 2
    with pytest.raises(ConnectionRefusedError):
        Peer(server.url)


def test_miners_come_back_to_a_pool_that_was_started_again(tmp_path: Path) -> None:
    port = free_port()
    again = ("--data-dir", str(tmp_path), "--listen", f"127.0.0.1:{port}")
    with sluice_server(*again, **BRISK) as first, mine(first.url) as miner:
        wait_for(lambda: first.events("channel opened"))
        time.sleep(1)
        assert first.stop() == 0
        with sluice_server(*again, **BRISK) as second:
            assert second.url == first.url
            wait_for(lambda: second.events("channel opened"))
            time.sleep(2)
            miner.terminate()
            assert miner.wait(PATIENCE) == 0
            wait_for(lambda: second.events("peer left"))
            assert second.events("peer left")[0]["accepted"] > 0


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        code, said = refused("--listen", where, "--address", REGTEST_ADDRESS, "--data-dir", str(tmp_path))
    assert code == ExitCode.LISTEN
    assert said == [
        f"sluice: cannot listen on {where}: another program listens there; end it, or choose another port with --listen"
    ]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--listen", "3333"), "must be host:port"),
        (("--listen", "::1:3333"), "must have brackets around its IPv6 address"),
        (("--listen", "127.0.0.1:65536"), "must end in a port from 0 to 65535"),
        (("--address", "bcrt1qzyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3lgth6d"), "checksum"),
        (("--address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), "not an address for regtest"),
    ],
)
def test_a_bad_address_is_a_usage_error(flags: tuple[str, ...], words: str, tmp_path: Path) -> None:
    code, said = refused("--address", REGTEST_ADDRESS, "--data-dir", str(tmp_path), *flags)
    assert code == ExitCode.USAGE
    (line,) = said
    assert words in line


def test_it_says_that_its_coins_are_worth_nothing_and_keeps_no_blocks(tmp_path: Path) -> None:
    with sluice_server("--data-dir", str(tmp_path), **BRISK) as server:
        assert any("worth nothing" in line["event"] for line in server.log())
        with mine(server.url, "--seconds", "20"):
            wait_for(lambda: server.events("block accepted"))
        assert server.stop() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"authority.key"}


def test_a_crash_is_no_goodbye_and_no_harm(tmp_path: Path) -> None:
    """SIGKILL while a miner is there: its key is kept, and the next start is as any other."""

    def start() -> Any:
        return sluice_server("--data-dir", str(tmp_path))

    with start() as server, peer(server.url) as miner:
        miner.setup()
        server.process.kill()
        miner.wait_closed()
        first = server.url
    with start() as server, peer(server.url) as miner:
        miner.setup()
        assert isinstance(server, ServerProcess)
        assert server.url.authority_key == first.authority_key
        assert server.stop() == 0
