"""The authority's keys and the pool's URL, as people copy them."""

import pytest

from sluice.bitcoin.base58 import base58check_encode
from sluice.noise.authority import (
    AuthorityKey,
    PoolUrl,
    encode_public_key,
    encode_secret_key,
    parse_pool_url,
    parse_public_key,
    parse_secret_key,
)
from support.noise import AUTHORITY, AUTHORITY_SECRET

# Spec 4.7.1.
SPEC_RAW = bytes(
    [118, 99, 112, 0, 151, 156, 28, 17, 175, 12, 48, 11, 205, 140, 127, 228]
    + [134, 16, 252, 233, 185, 193, 30, 61, 174, 227, 90, 224, 176, 138, 116, 85]
)
SPEC_KEY = "9bXiEd8boQVhq7WddEcERUL5tyyJVFYdU8th3HfbNXK3Yw6GRXh"
# The reference implementation's default pair.
SRI_PUBLIC = "9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72"
SRI_SECRET = "mkDLTBBRxdBv998612qipDYoTK3YUrqLe8uWw7gu3iXbSrn2n"

KEY = encode_public_key(AUTHORITY)


def test_the_specifications_vector() -> None:
    assert encode_public_key(SPEC_RAW) == SPEC_KEY
    assert parse_public_key(SPEC_KEY) == SPEC_RAW


def test_the_reference_implementations_pair_belongs_together() -> None:
    authority = parse_secret_key(SRI_SECRET)
    assert encode_public_key(authority.public) == SRI_PUBLIC
    assert encode_secret_key(authority.secret) == SRI_SECRET
    assert parse_public_key(SRI_PUBLIC) == authority.public


def test_a_key_is_made_from_its_secret_and_keeps_it() -> None:
    authority = AuthorityKey.from_secret(AUTHORITY_SECRET)
    assert authority.public == AUTHORITY
    assert parse_secret_key(encode_secret_key(authority.secret)) == authority
    assert repr(authority) == f"AuthorityKey(public={AUTHORITY!r})"


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32])
def test_a_secret_outside_the_curve_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match="private key"):
        AuthorityKey.from_secret(secret)
    with pytest.raises(ValueError, match="private key"):
        parse_secret_key(base58check_encode(secret))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "too short"),
        ("9bXiEd8b0QVhq7WddEcERUL5tyyJVFYdU8th3HfbNXK3Yw6GRXh", "'0' at position 9"),
        (SPEC_KEY[:-1], "checksum"),
        (SPEC_KEY + "1", "checksum"),
        (SPEC_KEY[:20] + "z" + SPEC_KEY[21:], "checksum"),
        (SRI_SECRET, "form of a secret key"),
        (base58check_encode(b"\x01\x00" + SPEC_RAW[1:]), "33 bytes in place of 34"),
        (base58check_encode(b"\x02\x00" + SPEC_RAW), "version is 0200"),
        (base58check_encode(b"\x00\x01" + SPEC_RAW), "version is 0001"),
        (base58check_encode(b"\x01\x00" + b"\xff" * 32), "no point of the curve"),
    ],
)
def test_what_is_no_public_key_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"not an authority public key: .*{reason}"):
        parse_public_key(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SRI_PUBLIC, "form of a public key"),
        (SRI_SECRET[:-1], "wrong or missing"),
        ("", "wrong or missing"),
        (base58check_encode(bytes(31)), "31 bytes in place of 32"),
    ],
)
def test_what_is_no_secret_key_says_why_without_repeating_it(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"not an authority secret key: .*{reason}") as refused:
        parse_secret_key(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"stratum2+tcp://thepool.com:34254/{SPEC_KEY}", PoolUrl("thepool.com", 34254, SPEC_RAW)),
        (f"stratum2+tcp://127.0.0.1:1/{KEY}", PoolUrl("127.0.0.1", 1, AUTHORITY)),
        (f"stratum2+tcp://[::1]:65535/{KEY}", PoolUrl("::1", 65535, AUTHORITY)),
        ("stratum2+tcp://pool:3333", PoolUrl("pool", 3333)),
    ],
)
def test_a_pool_url_is_its_parts_and_the_parts_are_the_url(text: str, url: PoolUrl) -> None:
    assert parse_pool_url(text) == url
    assert str(url) == text


def test_what_people_paste_around_a_url_is_forgiven() -> None:
    assert parse_pool_url(" STRATUM2+TCP://pool:3333/\n") == PoolUrl("pool", 3333)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has not the form stratum2"),
        ("pool:3333", "has not the form"),
        ("stratum2+tcp://", "has not the form"),
        ("stratum2+tcp://:3333", "has not the form"),
        ("stratum2+tcp://user@pool:3333", "has not the form"),
        ("stratum2+tcp://::1:3333", "has not the form"),
        ("stratum2+tcp://[::1]3333", "has not the form"),
        ("stratum2+tcp://[pool]:3333", "has not the form"),
        ("stratum2+tcp://po ol:3333", "has not the form"),
        ("stratum2+tcp://pool?x=1:3333", "has not the form"),
        ("stratum+tcp://pool:3333", r"not a Stratum V2 URL: it begins with stratum\+tcp://"),
        ("http://pool:3333", "it begins with http://"),
        (f"stratum2+tcp://pool/{SPEC_KEY}", "names no port: stratum2"),
        ("stratum2+tcp://pool:", "names no port"),
        ("stratum2+tcp://pool:0", "port is '0'"),
        ("stratum2+tcp://pool:65536", "port is '65536'"),
        ("stratum2+tcp://pool:3333x", "port is '3333x'"),
        ("stratum2+tcp://pool:-1", "port is '-1'"),
        ("stratum2+tcp://pool:٣٣", "not a number from 1 to 65535"),
        ("stratum2+tcp://pool:" + "9" * 5000, "not a number from 1 to 65535"),
        (f"stratum2+tcp://pool:3333/{SPEC_KEY[:-1]}", "not an authority public key: .*checksum"),
        (f"stratum2+tcp://pool:3333/{SPEC_KEY}/x", "not an authority public key: '/' at position 52"),
    ],
)
def test_what_is_no_pool_url_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_pool_url(text)
