"""A whole mainnet block, taken apart and put together again."""

import pytest

from sluice.bitcoin.block import MAX_WEIGHT, Block, assemble_block
from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.merkle import coinbase_merkle_path, fold_merkle_path
from sluice.bitcoin.target import meets, target_from_nbits
from support.vectors import MAINNET_BLOCK, vector_bytes

RAW = vector_bytes(MAINNET_BLOCK)


def test_parse() -> None:
    block = Block.parse(RAW)
    assert to_display(block.header.hash()) in MAINNET_BLOCK
    assert meets(block.header.hash(), target_from_nbits(block.header.nbits))
    assert len(block.transactions) == 2500
    assert block.to_bytes() == RAW


def test_weight() -> None:
    block = Block.parse(RAW)
    stripped = 80 + 3 + sum(len(transaction.to_bytes(witness=False)) for transaction in block.transactions)
    assert block.weight() == 3 * stripped + len(RAW) == 3_993_054
    assert block.weight() < MAX_WEIGHT == 4_000_000


def test_from_a_miners_parts() -> None:
    """The way a found block goes: stripped coinbase and path to root, header, witness put back."""
    block = Block.parse(RAW)
    coinbase, *others = block.transactions
    stripped = coinbase.to_bytes(witness=False)
    path = coinbase_merkle_path([transaction.txid() for transaction in others])
    root = fold_merkle_path(coinbase.txid(), path)
    mined = block.header
    header = header_bytes(mined.version, mined.prev_hash, root, mined.ntime, mined.nbits, mined.nonce)
    assert assemble_block(header, with_witness(stripped), [other.to_bytes() for other in others]) == RAW


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "80 bytes, not 0"),
        (RAW[:79], "80 bytes, not 79"),
        (RAW[:80], "ends at 80"),
        (RAW[:82], "ends at 82"),
        (RAW[:-1], "ends at 1381835"),
        (RAW + b"\0", "1 bytes follow"),
        (RAW[:80] + b"\xff" * 9 + RAW[83:], "ends at"),  # 2^64 - 1 transactions
    ],
)
def test_what_is_no_block(raw: bytes, complaint: str) -> None:
    with pytest.raises(DecodeError, match=complaint):
        Block.parse(raw)
