"""The 80 bytes that are mined."""

import struct
from dataclasses import dataclass

from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import BlockHash, MerkleRoot, sha256d

_HEADER = struct.Struct("<I32s32sIII")
HEADER_SIZE = _HEADER.size


def header_bytes(
    version: int, prev_hash: bytes, merkle_root: bytes, ntime: int, nbits: int, nonce: int
) -> bytes:
    """The 80 bytes. On the path of every share: hashes of any length but 32 are the caller's bug."""
    return _HEADER.pack(version, prev_hash, merkle_root, ntime, nbits, nonce)


@dataclass(frozen=True, slots=True)
class Header:
    """All integers are unsigned, as Stratum has them: Core's version is the same 32 bits, signed."""

    version: int
    prev_hash: BlockHash
    merkle_root: MerkleRoot
    ntime: int
    nbits: int
    nonce: int

    @classmethod
    def parse(cls, data: bytes) -> "Header":
        """From exactly 80 bytes; DecodeError otherwise."""
        if len(data) != HEADER_SIZE:
            raise DecodeError(f"a header has {HEADER_SIZE} bytes, not {len(data)}")
        return cls(*_HEADER.unpack(data))

    def to_bytes(self) -> bytes:
        return header_bytes(
            self.version, self.prev_hash, self.merkle_root, self.ntime, self.nbits, self.nonce
        )

    def hash(self) -> BlockHash:
        return BlockHash(sha256d(self.to_bytes()))
