"""A handshake with fixed entropy, and the same handshake computed again in a straight line.

The straight line follows spec 4.5 with hashlib, hmac and the AEAD alone; of our own code it uses only
`curve.ecdh`, which is held to BIP324's vectors.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sluice.noise.certificate import StaticIdentity, issue_identity
from sluice.noise.curve import ecdh, key_pair, x_only_public_key
from sluice.noise.handshake import Initiator, Responder

NOW = 1_800_000_000
DAY = 86_400
AUTHORITY_SECRET = hashlib.sha256(b"authority").digest()
AUTHORITY = x_only_public_key(AUTHORITY_SECRET)


def entropy(name: str, size: int = 32) -> bytes:
    """Fixed bytes that look random, by name."""
    return hashlib.shake_256(name.encode()).digest(size)


INITIATOR = key_pair(entropy("initiator"), entropy("initiator aux"))
RESPONDER = key_pair(entropy("responder"), entropy("responder aux"))
IDENTITY = issue_identity(AUTHORITY_SECRET, NOW, DAY, entropy("identity", 96))


def initiator(authority: bytes | None = AUTHORITY, now: int = NOW) -> Initiator:
    return Initiator(authority, now, entropy("initiator"), entropy("initiator aux"))


def responder(identity: StaticIdentity = IDENTITY) -> Responder:
    return Responder(identity, entropy("responder"), entropy("responder aux"))


@dataclass(frozen=True)
class Stages:
    """`h`, `ck` and `k` after each line of spec 4.5 that changes them, and what comes of them."""

    h: tuple[bytes, ...]
    ck: tuple[bytes, ...]
    k: tuple[bytes, ...]
    act_2: bytes
    to_responder: bytes
    to_initiator: bytes


def straight_line(identity: StaticIdentity = IDENTITY) -> Stages:
    """The handshake between INITIATOR and RESPONDER, one line after the other."""
    ck0 = hashlib.sha256(b"Noise_NX_Secp256k1+EllSwift_ChaChaPoly_SHA256").digest()
    h0 = hashlib.sha256(ck0).digest()
    # -> e
    h1 = hashlib.sha256(h0 + INITIATOR.ellswift).digest()
    h2 = hashlib.sha256(h1 + b"").digest()
    # <- e
    h3 = hashlib.sha256(h2 + RESPONDER.ellswift).digest()
    # ee
    ck1, k1 = _hkdf(ck0, ecdh(RESPONDER, INITIATOR.ellswift, initiator=False))
    # s
    sealed_static = ChaCha20Poly1305(k1).encrypt(bytes(12), identity.keys.ellswift, h3)
    h4 = hashlib.sha256(h3 + sealed_static).digest()
    # es
    ck2, k2 = _hkdf(ck1, ecdh(identity.keys, INITIATOR.ellswift, initiator=False))
    # SIGNATURE_NOISE_MESSAGE
    sealed_certificate = ChaCha20Poly1305(k2).encrypt(bytes(12), identity.certificate, h4)
    h5 = hashlib.sha256(h4 + sealed_certificate).digest()
    # split
    to_responder, to_initiator = _hkdf(ck2, b"")
    return Stages(
        h=(h0, h1, h2, h3, h4, h5),
        ck=(ck0, ck1, ck2),
        k=(k1, k2),
        act_2=RESPONDER.ellswift + sealed_static + sealed_certificate,
        to_responder=to_responder,
        to_initiator=to_initiator,
    )


def _hkdf(chaining_key: bytes, material: bytes) -> tuple[bytes, bytes]:
    temp = hmac.new(chaining_key, material, hashlib.sha256).digest()
    first = hmac.new(temp, b"\x01", hashlib.sha256).digest()
    return first, hmac.new(temp, first + b"\x02", hashlib.sha256).digest()
