"""The room in a block, by the specification's own tables (spec 7.1)."""

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.tdp.constraints import (
    BLOCK,
    COINBASE_FIXED,
    COINBASE_VARIABLE,
    MOST_SIGOPS,
    Constraints,
    constraints_of,
    reserved_weight,
)
from sluice.work.job import Payout, cut
from support.work import PAYOUT, template

#: As the table of spec 7.1 has it: field, weight.
TABLE = {
    "version": 16,
    "marker + flag": 2,
    "input count": 4,
    "prev txid": 128,
    "input index": 16,
    "scriptSig length": 4,
    "input sequence": 16,
    "witness stack size": 1,
    "size of witness element": 1,
    "witness reserved value": 32,
    "locktime": 16,
}


def test_the_table_of_fields_of_fixed_size() -> None:
    assert {part.name: part.weight for part in COINBASE_FIXED} == TABLE
    assert sum(part.weight for part in COINBASE_FIXED) == 236
    assert sum(part.weight for part in COINBASE_FIXED if not part.segwit) == 200


def test_the_other_terms() -> None:
    assert [part.weight for part in BLOCK] == [320, 12]
    assert [part.weight for part in COINBASE_VARIABLE] == [400, 12, 188]


@pytest.mark.parametrize("size", [0, 1, 31, 1_000])
def test_the_formulas(size: int) -> None:
    assert reserved_weight(size) == 1168 + 4 * size
    assert reserved_weight(size, segwit=False) == 944 + 4 * size


def test_cores_floor() -> None:
    assert Constraints(0).weight == Constraints(208).weight == 2_000
    assert Constraints(209).weight == 1168 + 4 * 209


@pytest.mark.parametrize(
    ("script", "size", "sigops"),
    [("0014" + "11" * 20, 31, 0), ("76a914" + "11" * 20 + "88ac", 34, 4), ("5120" + "11" * 32, 43, 0)],
)
def test_what_our_outputs_need(script: str, size: int, sigops: int) -> None:
    assert constraints_of([TxOut(1, bytes.fromhex(script))]) == Constraints(size, sigops)


def test_sigops_have_16_bits_on_the_wire() -> None:
    assert constraints_of([TxOut(1, b"\xae" * 1_000)]).sigops == MOST_SIGOPS


@pytest.mark.parametrize("tag", [b"", b"x" * 32])
def test_a_real_coinbase_and_its_header_stay_within_what_is_kept_free(tag: bytes) -> None:
    payout = Payout(PAYOUT.script_pubkey, tag)
    job = cut(template(), payout, 1)
    coinbase = Transaction.parse(with_witness(job.coinbase(bytes(16))))
    room = constraints_of(payout.outputs(1))
    used = coinbase.weight() + 4 * (HEADER_SIZE + 3)
    # Two bytes of the output count, and what the scriptSig leaves of its 100 bytes, are never more.
    assert reserved_weight(room.size) - used == 4 * (2 + 100 - len(coinbase.inputs[0].script_sig))
    assert Block.parse(bytes(HEADER_SIZE) + b"\x01" + coinbase.to_bytes()).weight() == used - 8
