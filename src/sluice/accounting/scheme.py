"""Who is paid by a block, as a scheme: which channels are paid alike, and how.

A payee is the script that a channel's blocks pay; HOUSE is whoever the pool itself pays. Rule: channels of one payee
share their jobs, channels of two never do.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from sluice.accounting.payout import FinderPayout
from sluice.work.job import Payout

#: The payee of all channels whose work is credited, and paid by the pool.
HOUSE = b""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Every block pays the house; what it owes whom, the record says."""

    mode: ClassVar[str] = "pool"

    def payee_of(self, script: bytes) -> bytes:
        """Whom the blocks of a channel pay whose name has this script."""
        return HOUSE

    def payout_to(self, payee: bytes, house: Payout) -> Payout:
        """How a block pays it."""
        return house


@dataclass(frozen=True, slots=True)
class Solo:
    """Every block pays its finder, but for a fee. Names need an address: there is nobody else to pay."""

    mode: ClassVar[str] = "solo"
    fee: Fraction = Fraction(0)
    fee_script: bytes = b""

    def payee_of(self, script: bytes) -> bytes:
        """Whom the blocks of a channel pay whose name has this script."""
        return script

    def payout_to(self, payee: bytes, house: Payout) -> Payout:
        """How a block pays it; the tag is the house's."""
        return FinderPayout(payee, house.pool_tag, fee=self.fee, fee_script=self.fee_script)


Scheme = Pooled | Solo
