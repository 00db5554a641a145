"""Txids without parsing: of a real block, and of what is none."""

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.transaction import Transaction
from sluice.bitcoin.txid import txid_of
from support.vectors import MAINNET_BLOCK, vector_bytes
from support.work import spend


def test_every_transaction_of_a_real_block() -> None:
    transactions = Block.parse(vector_bytes(MAINNET_BLOCK)).transactions
    assert len(transactions) > 2_000
    for transaction in transactions:
        assert txid_of(transaction.to_bytes()) == transaction.txid()


@pytest.mark.parametrize("segwit", [True, False])
def test_every_torn_or_longer_one_is_none(segwit: bool) -> None:
    raw = spend(1, segwit=segwit).to_bytes()
    for torn in [raw[:size] for size in range(len(raw))] + [raw + b"\x00"]:
        with pytest.raises(DecodeError):
            Transaction.parse(torn)
        with pytest.raises(DecodeError):
            txid_of(torn)


@pytest.mark.parametrize(
    "raw",
    [
        bytes(4) + b"\x00" + b"\x00" + bytes(4),  # no inputs
        bytes(4) + b"\x00\x01\x01" + bytes(36) + b"\x00" + bytes(4) + b"\x00\x00" + bytes(4),  # no witness
        bytes(4) + b"\xff" * 9 + bytes(100),  # a lying count
        bytes(4) + b"\xfd\x01\x00" + bytes(100),  # a count that is longer than it needs
    ],
)
def test_what_is_no_transaction(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        Transaction.parse(raw)
    with pytest.raises(DecodeError):
        txid_of(raw)
