"""Merkle trees against real blocks."""

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import from_display, sha256d, to_display
from sluice.bitcoin.merkle import coinbase_merkle_path, fold_merkle_path, merkle_root
from support.vectors import MAINNET_BLOCK, vector_bytes

BLOCK_100000 = [
    from_display(txid)
    for txid in (
        "8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87",
        "fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
        "6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4",
        "e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d",
    )
]


def test_block_100000() -> None:
    root = merkle_root(BLOCK_100000)
    assert to_display(root) == "f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766"
    path = coinbase_merkle_path(BLOCK_100000[1:])
    assert path == (BLOCK_100000[1], sha256d(BLOCK_100000[2] + BLOCK_100000[3]))
    assert fold_merkle_path(BLOCK_100000[0], path) == root


def test_a_block_of_thousands() -> None:
    block = Block.parse(vector_bytes(MAINNET_BLOCK))
    coinbase, *others = [transaction.txid() for transaction in block.transactions]
    assert len(others) == 2499
    assert merkle_root([coinbase, *others]) == block.header.merkle_root
    path = coinbase_merkle_path(others)
    assert len(path) == 12
    assert fold_merkle_path(coinbase, path) == block.header.merkle_root


def test_a_coinbase_alone_is_the_root() -> None:
    assert merkle_root(BLOCK_100000[:1]) == BLOCK_100000[0]
    assert coinbase_merkle_path([]) == ()
    assert fold_merkle_path(BLOCK_100000[0], ()) == BLOCK_100000[0]


def test_an_odd_level_repeats_its_last_hash() -> None:
    a, b, c, _ = BLOCK_100000
    assert merkle_root([a, b, c]) == merkle_root([a, b, c, c])
    assert coinbase_merkle_path([b, c]) == (b, sha256d(c + c))


def test_no_leaf_no_root() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        merkle_root([])
