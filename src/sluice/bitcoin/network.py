"""The Bitcoin networks as a table, and the subsidy that each pays."""

from dataclasses import dataclass

COIN = 100_000_000
_FIRST_SUBSIDY = 50 * COIN


@dataclass(frozen=True, slots=True)
class Network:
    """One network. `chain` is what its nodes call it in getblockchaininfo.

    `clamp_to_network`: a share target is never harder than the network's, or blocks would be missed.
    Regtest alone goes without: its blocks are so easy that every hash would be a share.
    """

    name: str
    chain: str
    bech32_hrp: str
    p2pkh_version: int
    p2sh_version: int
    halving_interval: int
    clamp_to_network: bool = True


MAINNET = Network("mainnet", "main", "bc", 0, 5, 210_000)
TESTNET = Network("testnet", "test", "tb", 111, 196, 210_000)
TESTNET4 = Network("testnet4", "testnet4", "tb", 111, 196, 210_000)
SIGNET = Network("signet", "signet", "tb", 111, 196, 210_000)
REGTEST = Network("regtest", "regtest", "bcrt", 111, 196, 150, clamp_to_network=False)

NETWORKS = (MAINNET, TESTNET, TESTNET4, SIGNET, REGTEST)

_BY_CHAIN = {network.chain: network for network in NETWORKS}


def network_of_chain(chain: str) -> Network:
    """The network whose nodes call it `chain`; ValueError names those we know."""
    try:
        return _BY_CHAIN[chain]
    except KeyError:
        raise ValueError(f"no network is called {chain!r}; known are {', '.join(_BY_CHAIN)}") from None


def subsidy(height: int, network: Network) -> int:
    """Satoshis that a block at this height may create."""
    return _FIRST_SUBSIDY >> height // network.halving_interval
