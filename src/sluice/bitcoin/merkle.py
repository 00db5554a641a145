"""Merkle trees: the root of a block, and the path by which a miner reaches it from the coinbase.

The coinbase is leaf 0, hence always on the left: its path is the right-hand neighbours, bottom up.
A level of odd length repeats its last hash (Bitcoin's rule, CVE-2012-2459 and all).
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from sluice.bitcoin.hashes import MerkleRoot, sha256d


def merkle_root(hashes: Sequence[bytes]) -> MerkleRoot:
    """The root over at least one hash; ValueError over none."""
    if not hashes:
        raise ValueError("a merkle tree has at least one leaf")
    level = list(hashes)
    while len(level) > 1:
        level = _level_above(level)
    return MerkleRoot(level[0])


def coinbase_merkle_path(other_txids: Sequence[bytes]) -> tuple[bytes, ...]:
    """What to fold a coinbase's txid with, given the txids of all other transactions, in block order."""
    path = []
    level = [b"", *other_txids]  # whatever stands at 0, the path does not depend on it
    while len(level) > 1:
        path.append(level[1])
        level = [b"", *_level_above(level[2:])]
    return tuple(path)


def fold_merkle_path(leaf: bytes, path: Iterable[bytes]) -> MerkleRoot:
    """The root over `leaf` and its path. On the way of every extended share."""
    sha = sha256
    for neighbour in path:
        leaf = sha(sha(leaf + neighbour).digest()).digest()
    return MerkleRoot(leaf)


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    if len(level) % 2:
        level = [*level, level[-1]]
    pairs = zip(level[::2], level[1::2], strict=True)
    return [sha256d(left + right) for left, right in pairs]
