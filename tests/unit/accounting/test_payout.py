"""What a block's value comes to: the finder's part and the fee, to the satoshi."""

from fractions import Fraction

import pytest

from sluice.accounting.payout import DUST, FinderPayout, fee_of
from sluice.bitcoin.transaction import TxOut

FINDER, OPERATOR = b"\x51", b"\x52"


def paying(fee: Fraction, fee_script: bytes = OPERATOR) -> FinderPayout:
    return FinderPayout(FINDER, b"tag", fee=fee, fee_script=fee_script)


@pytest.mark.parametrize(
    ("value", "fee", "satoshis"),
    [
        (312_500_000, Fraction(0), 0),
        (312_500_000, Fraction(1, 100), 3_125_000),
        (312_500_001, Fraction(3, 200), 4_687_500),
        (100_000, Fraction(DUST, 100_000), DUST),
        (99_999, Fraction(DUST, 100_000), 0),
        (0, Fraction(1, 2), 0),
    ],
)
def test_a_fee_is_rounded_down_and_never_dust(value: int, fee: Fraction, satoshis: int) -> None:
    assert fee_of(value, fee) == satoshis


def test_the_finder_comes_first_and_the_fee_behind() -> None:
    assert paying(Fraction(1, 100)).outputs(1_000_099) == (TxOut(990_099, FINDER), TxOut(10_000, OPERATOR))


@pytest.mark.parametrize(
    "payout", [paying(Fraction(0)), paying(Fraction(1, 1_000_000)), paying(Fraction(1, 2), FINDER)]
)
def test_without_a_fee_there_is_one_output(payout: FinderPayout) -> None:
    assert payout.outputs(1_000_000) == (TxOut(1_000_000, FINDER),)


def test_half_of_a_block_is_the_most_and_leaves_the_finder_no_less() -> None:
    assert paying(Fraction(1, 2)).outputs(1_093) == (TxOut(547, FINDER), TxOut(546, OPERATOR))
