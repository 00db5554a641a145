"""A real blvm-node on regtest: that it speaks as src/sluice/blvm declares, and does what docs/blvm.md says of it.

A node may change its ways; then this is where it shows.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from sluice.bitcoin.hashes import BlockHash, from_display, sha256d, to_display
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.network import COIN
from sluice.bitcoin.script import push_height
from sluice.blvm import requests as r
from sluice.blvm import responses as a
from sluice.blvm.events.chain import BlockMined, BlockTemplateUpdated
from sluice.blvm.events.modules import NodeShutdown
from sluice.blvm.events.relay import StratumClientConnected
from sluice.blvm.events.types import EventType
from sluice.blvm.modules import CliSpec
from sluice.node.bitcoind.methods import OfferedBlock
from sluice.node.bitcoind.template import template_of
from sluice.work.template import Template
from support import blocks
from support.bitcoind import RpcError
from support.blvm_module import Module
from support.blvm_node import BlvmNode

BURN = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"
GENESIS = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
A_MOMENT = 1.0  # for what must not come
SEGWIT = {"rules": ["segwit"]}


@pytest.fixture
def module(blvm: BlvmNode) -> Iterator[Module]:
    """A module of the node's that was let in."""
    with Module(blvm.socket) as module:
        module.ready()
        yield module


def offered(node: BlvmNode) -> Template:
    """What the node would have mined, with JSON-RPC."""
    offer = msgspec.convert(node.rpc("getblocktemplate", SEGWIT), OfferedBlock)
    return template_of(offer, 1)


def hash_of(block: bytes) -> str:
    return to_display(sha256d(block[:HEADER_SIZE]))


def refusal(node: BlvmNode, block: bytes) -> str:
    with pytest.raises(RpcError) as refused:
        node.rpc("submitblock", block.hex())
    assert refused.value.code == -32602
    return refused.value.message


def test_it_answers_as_declared(blvm: BlvmNode, module: Module) -> None:
    assert module.ask(r.GetChainTip()) == a.Hash(from_display(GENESIS))
    assert module.ask(r.GetBlockHeight()) == a.U64(0)
    info = module.ask(r.GetChainInfo())
    assert isinstance(info, a.ChainInfo)
    assert (info.value.height, info.value.difficulty, info.value.is_synced) == (0, 1.0, False)
    assert isinstance(module.ask(r.GetSyncStatus()), a.NodeSyncStatus)
    assert module.ask(r.RegisterCliSpec(CliSpec(1, "stratum-v2", None, ()))) == a.Bool(True)
    blvm.rpc("generatetoaddress", 2, BURN)
    assert module.ask(r.GetBlockHeight()) == a.U64(2)
    assert module.ask(r.GetBlockByHeight(3)) == a.BlockByHeight(None)
    block = module.ask(r.GetBlockByHeight(1))
    assert isinstance(block, a.BlockByHeight)
    assert block.value is not None
    assert block.value.header.prev_block_hash == from_display(GENESIS)


def test_its_template_is_for_the_next_block(blvm: BlvmNode, module: Module) -> None:
    answer = module.ask(r.GetBlockTemplate(("segwit",), b"\x01\x02", "hex:51"))
    assert isinstance(answer, a.BlockTemplate)
    template = answer.value
    assert (template.height, template.header.bits, template.header.version) == (1, 0x207FFFFF, 4)
    assert template.target == f"7fffff{0:058x}"
    assert template.header.prev_block_hash == from_display(GENESIS)
    assert abs(template.timestamp - time.time()) < 60
    [into], [reward, commitment] = template.coinbase_tx.inputs, template.coinbase_tx.outputs
    assert (into.script_sig, into.sequence, template.coinbase_tx.lock_time) == (b"\x01\x02", 0xFFFFFFFE, 0)
    assert (reward.value, reward.script_pubkey) == (50 * COIN, b"\x51")
    assert (commitment.value, commitment.script_pubkey[:6].hex()) == (0, "6a24aa21a9ed")


