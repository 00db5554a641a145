"""SRI's own mining device, which none of us wrote, on Sluice: encrypted, standard channel, required standard jobs."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sluice.bitcoin.target import DIFFICULTY_1
from support import mining_device
from support.bitcoind import Bitcoind
from support.server import ServerProcess, sluice_server

BURN = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"
PATIENCE = 120.0  # it measures itself for 5 s, then needs about one second for a share

Device = subprocess.Popen[bytes]
StartDevice = Callable[..., Device]


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "device.log"


@pytest.fixture
def start_device(log_file: Path) -> Iterator[StartDevice]:
    """`start_device(server, authority_key)` starts one, ended with the test by its pid."""
    found = mining_device.program()
    if found is None:
        pytest.skip(
            "no SRI mining device here: `make mining-device` builds it (cargo), or set SLUICE_MINING_DEVICE"
        )
    with ExitStack() as stack, log_file.open("wb") as log:

        def start(server: ServerProcess, authority_key: str) -> Device:
            address = f"{server.url.host}:{server.url.port}"
            command = mining_device.command(found, address, authority_key, "sri.one")
            device = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
            stack.callback(device.kill)
            return device

        yield start


def wait_for(happened: Callable[[], bool], device: Device) -> None:
    """Until `happened`, while the device lives."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert device.poll() is None, f"the device ended with {device.returncode}"
        assert time.monotonic() < deadline
        time.sleep(0.1)


def authority_key(server: ServerProcess) -> str:
    return str(server.url).rpartition("/")[2]


def test_it_finds_shares_and_blocks_that_a_real_node_takes(
    bitcoind: Bitcoind, start_device: StartDevice, log_file: Path
) -> None:
    # It takes its own clock for min_ntime, so there must be enough blocks behind us for the median to lag.
    bitcoind.rpc("generatetoaddress", 20, BURN)
    node = {"url": bitcoind.url, "cookie_file": bitcoind.cookie, "zmq_hashblock": bitcoind.zmq}
    settings = {f"node__{key}": value for key, value in node.items()}
    with sluice_server(node__kind="bitcoind", pool__shares_per_minute=60, **settings) as server:
        device = start_device(server, authority_key(server))
        wait_for(lambda: len(server.events("block accepted")) >= 3, device)
        [arrived] = server.events("miner arrived")
        [opened] = server.events("channel opened")
        assert server.events("block refused") == []
    assert arrived["flags"] == "REQUIRES_STANDARD_JOBS"
    assert (opened["kind"], opened["user"]) == ("standard", "sri.one")
    assert bitcoind.rpc("getblockcount") >= 23
    said = log_file.read_text()
    assert "Received SubmitSharesSuccess" in said
    assert "SubmitSharesError" not in said


def test_it_mines_on_the_embedded_chain_with_the_target_it_was_given(
    start_device: StartDevice, log_file: Path
) -> None:
    with sluice_server(pool__shares_per_minute=60) as server:
        device = start_device(server, authority_key(server))
        wait_for(lambda: bool(server.events("block accepted")), device)
        [opened] = server.events("channel opened")
    targets = re.findall(r"Set target to (\w{64})", log_file.read_text())
    given = int.from_bytes(bytes.fromhex(targets[1]), "little")  # the first is its own, for measuring
    assert opened["difficulty"] == pytest.approx(DIFFICULTY_1 / given)


def test_it_leaves_a_pool_whose_key_is_another(start_device: StartDevice) -> None:
    with sluice_server() as server, sluice_server() as stranger:
        device = start_device(server, authority_key(stranger))
        assert device.wait(PATIENCE) != 0
        assert server.events("miner arrived") == []
        assert server.alive()
