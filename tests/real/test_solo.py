"""A solo pool on a real bitcoind: each block pays the address in its finder's name, less the fee, and is taken."""

import time
from contextlib import ExitStack
from typing import Any

import pytest

from support.bitcoind import Bitcoind
from support.miners import mining
from support.peer import Peer, open_standard, peer
from support.server import ServerProcess, sluice_server
from support.solo import address
from support.waiting import wait_for

FEE_PERCENT = 1.5
OPERATOR = address(10)
EACH = 3


def solo_on(node: Bitcoind) -> Any:
    """`sluice run` in solo mode, with a fee."""
    return sluice_server(
        node__kind="bitcoind",
        node__url=node.url,
        node__cookie_file=node.cookie,
        pool__address="",
        pool__shares_per_minute=120,
        accounts__mode="solo",
        accounts__fee_percent=FEE_PERCENT,
        accounts__fee_address=OPERATOR,
    )


def payments(node: Bitcoind) -> dict[str, tuple[str, list[tuple[str, int]]]]:
    """By hash of each block: what its coinbase pays, in satoshis, in order, and to whom first."""
    paid = {}
    for height in range(1, node.rpc("getblockcount") + 1):
        block = node.rpc("getblock", node.rpc("getblockhash", height), 2)
        outputs = [
            (each["scriptPubKey"]["address"], round(each["value"] * 100_000_000))
            for each in block["tx"][0]["vout"]
            if each["value"]
        ]
        paid[block["hash"]] = (outputs[0][0], outputs)
    return paid


def assert_finders_are_paid(node: Bitcoind, server: ServerProcess) -> dict[str, int]:
    """Every block of the chain; how many each address has."""
    users = {line["block_hash"]: line["user"] for line in server.events("block accepted")}
    paid = payments(node)
    assert set(paid) <= set(users)
    for block_hash, (first, outputs) in paid.items():
        value = sum(satoshis for _, satoshis in outputs)
        fee = value * 15 // 1_000
        assert users[block_hash].partition(".")[0] == first
        assert outputs == [(first, value - fee), (OPERATOR, fee)]
    assert server.events("block refused") == []
    firsts = [first for first, _ in paid.values()]
    return {each: firsts.count(each) for each in firsts}


def test_two_miners_on_two_connections_are_each_paid_for_their_blocks(bitcoind: Bitcoind) -> None:
    alice, bob = address(1), address(2)
    with solo_on(bitcoind) as server:
        with ExitStack() as miners:
            miners.enter_context(mining(server.url, f"{alice}.rig"))
            miners.enter_context(mining(server.url, bob))

            def both() -> bool:
                firsts = [first for first, _ in payments(bitcoind).values()]
                return min(firsts.count(alice), firsts.count(bob)) >= EACH

            wait_for(both)
        assert server.stop() == 0
        assert set(assert_finders_are_paid(bitcoind, server)) == {alice, bob}


@pytest.mark.parametrize("flags", [0, 1], ids=["groups", "standard jobs"])
def test_two_names_on_one_connection_are_each_paid_for_their_blocks(bitcoind: Bitcoind, flags: int) -> None:
    users = [address(3), f"{address(4)}.rig", address(3), address(0)]
    with solo_on(bitcoind) as server:
        with peer(server.url) as connected:
            connected.setup(flags)
            for user in users:
                find_a_block(bitcoind, connected, user)
        assert server.stop() == 0
        counted = assert_finders_are_paid(bitcoind, server)
        assert counted[address(3)] >= 2
        assert set(counted) == {address(0), address(3), address(4)}


def find_a_block(node: Bitcoind, connected: Peer, user: str) -> None:
    """Open another channel for a name, and find the next block on it; a tip that the pool is about to hear of is lost."""
    before = node.rpc("getblockcount")
    for _ in range(50):
        miner = open_standard(connected, user)
        connected.send(miner.share())
        with_luck = time.monotonic() + 2
        while time.monotonic() < with_luck:
            if node.rpc("getblockcount") > before:
                return
            time.sleep(0.02)
    raise AssertionError("no block of fifty was taken")
