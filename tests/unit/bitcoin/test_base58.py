"""Base58Check against texts that others wrote."""

import pytest

from sluice.bitcoin.base58 import MAX_TEXT, base58check_decode, base58check_encode

GENESIS_ADDRESS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("0062e907b15cbf27d5425399ebf6f0fb50ebb88f18", GENESIS_ADDRESS),
        ("00" * 21, "1111111111111111111114oLvT2"),
        ("", "3QJmnh"),
    ],
)
def test_both_ways(payload: str, text: str) -> None:
    written = base58check_encode(bytes.fromhex(payload))
    assert written == text
    assert base58check_decode(written).hex() == payload


def test_an_authority_key_of_the_field() -> None:
    """The key in SRI's example configurations: version 1, then 32 bytes."""
    payload = base58check_decode("9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72")
    assert payload[:2] == b"\x01\x00"
    assert len(payload) == 34


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GENESIS_ADDRESS.replace("z", "0"), "'0' at position 4 is not a base58 character"),
        (GENESIS_ADDRESS.replace("5", "é"), "'é' at position 9"),
        (GENESIS_ADDRESS + " ", "' ' at position 35"),
        (GENESIS_ADDRESS[:-1] + "b", "checksum"),
        ("1" + GENESIS_ADDRESS, "checksum"),
        (GENESIS_ADDRESS[1:], "checksum"),
        ("", "too short"),
        ("111", "too short"),
        ("1" * MAX_TEXT, "checksum"),
        ("1" * (MAX_TEXT + 1), "513 characters are too long"),
    ],
)
def test_what_is_wrong_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        base58check_decode(text)
