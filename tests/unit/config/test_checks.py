from dataclasses import replace

import pytest

from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.config.checks import (
    CHECKS,
    a_key_needs_encryption,
    a_provider_needs_a_network,
    address_fits_network,
    address_is_given,
    credentials_are_whole,
    embedded_is_regtest,
    names_differ,
    network_of_config,
    nodes_are_on_one_network,
    url_is_of_its_kind,
)
from sluice.config.node_table import Node
from sluice.config.table import OPTIONS, SECTIONS, SEVERAL, Config, Pool

DEFAULT = Config(**{name: cls() for name, cls in SECTIONS.items() if name != SEVERAL}, nodes=(Node(),))

# BIP173's example key: nobody's, as everybody knows its secret.
MAIN_ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
TEST_ADDRESS = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"
REGTEST_ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"


def config(address: str = MAIN_ADDRESS, **node: object) -> Config:
    return replace(DEFAULT, pool=Pool(address=address), nodes=(replace(Node(), **node),))  # type: ignore[arg-type]


def test_somebody_must_be_paid_and_three_ways_to_say_who_are_named() -> None:
    assert address_is_given(config()) is None
    words = address_is_given(DEFAULT)
    assert words
    for way_out in ("[pool]", "--address", "SLUICE_POOL__ADDRESS"):
        assert way_out in words


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (MAIN_ADDRESS, "main"),
        (TEST_ADDRESS, "test"),
        (TEST_ADDRESS, "testnet4"),
        (TEST_ADDRESS, "signet"),
        (REGTEST_ADDRESS, "regtest"),
        (MAIN_ADDRESS, "auto"),
        (TEST_ADDRESS, "auto"),
        (REGTEST_ADDRESS, "auto"),
        ("", "main"),
    ],
)
def test_an_address_of_the_named_network_is_fine(address: str, network: str) -> None:
    assert address_fits_network(config(address, network=network)) is None


@pytest.mark.parametrize(
    ("address", "network", "words"),
    [
        (MAIN_ADDRESS, "regtest", "cannot be paid: not an address for regtest: .*mainnet"),
        (TEST_ADDRESS, "main", "cannot be paid: not an address for mainnet: .*testnet4"),
        (MAIN_ADDRESS[:-1] + "5", "main", "cannot be paid: .*checksum"),
        (MAIN_ADDRESS[:-1] + "5", "auto", "cannot be paid: not an address: .*checksum"),
        (TEST_ADDRESS[:-1] + "y", "auto", "cannot be paid: not an address: .*checksum"),
        ("hello", "auto", "cannot be paid: not an address: .*begins like no Bitcoin address"),
    ],
)
def test_another_address_is_refused_with_the_reason(address: str, network: str, words: str) -> None:
    said = address_fits_network(config(address, network=network))
    assert said
    with pytest.raises(ValueError, match=words):
        raise ValueError(said)


def test_the_embedded_node_is_on_regtest() -> None:
    assert network_of_config(config(kind="embedded")) is REGTEST
    assert network_of_config(config(network="main")) is MAINNET
    assert network_of_config(config()) is None
    assert "regtest" in (address_fits_network(config(kind="embedded")) or "")
    assert embedded_is_regtest(config(kind="embedded")) is None
    assert embedded_is_regtest(config(kind="embedded", network="regtest")) is None
    assert embedded_is_regtest(config(network="main")) is None
    assert "auto or regtest" in (embedded_is_regtest(config(kind="embedded", network="main")) or "")


def test_all_nodes_are_on_one_network() -> None:
    nodes = (Node(), Node(network="main"), Node(kind="embedded"), Node(network="main"))
    several = replace(DEFAULT, nodes=nodes)
    assert network_of_config(several) is MAINNET
    found = [nodes_are_on_one_network(several, number) for number in range(4)]
    assert found == [
        None,
        None,
        "is regtest here, and an earlier node is on mainnet: one pool mines on one network",
        None,
    ]


def test_no_two_nodes_share_a_name() -> None:
    several = replace(DEFAULT, nodes=(Node(name="a"), Node(name="b"), Node(name="a")))
    assert [names_differ(several, number) for number in range(3)] == [
        None,
        None,
        '"a" is taken by an earlier node: each needs its own',
    ]


def test_user_and_password_come_together() -> None:
    assert credentials_are_whole(config()) is None
    assert credentials_are_whole(config(user="a", password="b")) is None
    assert credentials_are_whole(config(password="b")) == "needs node.user beside it"
    assert "cookie" in (credentials_are_whole(config(user="a")) or "")


def test_every_check_looks_at_options_that_there_are() -> None:
    for check in CHECKS:
        assert set(check.options) <= set(OPTIONS)


PROVIDER = "stratum2+tcp://127.0.0.1:8442/9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72"


@pytest.mark.parametrize(
    ("kind", "url", "words"),
    [
        ("bitcoind", "http://127.0.0.1:8332", None),
        ("bitcoind", PROVIDER, 'set node.kind to "template_provider"'),
        ("template_provider", PROVIDER, None),
        ("template_provider", "http://127.0.0.1:8332", "as `sluice templates` prints it"),
        ("embedded", "http://127.0.0.1:8332", None),
    ],
)
def test_a_url_is_of_its_kind(kind: str, url: str, words: str | None) -> None:
    said = url_is_of_its_kind(config(kind=kind, url=url))
    assert said is None if words is None else words in (said or "")


def test_the_network_of_a_template_provider_is_named_for_it_or_for_another() -> None:
    assert a_provider_needs_a_network(config(kind="template_provider", network="main")) is None
    assert a_provider_needs_a_network(config()) is None
    words = a_provider_needs_a_network(config(kind="template_provider")) or ""
    assert 'network = "main"' in words
    provider = Node(kind="template_provider")
    assert a_provider_needs_a_network(replace(DEFAULT, nodes=(provider, Node())))
    for other in (Node(network="signet"), Node(kind="embedded")):
        assert a_provider_needs_a_network(replace(DEFAULT, nodes=(provider, other))) is None


def test_a_key_is_checked_under_encryption_only() -> None:
    plain = {"kind": "template_provider", "encryption": "none"}
    assert a_key_needs_encryption(config(kind="template_provider", url=PROVIDER)) is None
    assert a_key_needs_encryption(config(**plain, url="stratum2+tcp://127.0.0.1:8442")) is None
    assert "leave out one of them" in (a_key_needs_encryption(config(**plain, url=PROVIDER)) or "")
    # Of other kinds, or with another mistake, there is nothing to say.
    assert a_key_needs_encryption(config(**plain)) is None
    assert a_key_needs_encryption(config(encryption="none", url=PROVIDER)) is None
