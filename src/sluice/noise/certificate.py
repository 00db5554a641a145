"""The certificate with which an authority vouches for a server's static key.

It travels in act 2 as 74 bytes; the server's x-only static key is signed with it but sent elsewhere.
The signature is BIP340 over the plain SHA-256 of the signed fields (spec 4.5.2, 4.5.3). Signing per
connection would be waste: one identity serves a whole process, until `renew_at`.
"""

import struct
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from sluice.noise.curve import KeyPair, ellswift_to_x_only, key_pair, sign, verify

CERTIFICATE_SIZE = 74
VERSION = 0
LEEWAY = 10  # seconds by which two clocks may differ; the reference implementation's figure
BACKDATED = 3600  # seconds: some clients grant no leeway, and small devices have poor clocks
ENTROPY_SIZE = 96  # a new identity's secret, the choice of its encoding, the signature's randomness

_MAX_TIME = 0xFFFF_FFFF  # the wire's time is 32 bits wide
_signed_fields = struct.Struct("<HII")
_all_fields = struct.Struct("<HII64s")


class CertificateError(Exception):
    """Why a certificate does not vouch for the server, in one sentence."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """SIGNATURE_NOISE_MESSAGE; the times are unix seconds, both included."""

    version: int
    valid_from: int
    not_valid_after: int
    signature: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """From its 74 bytes; struct.error on any other length, which the sealed act 2 rules out."""
        return cls(*_all_fields.unpack(data))

    def to_bytes(self) -> bytes:
        """Its 74 bytes on the wire."""
        return _all_fields.pack(self.version, self.valid_from, self.not_valid_after, self.signature)

    def signed_digest(self, static_x: bytes) -> bytes:
        """The 32 bytes an authority signs to vouch for this static key (spec 4.5.3.1)."""
        return sha256(
            _signed_fields.pack(self.version, self.valid_from, self.not_valid_after) + static_x
        ).digest()


@dataclass(frozen=True, slots=True)
class StaticIdentity:
    """What a server shows of itself: its static keys, the 74 bytes that vouch for them, when to replace both.

    `renew_at` (unix seconds) lies well before the certificate's end. Connections that are there stay:
    a certificate is looked at in the handshake only.
    """

    keys: KeyPair
    certificate: bytes
    renew_at: int


def issue_certificate(
    authority_secret: bytes, static_x: bytes, valid_from: int, not_valid_after: int, aux: bytes
) -> Certificate:
    """A certificate for a static key, signed with the authority's secret and 32 bytes of randomness.

    ValueError if the times are not in order, not 32 bits wide, or the secret is invalid.
    """
    if not 0 <= valid_from <= not_valid_after <= _MAX_TIME:
        raise ValueError(f"a certificate cannot be valid from {valid_from} to {not_valid_after}")
    unsigned = Certificate(VERSION, valid_from, not_valid_after, b"")
    signature = sign(unsigned.signed_digest(static_x), authority_secret, aux)
    return Certificate(VERSION, valid_from, not_valid_after, signature)


def issue_identity(
    authority_secret: bytes, now: int, validity_seconds: int, entropy: bytes
) -> StaticIdentity:
    """A new static key and its certificate, from 96 bytes of entropy.

    The certificate holds from an hour ago to `validity_seconds` from now, and is to be renewed after two
    thirds of that. ValueError as `issue_certificate`, and if the entropy has another length.
    """
    if len(entropy) != ENTROPY_SIZE:
        raise ValueError(f"an identity takes {ENTROPY_SIZE} bytes of entropy, not {len(entropy)}")
    if validity_seconds <= 0:
        raise ValueError(f"a certificate cannot be valid for {validity_seconds} seconds")
    keys = key_pair(entropy[:32], entropy[32:64])
    certificate = issue_certificate(
        authority_secret,
        ellswift_to_x_only(keys.ellswift),
        now - BACKDATED,
        now + validity_seconds,
        entropy[64:],
    )
    return StaticIdentity(keys, certificate.to_bytes(), renew_at=now + validity_seconds * 2 // 3)


def check(
    certificate: Certificate, authority_x: bytes, static_x: bytes, now: int, leeway: int = LEEWAY
) -> None:
    """Return if the authority vouches for this static key at `now`; else CertificateError says why not."""
    if certificate.version != VERSION:
        raise CertificateError(f"the certificate's version is {certificate.version}; only {VERSION} is known")
    if not verify(certificate.signed_digest(static_x), authority_x, certificate.signature):
        raise CertificateError(
            "wrong authority: the certificate is not signed by the key expected of this server"
        )
    if now + leeway < certificate.valid_from:
        raise CertificateError(
            f"the certificate is not yet valid: it begins at {certificate.valid_from}, this clock says {now}"
        )
    if now - leeway > certificate.not_valid_after:
        raise CertificateError(
            f"the certificate has expired: it ended at {certificate.not_valid_after}, this clock says {now}"
        )
