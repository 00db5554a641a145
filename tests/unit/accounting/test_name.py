"""A name is an account and a worker."""

import pytest

from sluice.accounting.name import Earner, Known, Names, Stranger, earner_of, look_up
from sluice.bitcoin.network import MAINNET, REGTEST, SIGNET, TESTNET4, Network


@pytest.mark.parametrize(
    ("name", "account", "worker"),
    [
        ("alice", "alice", ""),
        ("alice.rig", "alice", "rig"),
        ("alice_rig", "alice", "rig"),
        ("alice.rig_7", "alice", "rig_7"),
        ("alice_rig.7", "alice", "rig.7"),
        ("alice.", "alice", ""),
        (".rig", "", "rig"),
        ("", "", ""),
    ],
)
def test_the_first_separator_ends_the_account(name: str, account: str, worker: str) -> None:
    assert earner_of(name) == Earner(account, worker)


def test_a_worker_named_with_the_share_outweighs_the_one_in_the_name() -> None:
    assert earner_of("alice.proxy", "rig7") == Earner("alice", "rig7")
    assert earner_of("alice.proxy", "") == Earner("alice", "proxy")


MAIN = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
TEST = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"
REG = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
SEGWIT = bytes.fromhex("0014751e76e8199196d454941c45d1b3a323f1433bd6")
GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
EITHER = list(Names)


def test_a_segwit_address_is_one_account_in_either_form_and_nothing_else_is() -> None:
    assert earner_of(f"{MAIN.upper()}.Rig7") == Earner(MAIN, "Rig7")
    assert earner_of(f"{MAIN}_Rig7") == Earner(MAIN, "Rig7")
    mixed = MAIN[:-1] + "T"
    assert earner_of(mixed).account == mixed
    assert earner_of(GENESIS).account == GENESIS
    assert earner_of("ALICE").account == "ALICE"


@pytest.mark.parametrize("names", EITHER)
@pytest.mark.parametrize(
    ("name", "network", "earner"),
    [
        (MAIN, MAINNET, Earner(MAIN, "")),
        (f"{MAIN}.rig", MAINNET, Earner(MAIN, "rig")),
        (f"{MAIN.upper()}_rig.2", MAINNET, Earner(MAIN, "rig.2")),
        (f"{TEST}.", SIGNET, Earner(TEST, "")),
        (TEST, TESTNET4, Earner(TEST, "")),
    ],
)
def test_an_address_is_known_on_its_network(
    name: str, network: Network, earner: Earner, names: Names
) -> None:
    assert look_up(name, network, names) == Known(earner, SEGWIT)


@pytest.mark.parametrize("names", EITHER)
@pytest.mark.parametrize(
    ("name", "elsewhere", "said"),
    [
        (MAIN, True, "not an address for regtest: the prefix 'bc' is right for main"),
        (f"{TEST}.rig", True, "is right for test"),
        (GENESIS, True, "not an address for regtest: the version byte 0 is right for main"),
        (REG[:-1] + "q", False, "the checksum does not match"),
        (REG[:-1] + "P", False, "capital and small letters are mixed"),
        (REG[:-3], False, "the checksum does not match"),
        (GENESIS[:-1] + "b", False, "the checksum does not match"),
        ("bcrt1.rig", False, "too short"),
    ],
)
def test_what_looks_like_an_address_has_to_be_one(
    name: str, names: Names, said: str, *, elsewhere: bool
) -> None:
    stranger = look_up(name, REGTEST, names)
    assert isinstance(stranger, Stranger)
    assert stranger.elsewhere is elsewhere
    assert said in stranger.reason
    assert "a name is the address to be paid, and .worker behind it" in stranger.reason
    assert ('accounts.names = "any"' in stranger.reason) is (names is Names.ADDRESS)
    assert name.partition(".")[0] not in stranger.reason, "people paste private keys, too"


@pytest.mark.parametrize(
    "name", ["alice.rig", "", "127.0.0.1:3333", "\udcff\udc80", "<script>", "\u202e", "a" * 255]
)
def test_other_names_may_mine_where_the_operator_says_so(name: str) -> None:
    assert look_up(name, REGTEST, Names.ANY) == Known(earner_of(name), b"")
    stranger = look_up(name, REGTEST, Names.ADDRESS)
    assert isinstance(stranger, Stranger)
    assert not stranger.elsewhere
    assert stranger.reason.encode()


def test_a_long_name_is_not_parsed_and_a_long_worker_does_not_matter() -> None:
    stranger = look_up("bc1" + "q" * 252, MAINNET, Names.ANY)
    assert isinstance(stranger, Stranger)
    assert stranger.reason.startswith("255 letters are no address")
    assert look_up(f"{MAIN}.{'x' * 212}", MAINNET, Names.ADDRESS) == Known(Earner(MAIN, "x" * 212), SEGWIT)
