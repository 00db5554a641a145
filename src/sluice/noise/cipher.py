"""One direction of an encrypted connection: a key and a counter.

ChaCha20-Poly1305 (RFC 8439); the nonce is four zero bytes, then the counter as 64 bits little-endian
(spec 4.4.1). Hot path: every frame sent or received passes here twice.
"""

from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

TAG_SIZE = 16

_nonce = Struct("<4xQ").pack


class CipherError(Exception):
    """The bytes were not sealed with this key, at this place of the stream, with this associated data."""


class CipherState:
    """Seals, or opens, the messages of one direction in their order.

    Two peers hold the same key; one only seals with it and the other only opens. The counter is the
    whole state: 2**64 messages are more than a connection lives to see, and packing more is an error.
    """

    __slots__ = ("_aead", "nonce")

    def __init__(self, key: bytes) -> None:
        self._aead = ChaCha20Poly1305(key)
        self.nonce = 0

    def seal(self, plaintext: bytes, ad: bytes | None = None) -> bytes:
        """The ciphertext, 16 bytes longer than the plaintext; counts one up."""
        nonce = self.nonce
        self.nonce = nonce + 1
        return self._aead.encrypt(_nonce(nonce), plaintext, ad)

    def open(self, ciphertext: bytes, ad: bytes | None = None) -> bytes:
        """The plaintext; counts one up. CipherError if it is not authentic, and then nothing is counted."""
        nonce = self.nonce
        try:
            plaintext = self._aead.decrypt(_nonce(nonce), ciphertext, ad)
        except InvalidTag:
            raise CipherError(f"message {nonce} of this direction is damaged or out of order") from None
        self.nonce = nonce + 1
        return plaintext
