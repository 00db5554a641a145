"""Addresses: BIP173's, BIP350's, Core's, and what we say about those that are wrong."""

import pytest

from sluice.bitcoin.address import (
    AddressError,
    decode_witness_program,
    looks_like_address,
    script_for_address,
)
from sluice.bitcoin.base58 import base58check_encode
from sluice.bitcoin.bech32 import bech32_decode
from sluice.bitcoin.network import MAINNET, REGTEST, SIGNET, TESTNET, TESTNET4, Network
from support.bech32 import segwit_address

KEY = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
KEY_HASH = "751e76e8199196d454941c45d1b3a323f1433bd6"
SCRIPT_HASH = "1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262"

MAIN_KEY_HASH = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
MAIN_KEY = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


@pytest.mark.parametrize(
    ("text", "networks", "script"),
    [
        (MAIN_KEY_HASH, (MAINNET,), "0014" + KEY_HASH),
        (MAIN_KEY_HASH.upper(), (MAINNET,), "0014" + KEY_HASH),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", (TESTNET, TESTNET4, SIGNET), "0014" + KEY_HASH),
        (
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
            (MAINNET,),
            "0020" + SCRIPT_HASH,
        ),
        (
            "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
            (TESTNET, TESTNET4, SIGNET),
            "0020" + SCRIPT_HASH,
        ),
        (
            "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
            (TESTNET, TESTNET4, SIGNET),
            "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        (
            "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
            (TESTNET, TESTNET4, SIGNET),
            "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
        ),
        (MAIN_KEY, (MAINNET,), "5120" + KEY),
        # Core's key_io_valid.json
        (GENESIS, (MAINNET,), "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"),
        (
            "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
            (MAINNET,),
            "76a914a31c06bd463e3923bc1aadbde48b16976c08071788ac",
        ),
        (
            "36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm",
            (MAINNET,),
            "a914373b819a068f32b7a6b38b6b38729647cfde01c287",
        ),
        (
            "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
            (TESTNET, TESTNET4, SIGNET, REGTEST),
            "76a914ce28b26c57472737f5c3561a1761185bd8589a4388ac",
        ),
        (
            "n4fajahJrAuKbN7uNsKjLjQkz9Qn5ewJXQ",
            (TESTNET, TESTNET4, SIGNET, REGTEST),
            "76a914fdeca3b08e38af53d7c4c60e3ad208ce5066441088ac",
        ),
        (
            "2NC2hEhe28ULKAJkW5MjZ3jtTMJdvXmByvK",
            (TESTNET, TESTNET4, SIGNET, REGTEST),
            "a914ce0bba75891ff9ec60148d4bd4a09ee2dc5c933187",
        ),
        (
            "bcrt1qdavt4j2sd7dlhqsavtnfxvzppw6k7qy97tmnu9",
            (REGTEST,),
            "00146f58bac9506f9bfb821d62e69330410bb56f0085",
        ),
        (
            "bcrt1qan8gntac7z7me2ejt4hpru42ad2f759fmy0m3ejvs98656znv7eqga4uhv",
            (REGTEST,),
            "0020ecce89afb8f0bdbcab325d6e11f2aaeb549f50a9d91fb8e64c814faa685367b2",
        ),
        (
            "bcrt1pfwxjqvtt4tcxrtdluukfmy2dv7xd2qzdfy6kajv5nwn4yam3wxkq3553uh",
            (REGTEST,),
            "51204b8d20316baaf061adbfe72c9d914d678cd5004d49356ec9949ba752777171ac",
        ),
    ],
)
def test_script(text: str, networks: tuple[Network, ...], script: str) -> None:
    for network in networks:
        assert script_for_address(text, network).hex() == script


