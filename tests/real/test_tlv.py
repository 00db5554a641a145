"""The dialect and Stratum V2 on one port, each miner a process of its own: blocks from both, on a real node, too."""

import socket
import struct
import subprocess

import pytest

from sluice.noise.authority import PoolUrl
from sluice.tlv.frame import frame
from support.bitcoind import Bitcoind
from support.miners import mining_well
from support.openings import HTTP, JSON, TEXT, TLS
from support.processes import SLUICE
from support.server import ServerProcess, sluice_server
from support.tlv import SETUP
from support.waiting import PATIENCE, wait_for


def tlv(url: PoolUrl) -> str:
    return f"tlv://{url.endpoint}"


def found_by(server: ServerProcess, name: str) -> int:
    return sum(line["user"] == name for line in server.events("block accepted"))


def both_find_blocks(server: ServerProcess, count: int) -> None:
    with mining_well(tlv(server.url), "dialect"), mining_well(server.url, "noise"):
        wait_for(
            lambda: min(found_by(server, name) for name in ("dialect", "noise")) >= count,
            otherwise=lambda: server.log()[-20:],
        )
    assert {line["vendor"] for line in server.events("miner arrived")} == {"dialect", "Sluice"}
    assert server.events("first turned away") == []


def test_both_wires_on_one_port_find_blocks_on_the_embedded_chain() -> None:
    easy = {"node__block_seconds": 1, "pool__shares_per_minute": 600, "pool__min_difficulty": 0.00001}
    with sluice_server(node__kind="embedded", **easy) as server:
        both_find_blocks(server, 1)
        assert server.stop() == 0


def test_both_wires_on_one_port_find_blocks_on_a_real_node(bitcoind: Bitcoind) -> None:
    # On regtest the easiest share is the operator's to say: some 40,000 hashes.
    where = {
        "node__url": bitcoind.url,
        "node__cookie_file": bitcoind.cookie,
        "node__zmq_hashblock": bitcoind.zmq,
        "pool__shares_per_minute": 600,
    }
    with sluice_server(node__kind="bitcoind", pool__min_difficulty=0.00001, **where) as server:
        both_find_blocks(server, 3)
        assert server.stop() == 0
        accepted = server.events("block accepted")
        top = bitcoind.rpc("getblockcount")
        chain = {bitcoind.rpc("getblockhash", height) for height in range(1, top + 1)}
        assert chain == {line["block_hash"] for line in accepted}
        by_dialect = [line["block_hash"] for line in accepted if line["user"] == "dialect"]
        assert len(by_dialect) >= 3
        for block_hash in by_dialect:
            assert bitcoind.rpc("getblock", block_hash)["confirmations"] > 0


@pytest.mark.parametrize("url", ["tlv://127.0.0.1:1", "tlv://[::1]:1"])
def test_a_miner_of_the_dialect_says_plainly_that_nobody_is_there(url: str) -> None:
    command = [*SLUICE, "mine", url, "--user", "rig", "--threads", "1", "--seconds", "1"]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
    )
    assert ended.returncode == 6
    assert "nobody listens there" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        (JSON[1], "speaks JSON"),
        (HTTP[0], "speaks HTTP"),
        (TLS[0], "speaks TLS"),
        (TEXT[0], "speaks plain text"),
    ],
    ids=["json", "http", "tls", "text"],
)
def test_who_speaks_what_nobody_serves_is_closed_at_once(opening: bytes, reason: str) -> None:
    """At once: not when the time for a handshake is over, which is ten minutes here."""
    with sluice_server(server__handshake_timeout=600) as server:
        for _ in range(3):
            with socket.create_connection((server.url.host, server.url.port), timeout=20) as stranger:
                stranger.sendall(opening)
                assert stranger.recv(1) == b""
        wait_for(lambda: len(server.events("turned away")) == 2, otherwise=server.log)
        [first] = server.events("first turned away")
        assert first["reason"].startswith(reason)


def test_a_frame_that_never_ends_holds_up_nobody() -> None:
    with (
        sluice_server(server__setup_timeout=2, node__block_seconds=1) as server,
        mining_well(tlv(server.url), "honest"),
    ):
        address = (server.url.host, server.url.port)
        with (
            socket.create_connection(address, timeout=20) as endless,
            socket.create_connection(address) as liar,
        ):
            endless.sendall(struct.pack("<IHI", 1 << 20, 1, (1 << 20) - 6) + bytes(100_000))
            liar.sendall(frame(SETUP) + struct.pack("<IHI", 40, 0x30, 35))
            liar.settimeout(20)
            while liar.recv(4096):
                pass
            assert endless.recv(1) == b""
        wait_for(lambda: found_by(server, "honest") >= 1, otherwise=server.log)
        reasons = [line["reason"] for line in server.events("peer left")]
        assert "no SetupConnection in time" in reasons
        assert "protocol error: a frame of 40 bytes in which 41 are announced" in reasons
