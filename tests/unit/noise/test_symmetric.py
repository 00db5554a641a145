"""The inner keys of a handshake, against the straight line of spec 4.5 and against RFC 5869."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sluice.noise.cipher import CipherError, CipherState
from sluice.noise.curve import ecdh
from sluice.noise.symmetric import INITIAL_CK, INITIAL_H, SymmetricState, hkdf
from support.noise import IDENTITY, INITIATOR, RESPONDER, straight_line

LINE = straight_line()


def holds(cipher: CipherState | None, key: bytes) -> bool:
    """Whether this cipher has this key and the counter 0. Uses the cipher up."""
    return cipher is not None and cipher.seal(b"", b"") == ChaCha20Poly1305(key).encrypt(bytes(12), b"", b"")


def test_the_names_hashes_are_those_the_field_uses() -> None:
    # As printed by the reference implementation and by Bitaxe's log.
    assert INITIAL_CK.hex() == "2eb47881208e9eee1f669f67c66ee70ea9ea88090d503fe830dc4bc83e29bf10"
    assert INITIAL_H.hex() == "922fa32e4f487c0d59caa3bed7899ce3d98db7e13dbd3b7cf2d23dd433dc6104"


def test_hkdf_is_rfc_5869_with_an_empty_info() -> None:
    # RFC 5869 A.3: no salt, which is a salt of 32 zeros; 42 bytes of output.
    first, second = hkdf(bytes(32), b"\x0b" * 22)
    assert (first + second)[:42].hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_the_responders_keys_at_every_stage() -> None:
    state = SymmetricState()
    assert (state.h, state.ck, state.k) == (LINE.h[0], LINE.ck[0], None)
    state.mix_hash(INITIATOR.ellswift)
    assert state.h == LINE.h[1]
    assert state.decrypt_and_hash(b"") == b""
    assert (state.h, state.ck, state.k) == (LINE.h[2], LINE.ck[0], None)
    state.mix_hash(RESPONDER.ellswift)
    assert state.h == LINE.h[3]
    state.mix_key(ecdh(RESPONDER, INITIATOR.ellswift, initiator=False))
    assert (state.h, state.ck) == (LINE.h[3], LINE.ck[1])
    assert state.encrypt_and_hash(IDENTITY.keys.ellswift) == LINE.act_2[64:144]
    assert state.h == LINE.h[4]
    state.mix_key(ecdh(IDENTITY.keys, INITIATOR.ellswift, initiator=False))
    assert (state.h, state.ck) == (LINE.h[4], LINE.ck[2])
    assert state.encrypt_and_hash(IDENTITY.certificate) == LINE.act_2[144:]
    assert state.h == LINE.h[5]
    to_responder, to_initiator = state.split()
    assert holds(to_responder, LINE.to_responder)
    assert holds(to_initiator, LINE.to_initiator)


def test_the_initiators_keys_at_every_stage() -> None:
    state = SymmetricState()
    state.mix_hash(INITIATOR.ellswift)
    assert state.encrypt_and_hash(b"") == b""
    assert (state.h, state.ck, state.k) == (LINE.h[2], LINE.ck[0], None)
    state.mix_hash(RESPONDER.ellswift)
    state.mix_key(ecdh(INITIATOR, RESPONDER.ellswift, initiator=True))
    assert (state.h, state.ck) == (LINE.h[3], LINE.ck[1])
    assert state.decrypt_and_hash(LINE.act_2[64:144]) == IDENTITY.keys.ellswift
    assert state.h == LINE.h[4]
    state.mix_key(ecdh(INITIATOR, IDENTITY.keys.ellswift, initiator=True))
    assert (state.h, state.ck) == (LINE.h[4], LINE.ck[2])
    assert state.decrypt_and_hash(LINE.act_2[144:]) == IDENTITY.certificate
    assert state.h == LINE.h[5]


def test_each_shared_secret_makes_a_fresh_cipher_that_counts_from_zero() -> None:
    state = SymmetricState()
    state.mix_key(ecdh(RESPONDER, INITIATOR.ellswift, initiator=False))
    assert holds(state.k, LINE.k[0])
    state.mix_key(ecdh(IDENTITY.keys, INITIATOR.ellswift, initiator=False))
    assert holds(state.k, LINE.k[1])


def test_within_one_key_the_counter_goes_on() -> None:
    sender, receiver = SymmetricState(), SymmetricState()
    sender.mix_key(bytes(32))
    receiver.mix_key(bytes(32))
    sealed = [sender.encrypt_and_hash(b"x") for _ in range(3)]
    assert sender.k is not None
    assert sender.k.nonce == 3
    assert [receiver.decrypt_and_hash(one) for one in sealed] == [b"x"] * 3
    assert sender.h == receiver.h


def test_a_different_transcript_does_not_open() -> None:
    sender, receiver = SymmetricState(), SymmetricState()
    for state in (sender, receiver):
        state.mix_key(bytes(32))
    sender.mix_hash(b"heard by one side only")
    with pytest.raises(CipherError):
        receiver.decrypt_and_hash(sender.encrypt_and_hash(b"x"))
    assert receiver.h == INITIAL_H  # what did not open is not mixed in
