"""One direction of a connection: what it seals, what it refuses to open, how it counts."""

import csv
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sluice.noise.cipher import TAG_SIZE, CipherError, CipherState

KEY = bytes(range(32))
PACKETS = Path(__file__).parents[2] / "vectors" / "bip324_packet_encoding.csv"
REKEY_INTERVAL = 224  # BIP324 packets


def bip324_key(key: bytes, rekeys: int) -> bytes:
    for n in range(rekeys):
        key = ChaCha20Poly1305(key).encrypt(b"\xff" * 4 + n.to_bytes(8, "little"), bytes(32), None)[:32]
    return key


# BIP324's nonce is (packet within its key, number of the key): at a key's first packet it is our
# (zeros, counter). Two of its vectors stand there.
@pytest.mark.parametrize("index", [0, 448])
def test_a_message_is_sealed_as_in_bip324(index: int) -> None:
    with PACKETS.open(newline="") as file:
        (row,) = [r for r in csv.DictReader(file) if int(r["in_idx"]) == index]
    side = "initiator" if row["in_initiating"] == "1" else "responder"
    rekeys = index // REKEY_INTERVAL
    cipher = CipherState(bip324_key(bytes.fromhex(row[f"mid_{side}_p"]), rekeys))
    cipher.nonce = rekeys
    header = b"\x80" if row["in_ignore"] == "1" else b"\x00"
    contents = bytes.fromhex(row["in_contents"]) * int(row["in_multiply"])
    sealed = cipher.seal(header + contents, bytes.fromhex(row["in_aad"])).hex()
    whole, tail = row["out_ciphertext"], row["out_ciphertext_endswith"]
    assert sealed == whole[6:] if whole else sealed.endswith(tail)  # its first three bytes are a length


@pytest.mark.parametrize(
    ("count", "nonce"),
    [
        (0, "000000000000000000000000"),
        (1, "000000000100000000000000"),
        (256, "000000000001000000000000"),
        (2**32, "000000000000000001000000"),
        (2**64 - 1, "00000000ffffffffffffffff"),
    ],
)
def test_the_nonce_is_four_zeros_and_the_counter_little_endian(count: int, nonce: str) -> None:
    cipher = CipherState(KEY)
    cipher.nonce = count
    assert cipher.seal(b"share", b"ad") == ChaCha20Poly1305(KEY).encrypt(
        bytes.fromhex(nonce), b"share", b"ad"
    )


def test_both_ends_count_alike_and_every_message_differs() -> None:
    sender, receiver = CipherState(KEY), CipherState(KEY)
    sealed = [sender.seal(b"same") for _ in range(300)]
    assert len(set(sealed)) == 300
    assert [receiver.open(one) for one in sealed] == [b"same"] * 300
    assert sender.nonce == receiver.nonce == 300


@pytest.mark.parametrize("size", [0, 1, 6, 24, 65_519])
def test_a_message_grows_by_its_tag(size: int) -> None:
    sealed = CipherState(KEY).seal(bytes(size))
    assert len(sealed) == size + TAG_SIZE
    assert CipherState(KEY).open(sealed) == bytes(size)


def test_no_associated_data_is_the_same_as_empty() -> None:
    assert CipherState(KEY).seal(b"x", None) == CipherState(KEY).seal(b"x", b"")


def test_any_flipped_bit_is_noticed_and_does_not_count() -> None:
    sealed = CipherState(KEY).seal(b"six by", b"ad")
    receiver = CipherState(KEY)
    for at in range(len(sealed)):
        for bit in range(8):
            damaged = bytearray(sealed)
            damaged[at] ^= 1 << bit
            with pytest.raises(CipherError, match="message 0 of this direction"):
                receiver.open(bytes(damaged), b"ad")
    assert receiver.nonce == 0
    assert receiver.open(sealed, b"ad") == b"six by"


def test_truncated_and_extended_messages_are_noticed() -> None:
    sealed = CipherState(KEY).seal(b"six by")
    for wrong in [*(sealed[:n] for n in range(len(sealed))), sealed + b"\0", b"\0" + sealed]:
        with pytest.raises(CipherError):
            CipherState(KEY).open(wrong)


def test_a_repeated_left_out_or_swapped_message_is_noticed() -> None:
    sender, receiver = CipherState(KEY), CipherState(KEY)
    first, second = sender.seal(b"1"), sender.seal(b"2")
    with pytest.raises(CipherError):
        receiver.open(second)
    assert receiver.open(first) == b"1"
    with pytest.raises(CipherError, match="message 1 of this direction"):
        receiver.open(first)
    assert receiver.open(second) == b"2"


def test_another_key_or_other_associated_data_do_not_open() -> None:
    sealed = CipherState(KEY).seal(b"x", b"ad")
    for key, ad in [(bytes(32), b"ad"), (KEY, b"da"), (KEY, b""), (KEY, None)]:
        with pytest.raises(CipherError):
            CipherState(key).open(sealed, ad)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CipherState(bytes(size))


def test_it_keeps_nothing_but_the_key_and_the_counter() -> None:
    assert not hasattr(CipherState(KEY), "__dict__")
    assert CipherState.__slots__ == ("_aead", "nonce")
