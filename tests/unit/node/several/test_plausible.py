from dataclasses import replace

import pytest

from sluice.bitcoin.network import COIN, MAINNET, REGTEST, subsidy
from sluice.node.several.plausible import AHEAD_SECONDS, MOST_FEES, Offer, implausible
from sluice.work.template import Template
from support.work import EARLIEST, HEIGHT, NTIME, spend, template

SUBSIDY = subsidy(HEIGHT, MAINNET)


def look(offered: Template) -> str:
    return implausible(Offer(offered, MAINNET, NTIME))


def test_what_nodes_offer_is_plausible() -> None:
    assert look(template()) == ""
    assert look(template(transactions=(spend(5_000), spend(70)))) == ""
    assert implausible(Offer(template(151, coinbase_value=subsidy(151, REGTEST)), REGTEST, NTIME)) == ""


def test_less_than_the_most_is_allowed() -> None:
    assert look(template(coinbase_value=0)) == ""


def test_nobody_is_paid_more_than_subsidy_and_fees() -> None:
    words = "a reward of 5000000000 satoshis at height 800000, where 625000000 are the most"
    assert look(template(coinbase_value=50 * COIN)) == words
    one_too_many = template(transactions=(spend(5_000),), coinbase_value=SUBSIDY + 5_001)
    assert "where 625005000 are the most" in look(one_too_many)


def test_a_node_that_says_nothing_of_fees_may_have_some() -> None:
    silent = replace(template(transactions=(spend(1),)), fees=0, coinbase_value=SUBSIDY + MOST_FEES)
    assert look(silent) == ""
    for fees in (0, MOST_FEES + 1):  # a node may reckon them from the reward
        assert "are the most" in look(replace(silent, fees=fees, coinbase_value=SUBSIDY + MOST_FEES + 1))


def test_a_block_that_is_too_late_for_the_network_is_not_mined() -> None:
    assert look(template(min_ntime=NTIME + AHEAD_SECONDS)) == ""
    assert look(template(min_ntime=NTIME + AHEAD_SECONDS + 60)) == "a block of 7060 seconds from now"
    assert look(template(min_ntime=EARLIEST)) == ""


@pytest.mark.parametrize("nbits", [0, 0x0180_0001, 0x2300_FFFF])
def test_some_nbits_no_hash_can_meet(nbits: int) -> None:
    assert "no hash can be good" in look(template(nbits=nbits))


def test_the_genesis_is_not_mined_again() -> None:
    assert look(replace(template(), height=0)) == "a block at height 0"
