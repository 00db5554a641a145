"""A script becomes the address that people know it by."""

import pytest

from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.address_text import address_of_script, carries_data
from sluice.bitcoin.network import MAINNET, NETWORKS, REGTEST, TESTNET, Network
from sluice.bitcoin.script import op_return, witness_commitment_script

PUBLISHED = [  # BIP173, BIP350, and of the first blocks
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
]


@pytest.mark.parametrize("text", PUBLISHED)
def test_it_is_the_way_back(text: str) -> None:
    assert address_of_script(script_for_address(text, MAINNET), MAINNET) == text


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_each_network_has_its_own(network: Network) -> None:
    for script in (
        bytes.fromhex("76a914" + "11" * 20 + "88ac"),
        bytes.fromhex("a914" + "22" * 20 + "87"),
        bytes.fromhex("0014" + "33" * 20),
        bytes.fromhex("5120" + "44" * 32),
    ):
        text = address_of_script(script, network)
        assert text is not None
        assert script_for_address(text, network) == script


@pytest.mark.parametrize(
    "script",
    ["", "00", "51", "6a00", "0013" + "00" * 19, "21" + "02" * 33 + "ac", "4e20" + "00" * 32, "00" * 60],
)
def test_some_have_none(script: str) -> None:
    assert address_of_script(bytes.fromhex(script), REGTEST) is None


def test_a_future_witness_version_has_one_too() -> None:
    assert address_of_script(bytes.fromhex("60" + "02" + "751e"), MAINNET) == "bc1sw50qgdz25j"


def test_data_is_told_apart() -> None:
    assert carries_data(op_return(b"x"))
    assert carries_data(witness_commitment_script(bytes(32)))
    assert not carries_data(b"")
    assert address_of_script(op_return(bytes(18)), TESTNET) is None
