"""The witness commitment of real blocks."""

from sluice.bitcoin.block import Block
from sluice.bitcoin.script import witness_commitment_script
from sluice.bitcoin.witness import RESERVED_VALUE, witness_commitment
from support.vectors import MAINNET_BLOCK, vector_bytes


def test_empty_block() -> None:
    """Every regtest block without transactions carries this one."""
    assert witness_commitment([]).hex() == "e2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9"


def test_mainnet_block() -> None:
    coinbase, *others = Block.parse(vector_bytes(MAINNET_BLOCK)).transactions
    commitment = witness_commitment([transaction.wtxid() for transaction in others])
    script = witness_commitment_script(commitment)
    assert [output.script_pubkey for output in coinbase.outputs].count(script) == 1
    assert coinbase.inputs[0].witness == (RESERVED_VALUE,)
