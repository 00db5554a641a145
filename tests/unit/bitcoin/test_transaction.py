"""Transactions: a real block's thousands, and one cut at every byte."""

from dataclasses import replace

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import Txid, sha256d, to_display
from sluice.bitcoin.transaction import (
    COINBASE_OUTPOINT,
    DecodeError,
    OutPoint,
    Transaction,
    TxIn,
    TxOut,
)
from support.vectors import MAINNET_BLOCK, vector_bytes

# The coinbase of the genesis block
GENESIS = bytes.fromhex(
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104"
    "455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f662073656"
    "36f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1"
    "a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702"
    "b6bf11d5fac00000000"
)
GENESIS_TXID = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"

BIP143_TXID = "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609"

TWO_INPUTS = Transaction(
    version=0xFFFFFFFF,
    inputs=(
        TxIn(OutPoint(Txid(b"\x11" * 32), 7), b"\x51", 0xFFFFFFFD, (b"", b"signature")),
        TxIn(OutPoint(Txid(b"\x22" * 32), 0), b"", 0),
    ),
    outputs=(TxOut(2**63, b"\x6a" * 300), TxOut(0, b"")),
    locktime=500_000_000,
)


def test_genesis() -> None:
    coinbase = Transaction.parse(GENESIS)
    assert to_display(coinbase.txid()) == GENESIS_TXID
    assert to_display(coinbase.wtxid()) == GENESIS_TXID
    assert coinbase.to_bytes() == GENESIS
    assert coinbase.weight() == 4 * len(GENESIS)
    assert coinbase.is_coinbase
    assert not coinbase.has_witness
    assert coinbase.outputs[0].value == 50_0000_0000
    assert b"Chancellor on brink of second bailout" in coinbase.inputs[0].script_sig


def test_every_field_has_its_place() -> None:
    stripped = "ffffffff" + "02" + "11" * 32 + "07000000" + "0151" + "fdffffff" + "22" * 32 + "00000000"
    stripped += (
        "00" + "00000000" + "02" + "0000000000000080" + "fd2c01" + "6a" * 300 + "0000000000000000" + "00"
    )
    witness = "02" + "00" + "09" + b"signature".hex() + "00"
    locktime = "0065cd1d"
    whole = stripped[:8] + "0001" + stripped[8:] + witness + locktime
    assert TWO_INPUTS.to_bytes().hex() == whole
    assert TWO_INPUTS.to_bytes(witness=False).hex() == stripped + locktime
    assert Transaction.parse(bytes.fromhex(whole)) == TWO_INPUTS


def test_ids_and_weight_of_a_witness() -> None:
    whole, stripped = TWO_INPUTS.to_bytes(), TWO_INPUTS.to_bytes(witness=False)
    assert TWO_INPUTS.txid() == sha256d(stripped)
    assert TWO_INPUTS.wtxid() == sha256d(whole)
    assert TWO_INPUTS.weight() == 4 * len(stripped) + (len(whole) - len(stripped))
    assert not TWO_INPUTS.is_coinbase


def test_bip143_example() -> None:
    """Native P2WPKH: the signed transaction of BIP143, whose first input has no witness."""
    raw = bytes.fromhex(
        "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221"
        "008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0"
        "a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9"
        "b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a"
        "6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e1"
        "7b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358"
        "f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee"
        "635711000000"
    )
    transaction = Transaction.parse(raw)
    assert transaction.to_bytes() == raw
    assert [len(txin.witness) for txin in transaction.inputs] == [0, 2]
    assert to_display(transaction.txid()) == BIP143_TXID


def test_a_block_of_thousands() -> None:
    for transaction in Block.parse(vector_bytes(MAINNET_BLOCK)).transactions:
        raw = transaction.to_bytes()
        assert Transaction.parse(raw) == transaction
        ids_differ = bytes(transaction.txid()) != bytes(transaction.wtxid())
        assert transaction.has_witness is ids_differ


def test_a_coinbase_is_one_input_from_nowhere() -> None:
    nowhere = Transaction.parse(GENESIS).inputs[0]
    assert not replace(TWO_INPUTS, inputs=(nowhere, nowhere)).is_coinbase
    assert not replace(TWO_INPUTS, inputs=TWO_INPUTS.inputs[:1]).is_coinbase
    assert replace(TWO_INPUTS, inputs=(nowhere,)).is_coinbase


def test_outpoint_of_a_coinbase() -> None:
    assert COINBASE_OUTPOINT.to_bytes() == bytes(32) + b"\xff" * 4


@pytest.mark.parametrize("raw", [GENESIS, TWO_INPUTS.to_bytes()])
def test_cut_at_every_byte(raw: bytes) -> None:
    for size in range(len(raw)):
        with pytest.raises(DecodeError, match=r"ends at|without inputs"):
            Transaction.parse(raw[:size])


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (GENESIS + b"\0", "1 bytes follow"),
        (GENESIS[:-3], "ends at 201, 3 bytes too early"),
        (GENESIS[:4] + b"\x00\x01" + GENESIS[4:-4] + b"\x00" + GENESIS[-4:], "every input's is empty"),
        (GENESIS[:4] + b"\x00\x00" + GENESIS[-4:], "without inputs"),
        (GENESIS[:4] + b"\x00\x02" + GENESIS[4:], "without inputs"),
        (GENESIS[:4] + b"\xfd\x01\x00" + GENESIS[5:], "longer than it needs"),
        (GENESIS[:4] + b"\xff" * 9 + GENESIS[5:], "ends at"),  # 2^64 - 1 inputs
        (GENESIS[:41] + b"\xff" * 9 + GENESIS[42:], "ends at"),  # a script of 2^64 - 1 bytes
    ],
)
def test_what_is_no_transaction(raw: bytes, complaint: str) -> None:
    with pytest.raises(DecodeError, match=complaint):
        Transaction.parse(raw)
