"""Hashes against published digests."""

import pytest

from sluice.bitcoin.hashes import from_display, sha256, sha256d, tagged_hash, to_display

GENESIS = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"


def test_sha256_is_fips_180() -> None:
    assert sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_sha256d_hashes_twice() -> None:
    assert sha256d(b"hello").hex() == "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50"


@pytest.mark.parametrize(
    ("parts", "digest"),
    [  # BIP322's message hashes
        ((b"",), "c90c269c4f8fcbe6880f72a721ddfbf1914268a794cbb21cfafee13770ae19f1"),
        ((b"Hello World",), "f0eb03b1a75ac6d9847f55c624a99169b5dccba2a31f5b23bea77ba270de0a7a"),
        ((b"Hello", b" ", b"World"), "f0eb03b1a75ac6d9847f55c624a99169b5dccba2a31f5b23bea77ba270de0a7a"),
    ],
)
def test_tagged_hash_has_a_domain(parts: tuple[bytes, ...], digest: str) -> None:
    assert tagged_hash("BIP0322-signed-message", *parts).hex() == digest


def test_display_order_is_wire_order_backwards() -> None:
    wire = from_display(GENESIS)
    assert wire.hex() == "6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000"
    assert to_display(wire) == GENESIS


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not 0"),
        (GENESIS[:-1], "not 63"),
        (GENESIS + "00", "not 66"),
        ("g" + GENESIS[1:], "hex digits"),
        ("00 " + GENESIS[4:] + " ", "blanks"),
        (" " * 64, "blanks"),
    ],
)
def test_what_is_no_hash_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_display(text)
