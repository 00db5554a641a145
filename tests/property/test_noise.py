"""What holds of the Noise room for any keys, any messages and any bytes."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.noise.authority import (
    AuthorityKey,
    PoolUrl,
    encode_public_key,
    encode_secret_key,
    parse_pool_url,
    parse_public_key,
    parse_secret_key,
)
from sluice.noise.certificate import (
    CERTIFICATE_SIZE,
    Certificate,
    CertificateError,
    check,
    issue_certificate,
    issue_identity,
)
from sluice.noise.cipher import CipherError, CipherState
from sluice.noise.curve import (
    ecdh,
    ellswift_to_x_only,
    is_x_only_public_key,
    key_pair,
    sign,
    verify,
    x_only_public_key,
)
from sluice.noise.handshake import ACT1_SIZE, ACT2_SIZE, Ciphers, HandshakeError, Initiator, Responder
from sluice.noise.symmetric import SymmetricState
from support.noise import AUTHORITY, IDENTITY, NOW, initiator, responder

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

random32 = st.binary(min_size=32, max_size=32)
secrets = st.integers(1, ORDER - 1).map(lambda n: n.to_bytes(32, "big"))
messages = st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=20)


def any_bytes(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def secured(client: Initiator, server: Responder) -> tuple[Ciphers, Ciphers]:
    act_2, served = server.act_1(client.act_1())
    return client.act_2(act_2), served


@given(secrets, secrets, random32, random32, random32)
def test_two_parties_share_a_secret_that_no_third_has(
    one: bytes, other: bytes, aux: bytes, other_aux: bytes, encoding: bytes
) -> None:
    ours, theirs = key_pair(one, aux), key_pair(other, other_aux)
    shared = ecdh(ours, theirs.ellswift, initiator=True)
    assert shared == ecdh(theirs, ours.ellswift, initiator=False)
    assert shared != ecdh(ours, encoding + encoding, initiator=True)
    assert ellswift_to_x_only(ours.ellswift) == x_only_public_key(one)


@given(any_bytes(64))
def test_every_64_bytes_are_a_public_key(encoded: bytes) -> None:
    assert is_x_only_public_key(ellswift_to_x_only(encoded))


@given(random32, secrets, random32, st.integers(0, 64 * 8 - 1))
def test_a_signature_holds_until_a_bit_of_it_changes(
    digest: bytes, secret: bytes, aux: bytes, bit: int
) -> None:
    signature = sign(digest, secret, aux)
    public = x_only_public_key(secret)
    assert verify(digest, public, signature)
    changed = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert not verify(digest, public, changed)


@given(random32, random32, any_bytes(64))
def test_no_bytes_make_verification_raise(digest: bytes, public: bytes, signature: bytes) -> None:
    assert not verify(digest, public, signature)


@given(random32, st.lists(st.tuples(st.binary(max_size=300), st.none() | st.binary(max_size=40))))
def test_what_is_sealed_opens_in_its_order(key: bytes, sent: list[tuple[bytes, bytes | None]]) -> None:
    sender, receiver = CipherState(key), CipherState(key)
    for text, ad in sent:
        assert receiver.open(sender.seal(text, ad), ad) == text
    assert sender.nonce == receiver.nonce == len(sent)


@given(random32, st.binary(max_size=200), st.integers(0, 50))
def test_nothing_else_opens_and_nothing_else_counts(key: bytes, garbage: bytes, before: int) -> None:
    receiver = CipherState(key)
    receiver.nonce = before
    with pytest.raises(CipherError):
        receiver.open(garbage)
    assert receiver.nonce == before


@given(st.lists(st.tuples(st.sampled_from(["hash", "key", "seal"]), random32), max_size=30))
def test_whoever_does_the_same_holds_the_same(steps: list[tuple[str, bytes]]) -> None:
    one, other = SymmetricState(), SymmetricState()
    for step, data in steps:
        if step == "seal":
            assert other.decrypt_and_hash(one.encrypt_and_hash(data)) == data
            continue
        for state in (one, other):
            state.mix_hash(data) if step == "hash" else state.mix_key(data)
    assert (one.h, one.ck) == (other.h, other.ck)
    for ours, theirs in zip(one.split(), other.split(), strict=True):
        assert ours.seal(b"x") == theirs.seal(b"x")


@given(secrets, secrets, random32, random32, messages)
def test_any_two_peers_talk(
    client: bytes, server: bytes, aux: bytes, other_aux: bytes, said: list[tuple[bool, bytes]]
) -> None:
    ours, theirs = secured(Initiator(AUTHORITY, NOW, client, aux), Responder(IDENTITY, server, other_aux))
    for from_client, text in said:
        sender, receiver = (ours, theirs) if from_client else (theirs, ours)
        assert receiver.receive.open(sender.send.seal(text)) == text


@given(any_bytes(ACT1_SIZE))
def test_any_64_bytes_are_answered(act_1: bytes) -> None:
    act_2, ciphers = responder().act_1(act_1)
    assert len(act_2) == ACT2_SIZE
    with pytest.raises(CipherError):
        ciphers.receive.open(bytes(22))


@given(st.binary(max_size=300))
def test_act_1_is_answered_or_refused_and_nothing_else(act_1: bytes) -> None:
    try:
        responder().act_1(act_1)
    except HandshakeError:
        assert len(act_1) != ACT1_SIZE
    else:
        assert len(act_1) == ACT1_SIZE


@given(st.binary(max_size=300) | any_bytes(ACT2_SIZE), st.booleans())
def test_no_made_up_act_2_is_believed(act_2: bytes, checked: bool) -> None:
    with pytest.raises(HandshakeError):
        initiator(AUTHORITY if checked else None).act_2(act_2)


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), any_bytes(64))
def test_a_certificate_survives_the_wire(
    version: int, valid_from: int, not_valid_after: int, signature: bytes
) -> None:
    certificate = Certificate(version, valid_from, not_valid_after, signature)
    assert Certificate.parse(certificate.to_bytes()) == certificate


@given(any_bytes(CERTIFICATE_SIZE), random32)
def test_no_made_up_certificate_is_believed(data: bytes, static_x: bytes) -> None:
    with pytest.raises(CertificateError):
        check(Certificate.parse(data), AUTHORITY, static_x, NOW)


@given(secrets, random32, st.tuples(*[st.integers(0, 2**32 - 1)] * 2), st.integers(0, 2**33), random32)
def test_a_certificate_holds_exactly_in_its_time(
    authority: bytes, static_x: bytes, times: tuple[int, int], now: int, aux: bytes
) -> None:
    first, last = sorted(times)
    certificate = issue_certificate(authority, static_x, first, last, aux)
    public = x_only_public_key(authority)
    if first <= now <= last:
        check(certificate, public, static_x, now, leeway=0)
    else:
        with pytest.raises(CertificateError):
            check(certificate, public, static_x, now, leeway=0)


@given(secrets, st.integers(3600, 2**31), st.integers(2, 2**30), secrets, random32, random32)
def test_an_identity_convinces_from_its_issue_to_its_renewal(
    authority: bytes, now: int, seconds: int, static: bytes, aux: bytes, sign_aux: bytes
) -> None:
    identity = issue_identity(authority, now, seconds, static + aux + sign_aux)
    assert now < identity.renew_at < now + seconds
    for when in (now, identity.renew_at, now + seconds):
        client = Initiator(x_only_public_key(authority), when, static, aux)
        secured(client, responder(identity))


@given(secrets)
def test_keys_survive_being_written_down(secret: bytes) -> None:
    authority = AuthorityKey.from_secret(secret)
    text = encode_public_key(authority.public)
    assert text.startswith("9")
    assert parse_public_key(text) == authority.public
    assert parse_secret_key(encode_secret_key(secret)) == authority


hosts = st.text(string.ascii_letters + string.digits + ".-_", min_size=1) | st.ip_addresses().map(str)


@given(hosts, st.integers(1, 65535), st.none() | secrets.map(x_only_public_key))
def test_a_pool_url_survives_being_written_down(host: str, port: int, key: bytes | None) -> None:
    url = PoolUrl(host, port, key)
    assert parse_pool_url(str(url)) == url


@given(st.text() | st.text().map("stratum2+tcp://{}".format) | st.text().map("stratum2+tcp://h:1/{}".format))
def test_any_text_is_a_url_or_a_value_error(text: str) -> None:
    try:
        url = parse_pool_url(text)
    except ValueError:
        return
    assert parse_pool_url(str(url)) == url
