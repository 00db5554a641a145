"""Whom blocks pay on a network, by the configuration."""

from fractions import Fraction

import pytest

from sluice.accounting.scheme import Pooled, Solo
from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.config import Config, ConfigError, read_config
from sluice.config.paying import (
    ANY_OUTPUT,
    NOBODY,
    CannotPay,
    can_pay,
    payout_in_words,
    payout_of,
    room_for_payouts,
    scheme_of,
)
from sluice.tdp.constraints import Constraints
from support.solo import address, script_of

HOUSE, FEE = address(0), address(2)
MAIN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def configured(**settings: object) -> Config:
    """Checked, as for `sluice run` on the embedded chain."""
    given = {"node__kind": "embedded"} | settings
    return read_config(None, {f"SLUICE_{key.upper()}": str(value) for key, value in given.items()})


def test_a_pool_pays_its_address() -> None:
    config = configured(pool__address=HOUSE)
    assert payout_of(config, REGTEST).script_pubkey == script_of(HOUSE)
    assert scheme_of(config, REGTEST) == Pooled()
    assert payout_in_words(config) == HOUSE
    assert room_for_payouts(config) == Constraints(31, 0)


def test_solo_without_a_fee_needs_no_address_of_the_operator_s() -> None:
    config = configured(accounts__mode="solo")
    assert payout_of(config, REGTEST).script_pubkey == NOBODY
    assert scheme_of(config, REGTEST) == Solo()
    assert payout_in_words(config) == "the finder of each block"
    assert room_for_payouts(config) == ANY_OUTPUT


@pytest.mark.parametrize(
    ("settings", "paid"),
    [
        ({"accounts__fee_address": FEE}, FEE),
        ({"pool__address": HOUSE}, HOUSE),
        ({"pool__address": HOUSE, "accounts__fee_address": FEE}, FEE),
    ],
)
def test_a_fee_is_exactly_what_was_written_and_has_somewhere_to_go(
    settings: dict[str, object], paid: str
) -> None:
    config = configured(accounts__mode="solo", accounts__fee_percent="0.1", **settings)
    assert scheme_of(config, REGTEST) == Solo(Fraction(1, 1000), script_of(paid))
    assert payout_in_words(config) == "the finder of each block, less 0.1 %"
    fee = room_for_payouts(config).size - ANY_OUTPUT.size
    assert fee == 9 + len(script_of(paid))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"accounts__mode": "pool"}, "pool.address is not set"),
        ({"accounts__mode": "solo", "accounts__fee_percent": 1}, "pool.address is not set"),
        ({"pool__address": HOUSE, "accounts__fee_percent": 1}, 'accounts.fee_percent is for mode = "solo"'),
        ({"accounts__mode": "solo", "accounts__fee_address": MAIN}, "accounts.fee_address cannot be paid"),
        ({"accounts__mode": "solo", "accounts__fee_percent": 51}, "accounts.fee_percent must be"),
    ],
)
def test_what_cannot_be_paid_is_a_mistake(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        configured(**settings)
    assert said in str(error.value)


def test_every_address_is_the_network_s_or_nobody_mines() -> None:
    config = configured(accounts__mode="solo", accounts__fee_percent=1, accounts__fee_address=FEE)
    assert can_pay(config, REGTEST)
    assert not can_pay(config, MAINNET)
    with pytest.raises(
        CannotPay, match=r"the node is on mainnet, and accounts.fee_address is not an address"
    ):
        payout_of(config, MAINNET)
