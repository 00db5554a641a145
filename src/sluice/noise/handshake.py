"""Noise NX: two acts, after which both sides hold the two ciphers of a connection.

    initiator                                  responder
        | act 1: e                                64 |
        | -----------------------------------------> |
        | act 2: e, ee, s, es, certificate       234 |
        | <----------------------------------------- |

An object serves one connection and answers once; asked again it raises RuntimeError, for the same keys
must never seal twice (spec 4.5).
"""

from typing import NamedTuple

from sluice.noise.certificate import (
    CERTIFICATE_SIZE,
    Certificate,
    CertificateError,
    StaticIdentity,
    check,
)
from sluice.noise.cipher import TAG_SIZE, CipherError, CipherState
from sluice.noise.curve import ELLSWIFT_SIZE, ecdh, ellswift_to_x_only, key_pair
from sluice.noise.symmetric import SymmetricState

ACT1_SIZE = ELLSWIFT_SIZE
STATIC_END = 2 * ELLSWIFT_SIZE + TAG_SIZE
ACT2_SIZE = STATIC_END + CERTIFICATE_SIZE + TAG_SIZE

__all__ = ["ACT1_SIZE", "ACT2_SIZE", "Ciphers", "HandshakeError", "Initiator", "Responder", "StaticIdentity"]


class HandshakeError(Exception):
    """Why there is no shared key: damage, a wrong length, or a certificate that does not convince."""


class Ciphers(NamedTuple):
    """A connection's two directions, seen from one side."""

    send: CipherState
    receive: CipherState


class Responder:
    """The server's side. Takes 32 bytes of fresh secret and 32 of randomness for the ephemeral key."""

    __slots__ = ("_entropy", "_identity")

    def __init__(self, identity: StaticIdentity, secret: bytes, aux: bytes) -> None:
        self._identity = identity
        self._entropy: tuple[bytes, bytes] | None = (secret, aux)

    def act_1(self, data: bytes) -> tuple[bytes, Ciphers]:
        """Act 2 to send, and the ciphers, for act 1 received (64 bytes). HandshakeError on another length.

        Any 64 bytes are a key: whether the peer can follow shows with its first message.
        """
        if self._entropy is None:
            raise RuntimeError("act 1 was answered already")
        if len(data) != ACT1_SIZE:
            raise HandshakeError(f"act 1 is {ACT1_SIZE} bytes, not {len(data)}")
        ephemeral = key_pair(*self._entropy)
        self._entropy = None
        static = self._identity.keys
        state = SymmetricState()
        state.mix_hash(data)
        state.mix_hash(b"")
        state.mix_hash(ephemeral.ellswift)
        state.mix_key(ecdh(ephemeral, data, initiator=False))
        sealed_static = state.encrypt_and_hash(static.ellswift)
        state.mix_key(ecdh(static, data, initiator=False))
        sealed_certificate = state.encrypt_and_hash(self._identity.certificate)
        receive, send = state.split()
        return ephemeral.ellswift + sealed_static + sealed_certificate, Ciphers(send, receive)


class Initiator:
    """The client's side. `authority` is the x-only key expected to vouch for the server at `now` (unix seconds).

    With `authority` None ANY server is believed, whoever it is: the link is encrypted, but perhaps with an
    eavesdropper. Only for tests and for links one trusts anyway.
    """

    __slots__ = ("_ephemeral", "_now", "_state", "authority")

    def __init__(self, authority: bytes | None, now: int, secret: bytes, aux: bytes) -> None:
        self.authority = authority
        self._now = now
        self._ephemeral = key_pair(secret, aux)
        self._state: SymmetricState | None = SymmetricState()
        self._state.mix_hash(self._ephemeral.ellswift)
        self._state.mix_hash(b"")

    def act_1(self) -> bytes:
        """Act 1 to send: 64 bytes that look random."""
        return self._ephemeral.ellswift

    def act_2(self, data: bytes) -> Ciphers:
        """The ciphers, for act 2 received (234 bytes). HandshakeError says what is wrong with it, finally."""
        if self._state is None:
            raise RuntimeError("act 2 was taken already")
        state, self._state = self._state, None
        if len(data) != ACT2_SIZE:
            raise HandshakeError(f"act 2 is {ACT2_SIZE} bytes, not {len(data)}")
        try:
            static, certificate = self._open(state, data)
            if self.authority is not None:
                check(Certificate.parse(certificate), self.authority, ellswift_to_x_only(static), self._now)
        except CipherError:
            raise HandshakeError("act 2 is damaged, or the server does not speak this handshake") from None
        except CertificateError as refused:
            raise HandshakeError(str(refused)) from refused
        return Ciphers(*state.split())

    def _open(self, state: SymmetricState, data: bytes) -> tuple[bytes, bytes]:
        theirs = data[:ELLSWIFT_SIZE]
        state.mix_hash(theirs)
        state.mix_key(ecdh(self._ephemeral, theirs, initiator=True))
        static = state.decrypt_and_hash(data[ELLSWIFT_SIZE:STATIC_END])
        state.mix_key(ecdh(self._ephemeral, static, initiator=True))
        return static, state.decrypt_and_hash(data[STATIC_END:])
