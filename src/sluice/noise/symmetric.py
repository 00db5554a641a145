"""What both sides of a handshake keep in step: the chaining key, the transcript hash, the current cipher.

Every byte sent or received enters `h`, every shared secret enters `ck`; so two peers that end with the
same keys have seen the same handshake (spec 4.4.2, 4.5.1).
"""

from hashlib import sha256
from hmac import digest as hmac_digest

from sluice.noise.cipher import CipherState

PROTOCOL_NAME = b"Noise_NX_Secp256k1+EllSwift_ChaChaPoly_SHA256"
INITIAL_CK = sha256(PROTOCOL_NAME).digest()  # the name is longer than a hash, so it is hashed
INITIAL_H = sha256(INITIAL_CK).digest()  # MixHash of the empty prologue


def hkdf(chaining_key: bytes, input_key_material: bytes) -> tuple[bytes, bytes]:
    """Two 32-byte outputs of HKDF-SHA256 with an empty info (RFC 5869, spec 4.4.2)."""
    key = hmac_digest(chaining_key, input_key_material, "sha256")
    first = hmac_digest(key, b"\x01", "sha256")
    return first, hmac_digest(key, first + b"\x02", "sha256")


class SymmetricState:
    """`ck`, `h` and `k` of one handshake in progress. `k` is None until the first shared secret."""

    __slots__ = ("ck", "h", "k")

    def __init__(self) -> None:
        self.ck = INITIAL_CK
        self.h = INITIAL_H
        self.k: CipherState | None = None

    def mix_hash(self, data: bytes) -> None:
        """Take what was sent or received into the transcript."""
        self.h = sha256(self.h + data).digest()

    def mix_key(self, shared_secret: bytes) -> None:
        """Take a shared secret into the chaining key; a fresh cipher follows, counting from 0."""
        self.ck, key = hkdf(self.ck, shared_secret)
        self.k = CipherState(key)

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        """What to send for this plaintext: sealed over the transcript, or as it is while there is no key."""
        ciphertext = self.k.seal(plaintext, self.h) if self.k else plaintext
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        """The plaintext of what was received. CipherError if the transcripts or the keys differ."""
        plaintext = self.k.open(ciphertext, self.h) if self.k else ciphertext
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        """The transport ciphers: initiator to responder, responder to initiator."""
        to_responder, to_initiator = hkdf(self.ck, b"")
        return CipherState(to_responder), CipherState(to_initiator)
