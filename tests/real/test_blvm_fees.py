"""A real blvm-node's transactions are mined, from either of the two places where it offers them."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from sluice.blvm.connection import Identity
from sluice.node.bitcoind.rpc import Access
from sluice.node.blvm.blvm import SUBSCRIBED, Blvm, BlvmSettings
from sluice.node.blvm.client import Attachment
from sluice.pool.ports import Trouble
from sluice.work.template import Template
from support.blocks import found as mined
from support.blvm_node import BlvmNode, program

NAME = "blvm-stratum-v2"
SECONDS = 120
MATURITY = 100
#: Seconds between blocks: the node takes only so many calls of a user a minute, and answers 429 beyond.
PACE = 0.1
FEE = 5_000
PAID = b"\x76\xa9\x14" + bytes(20) + b"\x88\xac"


def spending(coinbase: Transaction) -> Transaction:
    """What a coinbase paid to anyone, with a fee; the push is there so that nobody takes it for segwit."""
    spent = TxIn(OutPoint(coinbase.txid(), 0), b"\x51", 0xFFFF_FFFD)
    return Transaction(2, (spent,), (TxOut(coinbase.outputs[0].value - FEE, PAID),), 0)


def _unheard(trouble: Trouble) -> None:
    raise AssertionError(trouble)


@pytest.mark.parametrize("source", ["JSON-RPC", "module socket"])
def test_a_transaction_of_the_nodes_is_mined_with_its_fee(tmp_path: Path, source: str) -> None:
    there = program()
    if there is None:
        pytest.skip("no blvm-node here: `make blvm-node` builds one (cargo), or set SLUICE_BLVM_NODE")

    async def run(node: BlvmNode) -> None:
        settings = BlvmSettings(
            Attachment(node.socket, Identity(NAME, NAME, "0.1.0"), subscribed=SUBSCRIBED),
            ("submitblock",),
            Access(node.url, node.user, node.password) if source == "JSON-RPC" else None,
            refresh_seconds=0.5,
        )
        blvm = Blvm(settings, _unheard)
        coinbase: Transaction | None = None
        sent = False
        async with asyncio.timeout(SECONDS):
            await blvm.start()
            async with aclosing(blvm.watch()) as news:  # type: ignore[type-var]
                async for each in news:
                    assert isinstance(each, Template)
                    raw = mined(each)
                    if each.height <= MATURITY + 1 or each.transactions:
                        node.rpc("submitblock", raw.hex())
                        await asyncio.sleep(PACE)
                        coinbase = coinbase or Block.parse(raw).transactions[0]
                    elif not sent:
                        assert coinbase is not None
                        transaction = spending(coinbase)
                        assert node.rpc("sendrawtransaction", transaction.to_bytes().hex()) == to_display(
                            transaction.txid()
                        )
                        sent = True
                    if each.transactions:
                        assert each.fees == FEE
                        sight = await blvm.look(each.height)
                        assert sight is not None
                        assert sight.block_hash == Block.parse(raw).header.hash()
                        break
        await blvm.close()

    with BlvmNode(there, tmp_path / "blvm") as node:
        asyncio.run(run(node))
