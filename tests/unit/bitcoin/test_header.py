"""Headers: the genesis block's, and what is not one."""

import pytest

from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import BlockHash, MerkleRoot, from_display, to_display
from sluice.bitcoin.header import Header, header_bytes
from sluice.bitcoin.target import meets, target_from_nbits

GENESIS = Header(
    version=1,
    prev_hash=BlockHash(bytes(32)),
    merkle_root=MerkleRoot(from_display("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")),
    ntime=1231006505,
    nbits=0x1D00FFFF,
    nonce=2083236893,
)
GENESIS_HASH = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"


def test_genesis() -> None:
    assert to_display(GENESIS.hash()) == GENESIS_HASH
    assert Header.parse(GENESIS.to_bytes()) == GENESIS
    assert meets(GENESIS.hash(), target_from_nbits(GENESIS.nbits))


def test_every_field_has_its_place() -> None:
    data = header_bytes(0x04030201, b"\x05" * 32, b"\x06" * 32, 0x0A090807, 0x0E0D0C0B, 0x1211100F)
    head, tail = bytes((1, 2, 3, 4)), bytes(range(7, 0x13))
    assert data == head + b"\x05" * 32 + b"\x06" * 32 + tail


def test_all_32_bits_of_a_version_survive() -> None:
    data = header_bytes(0xFFFFFFFF, bytes(32), bytes(32), 0, 0, 0)
    assert Header.parse(data).version == 0xFFFFFFFF


@pytest.mark.parametrize("size", [0, 79, 81])
def test_wrong_size(size: int) -> None:
    with pytest.raises(DecodeError, match=f"80 bytes, not {size}"):
        Header.parse(bytes(size))
