"""Sluice attached to a real blvm-node on regtest, and a miner of ours, each a process: blocks, end to end."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import sha256, to_display
from sluice.bitcoin.network import REGTEST, subsidy
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from support import waiting
from support.bech32 import segwit_address
from support.blocks import ANYONE
from support.blvm_node import BlvmNode
from support.miners import mining
from support.server import REGTEST_ADDRESS, ServerProcess, sluice_server

BLOCKS = 10
MATURE = 101
FEE = 10_000
SCRIPT = script_for_address(REGTEST_ADDRESS, REGTEST)


#: The node counts the calls of a user, and Sluice is the same one.
wait_for = partial(waiting.wait_for, pause=0.5)


@contextmanager
def pool_on(node: BlvmNode, **settings: object) -> Iterator[ServerProcess]:
    """`sluice run` on the node, by its module socket and its JSON-RPC."""
    where = {
        "node__kind": "blvm",
        "node__socket": node.socket,
        "node__url": node.url,
        "node__user": node.user,
        "node__password": node.password,
    }
    with sluice_server(**(where | settings)) as server:
        yield server


def block_at(node: BlvmNode, height: int) -> Block:
    return Block.parse(bytes.fromhex(node.rpc("getblock", node.rpc("getblockhash", height), 0)))


def test_it_mines_blocks_that_the_node_takes(blvm: BlvmNode) -> None:
    with pool_on(blvm, pool__shares_per_minute=120) as server, mining(server.url):
        wait_for(lambda: len(server.events("block accepted")) >= BLOCKS)
        assert server.events("block refused") == []
        assert server.events("node troubled") == []
        assert server.stop() == 0
        accepted = {line["block_hash"] for line in server.events("block accepted")}
    top = blvm.rpc("getblockcount")
    assert accepted <= {blvm.rpc("getblockhash", height) for height in range(1, top + 1)}
    for height in range(1, top + 1):
        [coinbase] = block_at(blvm, height).transactions
        assert coinbase.outputs == (TxOut(subsidy(height, REGTEST), SCRIPT),)


def test_its_transactions_are_mined_with_their_witnesses_and_fees(blvm: BlvmNode) -> None:
    program = sha256(ANYONE)
    blvm.rpc("generatetoaddress", MATURE, segwit_address("bcrt", 0, program))
    coinbase = block_at(blvm, 1).transactions[0]
    coin = coinbase.outputs[0]
    spent = TxIn(OutPoint(coinbase.txid(), 0), b"", 0xFFFF_FFFF, (ANYONE,))
    paid = Transaction(2, (spent,), (TxOut(coin.value - FEE, coin.script_pubkey),), 0)
    assert blvm.rpc("sendrawtransaction", paid.to_bytes().hex()) == to_display(paid.txid())
    with pool_on(blvm, pool__shares_per_minute=60) as server, mining(server.url):
        wait_for(lambda: blvm.rpc("getrawmempool") == [])
        assert server.events("block refused") == []
    blocks = {at: block_at(blvm, at) for at in range(MATURE + 1, blvm.rpc("getblockcount") + 1)}
    [(height, block)] = [(at, block) for at, block in blocks.items() if len(block.transactions) > 1]
    ours, mined = block.transactions
    assert mined == paid
    reward, commitment = ours.outputs
    assert reward == TxOut(subsidy(height, REGTEST) + FEE, SCRIPT)
    assert commitment.script_pubkey[:6].hex() == "6a24aa21a9ed"


def test_it_mines_on_when_the_node_has_been_away(blvm: BlvmNode) -> None:
    with pool_on(blvm, pool__shares_per_minute=60) as server, mining(server.url):
        wait_for(lambda: server.events("block accepted"))
        blvm.stop()
        wait_for(lambda: server.events("node troubled"))
        blvm.start()
        height = blvm.rpc("getblockcount")
        wait_for(lambda: blvm.rpc("getblockcount") >= height + 2)
        assert server.stop() == 0
