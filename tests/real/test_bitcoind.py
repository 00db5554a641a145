"""The node that the other real tests stand on: it starts, mines, tells, stops and comes back."""

import pytest
import zmq

from support.bitcoind import Bitcoind, RpcError

SEGWIT = {"rules": ["segwit"]}
BURN = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"


def test_it_offers_a_template_on_an_empty_regtest_chain(bitcoind: Bitcoind) -> None:
    assert bitcoind.rpc("getblockchaininfo")["chain"] == "regtest"
    template = bitcoind.rpc("getblocktemplate", SEGWIT)
    assert template["height"] == 1
    assert template["default_witness_commitment"].startswith("6a24aa21a9ed")


def test_it_tells_each_new_block_over_zmq(bitcoind: Bitcoind) -> None:
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.setsockopt(zmq.RCVTIMEO, 10_000)
        subscriber.subscribe(b"hashblock")
        subscriber.connect(bitcoind.zmq)
        mined = bitcoind.rpc("generatetoaddress", 1, BURN)
        while not subscriber.poll(200):  # the subscription itself takes a moment to arrive
            mined = bitcoind.rpc("generatetoaddress", 1, BURN)
        topic, block, _ = subscriber.recv_multipart()
        assert topic == b"hashblock"
        assert [block.hex()] == mined


def test_its_refusals_keep_their_code(bitcoind: Bitcoind) -> None:
    with pytest.raises(RpcError, match="segwit rule set") as refusal:
        bitcoind.rpc("getblocktemplate", {"rules": []})
    assert refusal.value.code == -8


def test_it_comes_back_with_its_chain_and_ports(bitcoind: Bitcoind) -> None:
    bitcoind.rpc("generatetoaddress", 3, BURN)
    bitcoind.stop()
    assert not bitcoind.cookie.exists()
    bitcoind.start()
    assert bitcoind.rpc("getblockcount") == 3