def test_what_it_tells_of_blocks_and_of_its_end(blvm: BlvmNode, module: Module) -> None:
    wanted = (
        EventType.NewBlock,
        EventType.BlockMined,
        EventType.BlockTemplateUpdated,
        EventType.NodeShutdown,
    )
    assert module.ask(r.SubscribeEvents(wanted)) == a.SubscribeAck()
    [first] = blvm.rpc("generatetoaddress", 1, BURN)
    assert module.event() == BlockMined(from_display(first), 1, None)
    template = offered(blvm)
    assert module.event() == BlockTemplateUpdated(from_display(first), 2, 0)
    block = blocks.found(template)
    assert blvm.rpc("submitblock", block.hex()) is None
    assert module.event() == BlockMined(from_display(hash_of(block)), 2, None)
    blvm.stop()
    assert isinstance(module.event(), NodeShutdown)
    assert blvm.socket.exists()
    with pytest.raises(ConnectionRefusedError):
        Module(blvm.socket)


def test_a_block_it_takes_need_not_be_in_its_chain(blvm: BlvmNode) -> None:
    template = offered(blvm)
    block, sibling = blocks.found(template, 1), blocks.found(template, 2)
    assert blvm.rpc("submitblock", block.hex()) is None
    assert "already stored" in refusal(blvm, block)
    assert blvm.rpc("submitblock", sibling.hex()) is None
    assert blvm.rpc("getblockcount") == 1
    assert blvm.rpc("getbestblockhash") == hash_of(block)


def test_it_takes_no_witness_without_a_commitment(blvm: BlvmNode) -> None:
    honest = blocks.draft(offered(blvm))
    bare = honest.coinbase_with(outputs=honest.coinbase.outputs[:1])
    assert refusal(blvm, bare.block()) == "submitblock: block was not connected"
    assert blvm.rpc("getblockcount") == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"coinbase_value": 51 * COIN}, "block was not connected"),
        ({"coinbase_prefix": push_height(7)}, "block was not connected"),
        ({"ntime": 1}, "block was not connected"),
        ({"prev_hash": BlockHash(bytes(32))}, "prev_block_hash is not a stored header"),
    ],
)
def test_what_it_says_of_a_bad_block(blvm: BlvmNode, changes: dict[str, Any], reason: str) -> None:
    assert refusal(blvm, blocks.found(replace(offered(blvm), **changes))) == f"submitblock: {reason}"
    assert blvm.rpc("getblockcount") == 0


def test_only_one_module_is_served_at_a_time(blvm: BlvmNode, module: Module) -> None:
    with Module(blvm.socket, "another") as second:
        with pytest.raises(TimeoutError):
            second.ready(A_MOMENT)
        assert module.ask(r.GetBlockHeight()) == a.U64(0)
        module.close()
        assert second.ready()
        assert second.ask(r.GetBlockHeight()) == a.U64(0)


@pytest.mark.parametrize(
    "request_",
    [
        r.GetBlockTemplate((), None, "rubbish"),
        r.GetMempoolSize(),
        r.IsModuleAvailable("blvm-datum"),
        r.PublishEvent(EventType.StratumClientConnected, StratumClientConnected("127.0.0.1:1", 2)),
        r.QueueReceivedBlock(bytes(81)),
        r.RegisterModuleApi(("get_template",), 1),
    ],
    ids=lambda request: request.wire_name,
)
def test_a_request_that_fails_costs_the_connection_and_no_more(
    blvm: BlvmNode, module: Module, request_: r.Request
) -> None:
    assert module.ask(request_) is None
    with Module(blvm.socket) as again:
        again.ready()
        assert again.ask(r.GetBlockHeight()) == a.U64(0)


def test_a_hundred_requests_in_a_second_are_the_most(blvm: BlvmNode, module: Module) -> None:
    answers: list[a.Response | None] = []
    while len(answers) < 1000 and (not answers or answers[-1] is not None):
        answers.append(module.ask(r.GetBlockHeight()))
    assert answers[-1] is None
    assert 100 < len(answers) <= 201  # two seconds of the clock may have a part in it


def test_a_connection_without_a_handshake_ends_all_modules(blvm: BlvmNode) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(blvm.socket))
    with pytest.raises((EOFError, TimeoutError, ConnectionError)), Module(blvm.socket) as module:
        module.ready(A_MOMENT)
    assert blvm.rpc("getblockcount") == 0


def test_ten_connections_a_minute_are_taken_for_json_rpc(blvm: BlvmNode) -> None:
    host, _, port = blvm.url.removeprefix("http://").partition(":")
    with ExitStack() as stack:  # the node's first is ours, which is kept open
        ten = [stack.enter_context(socket.create_connection((host, int(port)), A_MOMENT)) for _ in range(10)]
        assert is_closed(ten[9])
        assert not is_closed(ten[0])
    assert blvm.rpc("getblockcount") == 0


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
