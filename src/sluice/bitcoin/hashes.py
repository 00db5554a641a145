"""The hashes of Bitcoin, and the only place where wire order meets display order.

Every hash in the house is 32 bytes in wire order, as it came out of the hash function. People and
JSON-RPC write it back to front in hex: `to_display` and `from_display` cross that border.
"""

from hashlib import sha256 as _sha256
from typing import NewType

BlockHash = NewType("BlockHash", bytes)
Txid = NewType("Txid", bytes)
Wtxid = NewType("Wtxid", bytes)
MerkleRoot = NewType("MerkleRoot", bytes)

HASH_SIZE = 32


def sha256(data: bytes) -> bytes:
    """SHA256, once: certificates and tagged hashes; Bitcoin itself hashes twice."""
    return _sha256(data).digest()


def sha256d(data: bytes) -> bytes:
    """SHA256 of SHA256: what Bitcoin means by "hash"."""
    return _sha256(_sha256(data).digest()).digest()


def tagged_hash(tag: str, *parts: bytes) -> bytes:
    """SHA256 in a domain of its own (BIP340)."""
    domain = sha256(tag.encode())
    return sha256(domain + domain + b"".join(parts))


def to_display(wire_hash: bytes) -> str:
    """The hash as explorers and JSON-RPC write it."""
    return wire_hash[::-1].hex()


def from_display(text: str) -> bytes:
    """A hash in wire order; ValueError says what is wrong with the text."""
    if len(text) != 2 * HASH_SIZE:
        raise ValueError(f"a hash is written with {2 * HASH_SIZE} hex digits, not {len(text)}: {text[:80]!r}")
    try:
        wire_hash = bytes.fromhex(text)[::-1]
    except ValueError:
        raise ValueError(f"not a hash, there is more than hex digits in it: {text!r}") from None
    if len(wire_hash) != HASH_SIZE:  # bytes.fromhex skips blanks
        raise ValueError(f"a hash has no blanks in it: {text!r}")
    return wire_hash
