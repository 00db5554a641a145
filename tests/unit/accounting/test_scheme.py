"""Which channels are paid alike, and how."""

from fractions import Fraction

from sluice.accounting.payout import FinderPayout
from sluice.accounting.scheme import HOUSE, Pooled, Solo
from sluice.work.job import Payout

HOUSES = Payout(b"\x51", b"tag")


def test_in_pool_mode_everybody_mines_for_the_house() -> None:
    scheme = Pooled()
    assert scheme.payee_of(b"\x52") == scheme.payee_of(b"") == HOUSE
    assert scheme.payout_to(HOUSE, HOUSES) is HOUSES


def test_in_solo_mode_everybody_mines_for_who_is_named() -> None:
    scheme = Solo(Fraction(1, 50), b"\x53")
    assert scheme.payee_of(b"\x52") == b"\x52"
    assert scheme.payout_to(b"\x52", HOUSES) == FinderPayout(
        b"\x52", b"tag", fee=Fraction(1, 50), fee_script=b"\x53"
    )
    assert (Pooled.mode, Solo.mode) == ("pool", "solo")
