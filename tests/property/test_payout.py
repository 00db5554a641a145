"""Every satoshi of a block goes somewhere, whatever its value and the fee."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sluice.accounting.payout import DUST, FinderPayout

#: All coins that there will ever be, in satoshis.
ALL_COINS = 2_100_000_000_000_000

values = st.integers(0, ALL_COINS) | st.integers(0, 3 * DUST)
fees = st.fractions(0, Fraction(1, 2), max_denominator=10**9)


@given(value=values, fee=fees, own=st.booleans())
def test_the_outputs_are_the_value(value: int, fee: Fraction, *, own: bool) -> None:
    finder, operator = b"\x51", b"\x51" if own else b"\x52"
    outputs = FinderPayout(finder, b"tag", fee=fee, fee_script=operator).outputs(value)
    assert sum(each.value for each in outputs) == value
    assert outputs[0].script_pubkey == finder
    assert 1 <= len(outputs) <= 2
    for paid in outputs[1:]:
        assert paid.script_pubkey == operator
        assert DUST <= paid.value <= fee * value < paid.value + 1
        assert paid.value <= outputs[0].value