@pytest.mark.parametrize(
    ("text", "network", "sentence"),
    [
        # Another network's, and whose
        (MAIN_KEY_HASH, REGTEST, "not an address for regtest: the prefix 'bc' is right for mainnet"),
        (MAIN_KEY, TESTNET, "not an address for testnet: the prefix 'bc' is right for mainnet"),
        (
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            MAINNET,
            "not an address for mainnet: the prefix 'tb' is right for testnet, testnet4, signet",
        ),
        (
            "bcrt1qdavt4j2sd7dlhqsavtnfxvzppw6k7qy97tmnu9",
            SIGNET,
            "not an address for signet: the prefix 'bcrt' is right for regtest",
        ),
        (GENESIS, REGTEST, "not an address for regtest: the version byte 0 is right for mainnet"),
        (
            "36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm",
            TESTNET4,
            "not an address for testnet4: the version byte 5 is right for mainnet",
        ),
        (
            "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
            MAINNET,
            "the version byte 111 is right for testnet, testnet4, signet, regtest",
        ),
        (base58check_encode(b"\x70" + bytes(20)), MAINNET, "the version byte 112 is of no Bitcoin network"),
        # No network's
        ("", MAINNET, "begins like no Bitcoin address; those begin with 1, 3, m, n, 2, bc1, tb1, bcrt1"),
        ("tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", MAINNET, "begins like no Bitcoin address"),
        ("5HsL2nZuEebU5nM3RxNVQD9GcAnvNMahqQskf4fkqHe54zwd14e", MAINNET, "begins like no Bitcoin address"),
        # Mistyped
        (MAIN_KEY_HASH[:-1] + "5", MAINNET, "the checksum does not match"),
        (GENESIS[:-1] + "b", MAINNET, "the checksum does not match"),
        (GENESIS.replace("z", "O"), MAINNET, "'O' at position 4 is not a base58 character"),
        (MAIN_KEY_HASH.replace("w", "b"), MAINNET, "'b' at position 5 is not a bech32 character"),
        (MAIN_KEY_HASH[:4] + MAIN_KEY_HASH[4:].upper(), MAINNET, "capital and small letters are mixed"),
        (MAIN_KEY_HASH + " ", MAINNET, "' ' at position 43"),
        (base58check_encode(b"\x00" + bytes(19)), MAINNET, "20 bytes are in it, an address has 21"),
        (base58check_encode(b"\x00" + bytes(21)), MAINNET, "22 bytes are in it, an address has 21"),
        # One checksum where the other is asked for
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            MAINNET,
            "witness version 1 is written in bech32m, this is bech32",
        ),
        (
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
            MAINNET,
            "witness version 0 is written in bech32, this is bech32m",
        ),
        # Valid addresses that nobody could claim for themselves
        ("BC1SW50QGDZ25J", MAINNET, "witness version 16 with 2 bytes has no rules yet: anyone could spend"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", MAINNET, "witness version 2 with 16 bytes has no rules yet"),
        (segwit_address("bc", 1, bytes.fromhex("4e73")), MAINNET, "witness version 1 with 2 bytes"),
    ],
)
def test_what_is_wrong_is_named(text: str, network: Network, sentence: str) -> None:
    with pytest.raises(AddressError) as caught:
        script_for_address(text, network)
    assert sentence in str(caught.value)


def test_a_private_key_is_not_repeated() -> None:
    secret = "5HsL2nZuEebU5nM3RxNVQD9GcAnvNMahqQskf4fkqHe54zwd14e"
    with pytest.raises(AddressError) as caught:
        script_for_address(secret, MAINNET)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "version", "program"),
    [  # BIP350, what `test_script` has not
        (
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
            1,
            KEY_HASH + KEY_HASH,
        ),
        ("BC1SW50QGDZ25J", 16, "751e"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", 2, "751e76e8199196d454941c45d1b3a323"),
    ],
)
def test_witness_programs_of_the_future(text: str, version: int, program: str) -> None:
    assert decode_witness_program(bech32_decode(text)) == (version, bytes.fromhex(program))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [  # BIP350 and BIP173, what is valid bech32 or bech32m but no segwit address
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "in bech32m, this is bech32"),
        ("tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "in bech32m, this is bech32"),
        ("BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "in bech32m, this is bech32"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "in bech32, this is bech32m"),
        ("tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47", "in bech32, this is bech32m"),
        ("BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", "version 17 is above 16"),
        ("BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2", "version 17 is above 16"),
        ("bc1pw5dgrnzv", "no program of 1 bytes"),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
            "no program of 41 bytes",
        ),
        ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "version 0 has no program of 16 bytes"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "padding"),
        ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "padding"),
        ("bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du", "padding"),
        ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv", "padding"),
        ("bc1gmk9yu", "no witness version"),
    ],
)
def test_no_witness_program(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        decode_witness_program(bech32_decode(text))


@pytest.mark.parametrize(
    "text",
    [
        MAIN_KEY_HASH,
        MAIN_KEY_HASH.upper(),
        MAIN_KEY_HASH[:-1],
        "bc1",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "BCRT1Q",
        GENESIS,
        GENESIS[:-2],
        GENESIS + "z",
        GENESIS.replace("QGef", "0OIl"),
        "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
    ],
)
def test_what_people_would_take_for_an_address_looks_like_one(text: str) -> None:
    assert looks_like_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "me",
        "1",
        "mymachineinthegaragebehindthehouse",
        "2" * 34,
        GENESIS[:20],
        GENESIS * 2,
        "mÄ" * 15,
    ],
)
def test_a_name_does_not(text: str) -> None:
    assert not looks_like_address(text)
