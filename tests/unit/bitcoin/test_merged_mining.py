"""Commitments of merged mining, found in a coinbase."""

from dataclasses import replace

import pytest

from sluice.bitcoin.merged_mining import AUXPOW_MARK, ROOTSTOCK_MARK, Commitment, commitments
from sluice.bitcoin.script import op_return
from sluice.bitcoin.transaction import COINBASE_OUTPOINT, Transaction, TxIn, TxOut

ROOT = bytes(range(32))
PLAIN = Transaction(1, (TxIn(COINBASE_OUTPOINT, b"\x51\x52", 0),), (TxOut(0, b"\x51"),), 0)


def coinbase(script_sig: bytes = b"\x51\x52", *scripts: bytes) -> Transaction:
    outputs = tuple(TxOut(0, script) for script in scripts) or PLAIN.outputs
    return replace(PLAIN, inputs=(replace(PLAIN.inputs[0], script_sig=script_sig),), outputs=outputs)


@pytest.mark.parametrize(
    ("transaction", "found"),
    [
        (coinbase(), ()),
        (coinbase(b"\x51" + AUXPOW_MARK + ROOT + bytes(8) + b"pool"), (Commitment("auxpow", ROOT),)),
        (coinbase(AUXPOW_MARK + ROOT + bytes(7)), ()),
        (coinbase(AUXPOW_MARK), ()),
        (coinbase(b"\x51", b"\x52", op_return(ROOTSTOCK_MARK + ROOT)), (Commitment("rootstock", ROOT),)),
        (coinbase(b"\x51", op_return(ROOTSTOCK_MARK + ROOT[:-1])), ()),
        (coinbase(b"\x51", AUXPOW_MARK + ROOT + bytes(8)), ()),  # not where that one stands
    ],
)
def test_what_a_coinbase_commits_to(transaction: Transaction, found: tuple[Commitment, ...]) -> None:
    assert commitments(transaction) == found


def test_both_kinds_are_found_in_the_order_of_the_bytes() -> None:
    both = coinbase(
        AUXPOW_MARK + ROOT + bytes(8) + AUXPOW_MARK + ROOT[::-1] + bytes(8), op_return(ROOTSTOCK_MARK + ROOT)
    )
    assert [mark.kind for mark in commitments(both)] == ["auxpow", "auxpow", "rootstock"]
    assert commitments(both)[1].value == ROOT[::-1]
