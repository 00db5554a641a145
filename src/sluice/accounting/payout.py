"""What a block's value comes to, output by output.

Rule: integers and exact fractions only, and every satoshi goes somewhere: the outputs are the value, whatever the fee.
"""

from dataclasses import dataclass
from fractions import Fraction

from sluice.bitcoin.transaction import TxOut
from sluice.work.job import Payout

#: Satoshis below which an output costs more to spend than it holds (Core's for its largest usual output, p2pkh).
DUST = 546


def fee_of(value: int, fee: Fraction) -> int:
    """The whole satoshis of a fee on `value`; 0 if they are dust, which nobody is to be sent."""
    satoshis = value * fee.numerator // fee.denominator
    return satoshis if satoshis >= DUST else 0


@dataclass(frozen=True, slots=True)
class FinderPayout(Payout):
    """All to the finder, but a fee of at most one half: the finder's output comes first."""

    fee: Fraction = Fraction(0)
    fee_script: bytes = b""

    def outputs(self, value: int) -> tuple[TxOut, ...]:
        """One output or two, of exactly `value` satoshis together."""
        fee = fee_of(value, self.fee)
        if not fee or self.fee_script == self.script_pubkey:
            return (TxOut(value, self.script_pubkey),)
        return TxOut(value - fee, self.script_pubkey), TxOut(fee, self.fee_script)
