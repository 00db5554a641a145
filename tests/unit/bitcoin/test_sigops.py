"""Signature operations as consensus counts them in a coinbase's outputs."""

import pytest

from sluice.bitcoin.sigops import MAX_SIGOPS_COST, sigops_cost

CASES = {
    "nothing": ("", 0),
    "P2WPKH": ("0014" + "11" * 20, 0),
    "P2TR": ("5120" + "11" * 32, 0),
    "P2SH": ("a914" + "11" * 20 + "87", 0),
    "OP_RETURN that only looks like it": ("6a04acacacac", 0),
    "P2PKH": ("76a914" + "11" * 20 + "88ac", 4),
    "P2PK": ("21" + "02" * 33 + "ac", 4),
    "CHECKSIGVERIFY": ("ad", 4),
    "bare multisig of two keys counts for twenty": ("5121" + "02" * 33 + "21" + "02" * 33 + "52ae", 80),
    "CHECKMULTISIGVERIFY": ("af", 80),
    "behind OP_PUSHDATA1": ("4c02acacac", 4),
    "behind OP_PUSHDATA2": ("4d0200acacac", 4),
    "behind OP_PUSHDATA4": ("4e02000000acacac", 4),
    "the largest direct push": ("4b" + "ac" * 75 + "ac", 4),
    "torn within a push": ("ac05acac", 4),
    "torn within a length": ("ac4d02", 4),
    "a length beyond everything": ("ac4effffffffac", 4),
}


@pytest.mark.parametrize(("script", "cost"), CASES.values(), ids=CASES)
def test_cost(script: str, cost: int) -> None:
    assert sigops_cost(bytes.fromhex(script)) == cost


def test_a_block_has_room_for_so_many() -> None:
    assert sigops_cost(b"\xac" * 20_000) == MAX_SIGOPS_COST
