"""The handshake: its bytes, its keys, and each way in which it must fail."""

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sluice.noise.certificate import BACKDATED, LEEWAY, Certificate, StaticIdentity, issue_identity
from sluice.noise.cipher import CipherState
from sluice.noise.curve import ellswift_to_x_only, sign, x_only_public_key
from sluice.noise.handshake import ACT1_SIZE, ACT2_SIZE, Ciphers, HandshakeError, Initiator, Responder
from support.noise import (
    AUTHORITY,
    AUTHORITY_SECRET,
    DAY,
    IDENTITY,
    INITIATOR,
    NOW,
    entropy,
    initiator,
    responder,
    straight_line,
)

LINE = straight_line()
DAMAGED = "act 2 is damaged, or the server does not speak this handshake"


def holds(cipher: CipherState, key: bytes) -> bool:
    return cipher.nonce == 0 and cipher.seal(b"") == ChaCha20Poly1305(key).encrypt(bytes(12), b"", None)


def talk(one: Ciphers, other: Ciphers) -> None:
    """Both directions carry, and are not the same."""
    for sender, receiver in ((one, other), (other, one)):
        for text in (b"", b"first", b"second"):
            assert receiver.receive.open(sender.send.seal(text)) == text


def test_the_keys_of_the_fixed_handshake() -> None:
    # Computed once with a secp256k1 written for the purpose in plain Python, no library.
    assert LINE.ck[1].hex() == "20856c74fe1c18bb160afd97bb3426510d95ee7cb9dfff1e0656c69c122fbdc4"
    assert LINE.ck[2].hex() == "9ca9a7936409cb32bad0cd6d70e2d73f6fd125d3453c6ba3c6d5d7e389ae41b2"
    assert LINE.h[5].hex() == "9963c1c30fc51b80021093b6e7474cec3bd4e49ed38c3427f7cedb29735a98e4"
    assert LINE.to_responder.hex() == "d381ef26c10c34f3fa1840959ef5e3e96fb391310503c9de433f418e29428df1"
    assert LINE.to_initiator.hex() == "4e5c6ca3c72cce42f1df0b7fe169a649d2c3141a6aff49c9fb9da84dd258b16b"
    act_2 = hashlib.sha256(LINE.act_2).hexdigest()
    assert act_2 == "ea1adf607034c9baffb4fcb94f317ca82a992596cf10b09bc77bc213a8b4cb5e"


def test_act_1_is_the_ephemeral_key() -> None:
    act_1 = initiator().act_1()
    assert act_1 == INITIATOR.ellswift
    assert len(act_1) == ACT1_SIZE == 64


def test_the_responder_answers_the_straight_lines_bytes_and_keys() -> None:
    act_2, ciphers = responder().act_1(INITIATOR.ellswift)
    assert act_2 == LINE.act_2
    assert len(act_2) == ACT2_SIZE == 234
    assert holds(ciphers.receive, LINE.to_responder)
    assert holds(ciphers.send, LINE.to_initiator)


def test_the_initiator_takes_the_straight_lines_bytes_to_its_keys() -> None:
    ciphers = initiator().act_2(LINE.act_2)
    assert holds(ciphers.send, LINE.to_responder)
    assert holds(ciphers.receive, LINE.to_initiator)


def test_both_sides_understand_each_other() -> None:
    client, server = initiator(), responder()
    act_2, served = server.act_1(client.act_1())
    talk(client.act_2(act_2), served)


def test_one_identity_serves_many_connections_with_different_keys() -> None:
    acts = set()
    for n in range(5):
        client = Initiator(AUTHORITY, NOW, entropy(f"client {n}"), bytes(32))
        act_2, served = Responder(IDENTITY, entropy(f"server {n}"), bytes(32)).act_1(client.act_1())
        acts.add(act_2[64:])  # nothing on the wire shows that it is the same static key
        talk(client.act_2(act_2), served)
    assert len(acts) == 5


def test_a_renewed_identity_leaves_the_connections_that_are_there() -> None:
    client = initiator()
    act_2, served = responder().act_1(client.act_1())
    there = client.act_2(act_2)
    renewed = issue_identity(AUTHORITY_SECRET, IDENTITY.renew_at, DAY, entropy("renewed", 96))
    later = Initiator(AUTHORITY, IDENTITY.renew_at + DAY, entropy("later"), bytes(32))
    act_2, also_served = Responder(renewed, entropy("later server"), bytes(32)).act_1(later.act_1())
    talk(later.act_2(act_2), also_served)
    talk(there, served)


@pytest.mark.parametrize("size", [*range(ACT1_SIZE), ACT1_SIZE + 1, 2 * ACT1_SIZE, 65_535])
def test_act_1_of_another_length_is_refused(size: int) -> None:
    act_1 = (INITIATOR.ellswift * 1024)[:size]
    with pytest.raises(HandshakeError, match=f"act 1 is 64 bytes, not {size}$"):
        responder().act_1(act_1)


@pytest.mark.parametrize("size", [*range(ACT2_SIZE), ACT2_SIZE + 1, 2 * ACT2_SIZE])
def test_act_2_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(HandshakeError, match=f"act 2 is 234 bytes, not {size}$"):
        initiator().act_2((LINE.act_2 * 2)[:size])


@pytest.mark.parametrize("at", range(ACT1_SIZE))
def test_the_initiator_notices_any_bit_flipped_in_act_1(at: int) -> None:
    for bit in range(8):
        act_1 = bytearray(INITIATOR.ellswift)
        act_1[at] ^= 1 << bit
        act_2, _ = responder().act_1(bytes(act_1))
        with pytest.raises(HandshakeError, match=DAMAGED):
            initiator().act_2(act_2)


