"""Certificates: their 74 bytes, what is signed, when they hold, when an identity is to be renewed."""

import hashlib
import struct
from dataclasses import replace

import pytest

from sluice.noise.certificate import (
    BACKDATED,
    CERTIFICATE_SIZE,
    LEEWAY,
    Certificate,
    CertificateError,
    check,
    issue_certificate,
    issue_identity,
)
from sluice.noise.curve import ellswift_to_x_only, sign, verify, x_only_public_key
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY, IDENTITY, NOW, entropy

STATIC = x_only_public_key(entropy("static"))
CERTIFICATE = issue_certificate(AUTHORITY_SECRET, STATIC, NOW, NOW + DAY, entropy("aux"))


def signed(version: int, valid_from: int, not_valid_after: int) -> Certificate:
    """A certificate that we do not issue, with a signature that holds."""
    digest = hashlib.sha256(struct.pack("<HII", version, valid_from, not_valid_after) + STATIC).digest()
    signature = sign(digest, AUTHORITY_SECRET, bytes(32))
    return Certificate(version, valid_from, not_valid_after, signature)


def test_the_wire_form_is_that_of_the_specification() -> None:
    wire = CERTIFICATE.to_bytes()
    assert len(wire) == CERTIFICATE_SIZE
    assert wire[:2] == b"\0\0"
    assert wire[2:6] == NOW.to_bytes(4, "little")
    assert wire[6:10] == (NOW + DAY).to_bytes(4, "little")
    assert wire[10:] == CERTIFICATE.signature
    assert Certificate.parse(wire) == CERTIFICATE


@pytest.mark.parametrize("size", [0, 73, 75])
def test_other_lengths_are_no_certificate(size: int) -> None:
    with pytest.raises(struct.error):
        Certificate.parse(bytes(size))


def test_what_is_signed_is_the_plain_hash_of_the_signed_fields() -> None:
    digest = hashlib.sha256(CERTIFICATE.to_bytes()[:10] + STATIC).digest()
    assert verify(digest, AUTHORITY, CERTIFICATE.signature)
    assert CERTIFICATE.signature == sign(digest, AUTHORITY_SECRET, entropy("aux"))


@pytest.mark.parametrize("now", [NOW - LEEWAY, NOW, NOW + DAY, NOW + DAY + LEEWAY])
def test_it_holds_from_its_first_second_to_its_last_and_clocks_may_differ_a_little(now: int) -> None:
    check(CERTIFICATE, AUTHORITY, STATIC, now)


@pytest.mark.parametrize(
    ("now", "leeway", "reason"),
    [
        (NOW - LEEWAY - 1, LEEWAY, "not yet valid"),
        (NOW + DAY + LEEWAY + 1, LEEWAY, "has expired"),
        (NOW - 1, 0, "not yet valid"),
        (NOW + DAY + 1, 0, "has expired"),
        (0, LEEWAY, "not yet valid"),
        (2**40, LEEWAY, "has expired"),
    ],
)
def test_outside_its_time_it_does_not_hold(now: int, leeway: int, reason: str) -> None:
    with pytest.raises(CertificateError, match=f"{reason}.*{now}$"):
        check(CERTIFICATE, AUTHORITY, STATIC, now, leeway)


def test_another_authority_did_not_sign_it() -> None:
    other = x_only_public_key(entropy("other authority"))
    with pytest.raises(CertificateError, match="wrong authority"):
        check(CERTIFICATE, other, STATIC, NOW)


def test_an_authority_that_is_no_point_signed_nothing() -> None:
    with pytest.raises(CertificateError, match="wrong authority"):
        check(CERTIFICATE, b"\xff" * 32, STATIC, NOW)


def test_it_vouches_for_one_static_key_only() -> None:
    with pytest.raises(CertificateError, match="wrong authority"):
        check(CERTIFICATE, AUTHORITY, x_only_public_key(entropy("other static")), NOW)


@pytest.mark.parametrize("at", range(CERTIFICATE_SIZE))
def test_no_bit_of_it_can_be_changed(at: int) -> None:
    for bit in range(8):
        changed = bytearray(CERTIFICATE.to_bytes())
        changed[at] ^= 1 << bit
        with pytest.raises(CertificateError):
            check(Certificate.parse(bytes(changed)), AUTHORITY, STATIC, NOW)


@pytest.mark.parametrize("version", [1, 256, 0xFFFF])
def test_an_unknown_version_is_named_even_if_the_signature_holds(version: int) -> None:
    with pytest.raises(CertificateError, match=f"version is {version}; only 0 is known"):
        check(signed(version, NOW, NOW + DAY), AUTHORITY, STATIC, NOW)


def test_the_helper_above_signs_what_would_hold_otherwise() -> None:
    check(signed(0, NOW, NOW + DAY), AUTHORITY, STATIC, NOW)


def test_a_forged_lifetime_reads_as_wrong_authority_not_as_expired() -> None:
    with pytest.raises(CertificateError, match="wrong authority"):
        check(replace(CERTIFICATE, not_valid_after=NOW - 1), AUTHORITY, STATIC, NOW)


@pytest.mark.parametrize(("first", "last"), [(2, 1), (-1, 1), (0, 2**32)])
def test_times_that_cannot_be_are_not_signed(first: int, last: int) -> None:
    with pytest.raises(ValueError, match=f"valid from {first} to {last}"):
        issue_certificate(AUTHORITY_SECRET, STATIC, first, last, bytes(32))


def test_an_identity_is_vouched_for_and_renewed_before_it_ends() -> None:
    certificate = Certificate.parse(IDENTITY.certificate)
    static = ellswift_to_x_only(IDENTITY.keys.ellswift)
    check(certificate, AUTHORITY, static, NOW)
    check(certificate, AUTHORITY, static, NOW - BACKDATED, leeway=0)
    check(certificate, AUTHORITY, static, IDENTITY.renew_at, leeway=0)
    assert (certificate.valid_from, certificate.not_valid_after) == (NOW - BACKDATED, NOW + DAY)
    assert NOW < IDENTITY.renew_at < certificate.not_valid_after
    assert static == x_only_public_key(IDENTITY.keys.secret)


def test_even_the_shortest_life_is_not_renewed_before_it_began() -> None:
    assert issue_identity(AUTHORITY_SECRET, NOW, 60, bytes([1] * 96)).renew_at == NOW + 40


def test_each_identity_has_keys_of_its_own() -> None:
    other = issue_identity(AUTHORITY_SECRET, NOW, DAY, entropy("another identity", 96))
    assert other.keys.secret != IDENTITY.keys.secret
    assert other.keys.ellswift != IDENTITY.keys.ellswift
    assert other.certificate[10:] != IDENTITY.certificate[10:]
    assert issue_identity(AUTHORITY_SECRET, NOW, DAY, entropy("identity", 96)) == IDENTITY


@pytest.mark.parametrize("size", [0, 95, 97])
def test_an_identity_takes_all_its_entropy(size: int) -> None:
    with pytest.raises(ValueError, match=f"96 bytes of entropy, not {size}"):
        issue_identity(AUTHORITY_SECRET, NOW, DAY, bytes(size))


@pytest.mark.parametrize("seconds", [0, -1])
def test_an_identity_lives_for_some_time(seconds: int) -> None:
    with pytest.raises(ValueError, match="valid for"):
        issue_identity(AUTHORITY_SECRET, NOW, seconds, entropy("identity", 96))


def test_a_printed_identity_keeps_its_secret() -> None:
    assert repr(IDENTITY.keys.secret) not in repr(IDENTITY)
