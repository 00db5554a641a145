"""The curve against BIP324's and BIP340's own vectors."""

import csv
from pathlib import Path

import pytest

from sluice.noise.curve import (
    KeyPair,
    ecdh,
    ellswift_to_x_only,
    is_x_only_public_key,
    key_pair,
    sign,
    verify,
    x_only_public_key,
)

VECTORS = Path(__file__).parents[2] / "vectors"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FIELD = 2**256 - 2**32 - 977


def rows(name: str) -> list[dict[str, str]]:
    with (VECTORS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def named(name: str, *columns: str) -> list[object]:
    """Each vector as a test case; its id is its place in the file."""
    return [pytest.param(*(row[c] for c in columns), id=str(i)) for i, row in enumerate(rows(name))]


@pytest.mark.parametrize(("ellswift", "x"), named("bip324_ellswift_decode.csv", "ellswift", "x"))
def test_any_64_bytes_decode_to_the_x_of_bip324(ellswift: str, x: str) -> None:
    assert ellswift_to_x_only(bytes.fromhex(ellswift)).hex() == x


@pytest.mark.parametrize(
    ("u", "x", "ts"),
    [
        pytest.param(row["u"], row["x"], [t for n in range(8) if (t := row[f"case{n}_t"])], id=str(i))
        for i, row in enumerate(rows("bip324_xswiftec_inv.csv"))
    ],
)
def test_every_preimage_that_bip324_finds_decodes_back(u: str, x: str, ts: list[str]) -> None:
    assert all(ellswift_to_x_only(bytes.fromhex(u + t)).hex() == x for t in ts)


def test_the_preimage_vectors_are_not_empty() -> None:
    assert sum(1 for row in rows("bip324_xswiftec_inv.csv") for n in range(8) if row[f"case{n}_t"]) == 98


@pytest.mark.parametrize(
    ("secret", "ours", "theirs", "initiating", "shared"),
    named(
        "bip324_packet_encoding.csv",
        "in_priv_ours",
        "in_ellswift_ours",
        "in_ellswift_theirs",
        "in_initiating",
        "mid_shared_secret",
    ),
)
def test_the_shared_secret_is_that_of_bip324(
    secret: str, ours: str, theirs: str, initiating: str, shared: str
) -> None:
    keys = KeyPair(bytes.fromhex(secret), bytes.fromhex(ours))
    assert ecdh(keys, bytes.fromhex(theirs), initiator=initiating == "1").hex() == shared


@pytest.mark.parametrize(
    ("secret", "ours", "theirs", "x_ours", "x_theirs"),
    named(
        "bip324_packet_encoding.csv",
        "in_priv_ours",
        "in_ellswift_ours",
        "in_ellswift_theirs",
        "mid_x_ours",
        "mid_x_theirs",
    ),
)
def test_the_keys_of_both_parties_are_those_of_bip324(
    secret: str, ours: str, theirs: str, x_ours: str, x_theirs: str
) -> None:
    assert x_only_public_key(bytes.fromhex(secret)).hex() == x_ours
    assert ellswift_to_x_only(bytes.fromhex(ours)).hex() == x_ours
    assert ellswift_to_x_only(bytes.fromhex(theirs)).hex() == x_theirs


@pytest.mark.parametrize(
    ("public", "message", "signature", "result"),
    named("bip340.csv", "public key", "message", "signature", "verification result"),
)
def test_signatures_are_judged_as_bip340_does(public: str, message: str, signature: str, result: str) -> None:
    held = verify(bytes.fromhex(message), bytes.fromhex(public), bytes.fromhex(signature))
    assert held == (result == "TRUE")


def test_signatures_and_public_keys_are_those_of_bip340() -> None:
    signed = 0
    for row in rows("bip340.csv"):
        secret, message = bytes.fromhex(row["secret key"]), bytes.fromhex(row["message"])
        if not secret:
            continue
        assert x_only_public_key(secret).hex().upper() == row["public key"]
        if len(message) == 32:  # certificates sign digests, nothing else
            assert sign(message, secret, bytes.fromhex(row["aux_rand"])).hex().upper() == row["signature"]
            signed += 1
    assert signed == 4


def test_what_is_no_point_is_no_public_key_and_signs_nothing() -> None:
    off_curve = bytes.fromhex("EEFDEA4CDB677750A420FEE807EACF21EB9898AE79B9768766E4FAA04A2D4A34")  # BIP340, 5
    too_large = FIELD.to_bytes(32, "big")
    point = x_only_public_key(bytes(31) + b"\x01")
    assert is_x_only_public_key(point)
    for wrong in (off_curve, too_large, point[:31], point + b"\0", b""):
        assert not is_x_only_public_key(wrong)
        assert not verify(bytes(32), wrong, bytes(64))
    assert not verify(bytes(32), point, bytes(63))


@pytest.mark.parametrize("secret", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_a_secret_outside_the_group_is_refused(secret: int) -> None:
    raw = secret.to_bytes(32, "big")
    with pytest.raises(ValueError, match="private key"):
        key_pair(raw, bytes(32))
    with pytest.raises(ValueError, match="private key"):
        x_only_public_key(raw)
    with pytest.raises(ValueError, match="private key"):
        sign(bytes(32), raw, bytes(32))


def test_the_largest_secret_is_a_key() -> None:
    keys = key_pair((ORDER - 1).to_bytes(32, "big"), bytes(32))
    assert ellswift_to_x_only(keys.ellswift) == x_only_public_key(bytes(31) + b"\x01")  # -G and G share x


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_and_randomness_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        key_pair(bytes(size), bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        key_pair(bytes([1] * 32), bytes(size))
    with pytest.raises(ValueError, match="64 bytes"):
        ellswift_to_x_only(bytes(size + 1))


def test_both_sides_share_a_secret_and_their_roles_are_part_of_it() -> None:
    ours, theirs = key_pair(b"\x01" * 32, b"\x02" * 32), key_pair(b"\x03" * 32, b"\x04" * 32)
    secret = ecdh(ours, theirs.ellswift, initiator=True)
    assert secret == ecdh(theirs, ours.ellswift, initiator=False)
    assert secret != ecdh(ours, theirs.ellswift, initiator=False)


def test_randomness_chooses_the_encoding_and_nothing_else() -> None:
    one, other = key_pair(b"\x01" * 32, bytes(32)), key_pair(b"\x01" * 32, b"\x01" * 32)
    assert one.ellswift != other.ellswift
    assert ellswift_to_x_only(one.ellswift) == ellswift_to_x_only(other.ellswift)
    assert one == key_pair(b"\x01" * 32, bytes(32))


def test_a_printed_key_pair_keeps_its_secret() -> None:
    keys = key_pair(b"\x11" * 32, bytes(32))
    assert repr(keys) == f"KeyPair(ellswift={keys.ellswift!r})"