@pytest.mark.parametrize("at", range(ACT2_SIZE))
def test_the_initiator_notices_any_bit_flipped_in_act_2(at: int) -> None:
    for bit in range(8):
        act_2 = bytearray(LINE.act_2)
        act_2[at] ^= 1 << bit
        with pytest.raises(HandshakeError, match=DAMAGED):
            initiator().act_2(bytes(act_2))


def test_damage_is_noticed_though_any_authority_would_do() -> None:
    for at in range(ACT2_SIZE):
        act_2 = bytearray(LINE.act_2)
        act_2[at] ^= 1
        with pytest.raises(HandshakeError, match=DAMAGED):
            initiator(authority=None).act_2(bytes(act_2))


@pytest.mark.parametrize("answer", [bytes(234), b"\xff" * 234, b"HTTP/1.1 400 Bad Request\r\n" * 9])
def test_what_is_no_act_2_at_all_is_refused(answer: bytes) -> None:
    with pytest.raises(HandshakeError, match=DAMAGED):
        initiator().act_2(answer)


def test_the_answer_to_another_client_is_refused() -> None:
    other = Initiator(AUTHORITY, NOW, entropy("other client"), bytes(32))
    act_2, _ = responder().act_1(other.act_1())
    with pytest.raises(HandshakeError, match=DAMAGED):
        initiator().act_2(act_2)


def test_a_key_that_is_an_edge_case_of_the_curve_is_a_key() -> None:
    for act_1 in (bytes(64), b"\xff" * 64, bytes(32) + b"\x01" * 32, b"\x01" * 32 + bytes(32)):
        assert len(responder().act_1(act_1)[0]) == ACT2_SIZE


def vouched(
    version: int = 0,
    valid_from: int = NOW,
    not_valid_after: int = NOW + DAY,
    secret: bytes = AUTHORITY_SECRET,
) -> StaticIdentity:
    """IDENTITY's keys under a certificate of our choice, whose signature holds."""
    unsigned = Certificate(version, valid_from, not_valid_after, b"")
    digest = unsigned.signed_digest(ellswift_to_x_only(IDENTITY.keys.ellswift))
    signature = sign(digest, secret, bytes(32))
    certificate = Certificate(version, valid_from, not_valid_after, signature)
    return StaticIdentity(IDENTITY.keys, certificate.to_bytes(), 0)


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (vouched(secret=entropy("other authority")), "wrong authority"),
        (vouched(not_valid_after=NOW - LEEWAY - 1, valid_from=0), "has expired"),
        (vouched(valid_from=NOW + LEEWAY + 1), "not yet valid"),
        (vouched(version=1), "version is 1"),
    ],
)
def test_a_server_without_a_good_certificate_is_refused_and_told_why(
    identity: StaticIdentity, reason: str
) -> None:
    act_2, _ = responder(identity).act_1(INITIATOR.ellswift)
    with pytest.raises(HandshakeError, match=reason):
        initiator().act_2(act_2)


def test_a_certificate_for_another_static_key_is_refused() -> None:
    other = issue_identity(AUTHORITY_SECRET, NOW, DAY, entropy("other identity", 96))
    act_2, _ = responder(StaticIdentity(other.keys, IDENTITY.certificate, 0)).act_1(INITIATOR.ellswift)
    with pytest.raises(HandshakeError, match="wrong authority"):
        initiator().act_2(act_2)


@pytest.mark.parametrize("now", [NOW - BACKDATED - LEEWAY, NOW + DAY + LEEWAY])
def test_a_clock_within_the_certificates_time_is_convinced(now: int) -> None:
    initiator(now=now).act_2(LINE.act_2)


@pytest.mark.parametrize(
    ("now", "reason"),
    [(NOW - BACKDATED - LEEWAY - 1, "not yet valid"), (NOW + DAY + LEEWAY + 1, "has expired")],
)
def test_a_clock_outside_the_certificates_time_is_not(now: int, reason: str) -> None:
    with pytest.raises(HandshakeError, match=reason):
        initiator(now=now).act_2(LINE.act_2)


@pytest.mark.parametrize(
    "identity",
    [vouched(secret=entropy("other authority")), vouched(not_valid_after=NOW), vouched(version=9)],
)
def test_without_an_authority_any_certificate_will_do(identity: StaticIdentity) -> None:
    client = initiator(authority=None, now=NOW + 10 * DAY)
    act_2, served = responder(identity).act_1(client.act_1())
    talk(client.act_2(act_2), served)


def test_the_wrong_authority_on_the_clients_side_is_the_same_refusal() -> None:
    with pytest.raises(HandshakeError, match="wrong authority"):
        initiator(authority=x_only_public_key(entropy("other authority"))).act_2(LINE.act_2)


def test_a_responder_answers_once() -> None:
    server = responder()
    server.act_1(INITIATOR.ellswift)
    with pytest.raises(RuntimeError, match="already"):
        server.act_1(INITIATOR.ellswift)


def test_an_initiator_takes_one_act_2() -> None:
    client = initiator()
    client.act_2(LINE.act_2)
    with pytest.raises(RuntimeError, match="already"):
        client.act_2(LINE.act_2)


def test_an_initiator_does_not_recover() -> None:
    client = initiator()
    with pytest.raises(HandshakeError):
        client.act_2(bytes(ACT2_SIZE))
    with pytest.raises(RuntimeError, match="already"):
        client.act_2(LINE.act_2)


def test_the_two_directions_have_different_keys() -> None:
    _, ciphers = responder().act_1(INITIATOR.ellswift)
    assert ciphers.send.seal(b"x") != ciphers.receive.seal(b"x")
