"""The commitment by which a coinbase binds a block to its witnesses (BIP141)."""

from collections.abc import Sequence

from sluice.bitcoin.hashes import HASH_SIZE, sha256d
from sluice.bitcoin.merkle import merkle_root

RESERVED_VALUE = bytes(HASH_SIZE)  # the coinbase's only witness item; no rule gives it a meaning yet
_COINBASE_WTXID = bytes(HASH_SIZE)  # by definition: the coinbase cannot commit to itself


def witness_commitment(wtxids_without_coinbase: Sequence[bytes]) -> bytes:
    """32 bytes for `script.witness_commitment_script`, over the wtxids in block order."""
    return sha256d(merkle_root((_COINBASE_WTXID, *wtxids_without_coinbase)) + RESERVED_VALUE)
