"""Where miners come from is told to nobody but the operator."""

import pytest

from sluice.control.words import Fact
from sluice.web.discretion import HIDDEN, discreet


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("192.0.2.7", HIDDEN),
        ("192.0.2.7:3333", HIDDEN),
        ("[2001:db8::7]:3333", HIDDEN),
        ("2001:db8::7", HIDDEN),
        ("192.0.2.0/24", HIDDEN),
        ("2001:db8::/32", HIDDEN),
        ("banned: 192.0.2.0/24", f"banned: {HIDDEN}"),
        ("Miner not registered: 192.0.2.7:3333", f"Miner not registered: {HIDDEN}"),
        ("two (192.0.2.7, 192.0.2.8).", f"two {HIDDEN} {HIDDEN}"),
        ("closed by the peer", "closed by the peer"),
        ("protocol error: nonsense", "protocol error: nonsense"),
        ("bc1qalice.rig", "bc1qalice.rig"),
        ("192.0.2.7.rig", "192.0.2.7.rig"),
        ("", ""),
        (3, 3),
        (None, None),
        (["192.0.2.7:1", 5, "rig"], [HIDDEN, 5, "rig"]),
    ],
)
def test_an_address_is_three_dots_and_all_else_stays(told: Fact, shown: Fact) -> None:
    assert discreet({"reason": told}) == {"reason": shown}


def test_what_is_called_an_address_is_left_out_whatever_it_is() -> None:
    assert discreet({"address": "a cellar", "peer": 7}) == {"address": None, "peer": 7}
