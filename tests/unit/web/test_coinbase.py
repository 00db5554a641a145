"""A raw coinbase taken apart."""

import pytest

from sluice.bitcoin.address_text import address_of_script
from sluice.bitcoin.coinbase import CoinbasePlan, split_coinbase, with_witness
from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.transaction import TxOut
from sluice.web.coinbase import coinbase_view

GENESIS = (
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054"
    "696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420"
    "666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61"
    "deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"
)


@pytest.mark.parametrize("height", [0, 1, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 840_000, 2**31])
@pytest.mark.parametrize("extranonce", [bytes(16), b"looks like a tag", bytes(range(240, 256))])
def test_one_of_ours_is_read_whole(height: int, extranonce: bytes) -> None:
    outputs = (
        TxOut(312_500_000, bytes.fromhex("0014" + "33" * 20)),
        TxOut(0, witness_commitment_script(bytes(32))),
        TxOut(0, bytes.fromhex("6a0474657374")),
    )
    split = split_coinbase(CoinbasePlan(push_height(height), b"My <b>Pool</b>", 16, outputs))
    raw = with_witness(split.join(extranonce))
    view = coinbase_view(raw, REGTEST)
    assert view is not None
    assert view.height == height
    assert view.texts == ("My <b>Pool</b>",)
    assert [each.whom for each in view.paid] == [
        address_of_script(outputs[0].script_pubkey, REGTEST),
        "commitment to the witnesses (BIP141)",
        "data, spendable by nobody",
    ]
    assert view.total == 312_500_000
    assert "".join(part for part, _ in view.parts) == raw.hex()
    marked = {kind: part for part, kind in view.parts if kind}
    assert marked == {
        "height": push_height(height).hex(),
        "text": "0e" + b"My <b>Pool</b>".hex(),
        "extranonce": "10" + extranonce.hex(),
    }
    assert view.extranonce is not None
    place = view.extranonce.place
    assert raw[place : place + view.extranonce.size] == extranonce


def test_the_first_one_ever() -> None:
    view = coinbase_view(bytes.fromhex(GENESIS), MAINNET)
    assert view is not None
    assert view.txid == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    assert view.texts == ("The Times 03/Jan/2009 Chancellor on brink of second bailout for banks",)
    assert view.extranonce is None
    assert view.paid[0].whom == "a script without an address"
    assert view.paid[0].value == 5_000_000_000


@pytest.mark.parametrize("raw", ["", "00", GENESIS[:-2], GENESIS.replace("ffffffff4d", "000000004d")])
def test_what_is_none_is_none(raw: str) -> None:
    assert coinbase_view(bytes.fromhex(raw), MAINNET) is None
