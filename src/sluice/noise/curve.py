"""secp256k1: ElligatorSwift keys, their shared secrets, and Schnorr signatures.

The only door to the curve library, and a pure one: randomness is an argument, so that the same
arguments give the same answer. Public keys are x-only (32 bytes) where they are signed or signed with,
and ElligatorSwift (64 bytes, looks random) where they travel (spec 4.3.1, BIP324, BIP340).
"""

from dataclasses import dataclass, field

from btclib_libsecp256k1 import ellswift, keys, ssa

SECRET_SIZE = 32
X_ONLY_SIZE = 32
ELLSWIFT_SIZE = 64


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A secret of 32 bytes, big-endian, and one ElligatorSwift encoding (64 bytes) of its public key."""

    secret: bytes = field(repr=False)
    ellswift: bytes


def key_pair(secret: bytes, aux: bytes) -> KeyPair:
    """The key pair of a 32-byte secret; 32 bytes of `aux` choose among the encodings of its public key.

    ValueError if the secret is not in [1, n-1] or a length is wrong.
    """
    return KeyPair(secret, ellswift.create(secret, aux))


def ellswift_to_x_only(encoded: bytes) -> bytes:
    """The x coordinate (32 bytes) behind any 64 bytes: there are no invalid encodings (BIP324)."""
    return ellswift.decode(encoded)[1:]


def ecdh(ours: KeyPair, theirs: bytes, initiator: bool) -> bytes:
    """The 32-byte shared secret: BIP324's `v2_ecdh`, in which the initiator's encoding is hashed first."""
    if initiator:
        return ellswift.xdh(ours.ellswift, theirs, ours.secret, 0)
    return ellswift.xdh(theirs, ours.ellswift, ours.secret, 1)


def x_only_public_key(secret: bytes) -> bytes:
    """The x-only public key of a 32-byte secret (BIP340). ValueError if the secret is not in [1, n-1]."""
    return keys.pubkey_from_prvkey(secret)[1:]


def is_x_only_public_key(x: bytes) -> bool:
    """Whether these bytes are the x coordinate of a point; half of all 32-byte strings are."""
    try:
        keys.parse(b"\x02" + x)
    except ValueError:
        return False
    return True


def sign(digest: bytes, secret: bytes, aux: bytes) -> bytes:
    """The BIP340 signature (64 bytes) of a 32-byte digest, with 32 bytes of auxiliary randomness."""
    return ssa.sign(digest, secret, aux)


def verify(digest: bytes, public_key: bytes, signature: bytes) -> bool:
    """Whether the BIP340 signature holds. A public key that is no point signs nothing: False."""
    try:
        return ssa.verify(digest, public_key, signature)
    except ValueError:
        return False
