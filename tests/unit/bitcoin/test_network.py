"""The networks' table and their subsidies."""

import pytest

from sluice.bitcoin.network import (
    COIN,
    MAINNET,
    NETWORKS,
    REGTEST,
    SIGNET,
    TESTNET,
    TESTNET4,
    Network,
    network_of_chain,
    subsidy,
)


@pytest.mark.parametrize(
    ("chain", "network"),
    [("main", MAINNET), ("test", TESTNET), ("testnet4", TESTNET4), ("signet", SIGNET), ("regtest", REGTEST)],
)
def test_chain_names_of_getblockchaininfo(chain: str, network: Network) -> None:
    assert network_of_chain(chain) is network


def test_unknown_chain_names_the_known() -> None:
    with pytest.raises(ValueError, match="'mainnet'; known are main, test, testnet4, signet, regtest"):
        network_of_chain("mainnet")


def test_only_regtest_may_have_shares_harder_than_blocks() -> None:
    assert [network.name for network in NETWORKS if not network.clamp_to_network] == ["regtest"]


@pytest.mark.parametrize(
    ("height", "network", "satoshis"),
    [
        (0, MAINNET, 50 * COIN),
        (209_999, MAINNET, 50 * COIN),
        (210_000, MAINNET, 25 * COIN),
        (840_000, MAINNET, 312_500_000),
        (6_929_999, MAINNET, 1),
        (6_930_000, MAINNET, 0),
        (100 * 210_000, MAINNET, 0),
        *((209_999, network, 50 * COIN) for network in (TESTNET, TESTNET4, SIGNET)),
        *((210_000, network, 25 * COIN) for network in (TESTNET, TESTNET4, SIGNET)),
        (149, REGTEST, 50 * COIN),
        (150, REGTEST, 25 * COIN),
    ],
)
def test_subsidy(height: int, network: Network, satoshis: int) -> None:
    assert subsidy(height, network) == satoshis


def test_all_subsidies_are_all_the_bitcoin_there_will_be() -> None:
    eras = range(0, 64 * 210_000, 210_000)
    assert sum(210_000 * subsidy(height, MAINNET) for height in eras) == 2_099_999_997_690_000
