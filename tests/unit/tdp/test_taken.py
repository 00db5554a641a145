"""What is believed of a provider, and what is not."""

from typing import Any

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.transaction import TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.sv2.messages.templates import NewTemplate, SetNewPrevHash
from sluice.tdp.offer import new_prev_hash, new_template
from sluice.tdp.taken import (
    MAX_MONEY,
    MAX_PATH,
    Known,
    ProviderError,
    Whole,
    checked,
    height_of,
    taken,
    turn_to,
)
from support.vectors import MAINNET_BLOCK, vector_bytes
from support.work import HEIGHT, NTIME, SUBSIDY, spend, template

WHOLE = template(transactions=(spend(1), spend(2), spend(3)))


def altered(**changes: Any) -> NewTemplate:
    message = new_template(7, WHOLE, future=True)
    return NewTemplate(**{name: getattr(message, name) for name in message.__struct_fields__} | changes)


def test_a_template_comes_over_as_it_left() -> None:
    one = taken(new_template(7, WHOLE, future=True))
    transactions = checked(one, WHOLE.transactions, Known())
    turn = turn_to(new_prev_hash(7, WHOLE), one.height, 10.0, NTIME)
    ours = Whole(one, transactions).on(turn, 10.0, WHOLE.template_id, SUBSIDY)
    # The smallest time that the rules allow is not told, and an empty block on this tip was not offered.
    assert ours == template(transactions=(spend(1), spend(2), spend(3)), min_ntime=NTIME, empty_fits=False)


def test_its_time_grows_with_ours_and_no_further_than_a_header_can_say() -> None:
    one = taken(new_template(7, template(), future=True))
    turn = turn_to(new_prev_hash(7, template()), one.height, 10.0, NTIME)
    later = Whole(one, ()).on(turn, 75.9, 1, SUBSIDY)
    assert (later.min_ntime, later.ntime) == (NTIME, NTIME + 65)
    assert Whole(one, ()).on(turn, 2.0**33, 1, SUBSIDY).ntime == 2**32 - 1


@pytest.mark.parametrize("height", [1, 2, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 800_000, 2**31 - 1])
def test_heights_as_bip34_writes_them(height: int) -> None:
    assert height_of(push_height(height)) == height
    assert height_of(push_height(height) + b"\x00") == height


@pytest.mark.parametrize(
    "prefix", ["", "00", "0100", "0105", "01", "0180", "020100", "0500000000ff", "4c0170", "61", "ff"]
)
def test_what_is_no_height(prefix: str) -> None:
    with pytest.raises(ProviderError, match="height"):
        height_of(bytes.fromhex(prefix))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"coinbase_prefix": push_height(HEIGHT) + bytes(5)}, "9 bytes, 8 at most"),
        ({"merkle_path": (bytes(32),) * (MAX_PATH + 1)}, "16 hashes"),
        ({"coinbase_tx_value_remaining": MAX_MONEY + 1}, "all bitcoin"),
        ({"coinbase_tx_outputs_count": 0}, "47 bytes follow"),
        ({"coinbase_tx_outputs_count": 2}, "coinbase_tx_outputs"),
        ({"coinbase_tx_outputs_count": 2**32 - 1}, "coinbase_tx_outputs"),
        ({"coinbase_tx_outputs": b""}, "coinbase_tx_outputs"),
    ],
)
def test_templates_that_cannot_be(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ProviderError, match=complaint):
        taken(altered(**changes))


@pytest.mark.parametrize(
    ("raws", "complaint"),
    [
        ((), "merkle_path"),
        (WHOLE.transactions[:2], "merkle_path"),
        ((*WHOLE.transactions[:2], spend(4).to_bytes()), "merkle_path"),
        ((WHOLE.transactions[1], WHOLE.transactions[0], WHOLE.transactions[2]), "merkle_path"),
        ((*WHOLE.transactions, WHOLE.transactions[2]), "twice"),
        ((b"", *WHOLE.transactions[1:]), "transaction 0"),
        ((*WHOLE.transactions[:2], WHOLE.transactions[2] + b"\x00"), "transaction 2"),
        ((*WHOLE.transactions[:2], spend(3).to_bytes(witness=False)), "witnesses"),
    ],
    ids=["none", "fewer", "others", "order", "twice", "empty", "tail", "stripped"],
)
def test_transactions_that_are_not_the_templates(raws: tuple[bytes, ...], complaint: str) -> None:
    with pytest.raises(ProviderError, match=complaint):
        checked(taken(altered()), raws, Known())


def test_a_template_without_commitment_is_one_from_before_segwit() -> None:
    legacy = template(transactions=(spend(1, segwit=False),), coinbase_outputs=())
    one = taken(new_template(7, legacy, future=True))
    assert checked(one, legacy.transactions, Known()) == legacy.transactions
    other_output = template(transactions=(spend(1, segwit=False),), coinbase_outputs=(TxOut(0, b"\x6a"),))
    with pytest.raises(ProviderError, match="witnesses"):
        checked(taken(new_template(7, other_output, future=True)), legacy.transactions, Known())


def test_a_commitment_may_stand_among_others_and_carry_more() -> None:
    script = witness_commitment_script(witness_commitment([spend(1).wtxid()]))
    outputs = (TxOut(0, b"\x6a\x01\x07"), TxOut(0, script + b"more"))
    offered = template(transactions=(spend(1),), coinbase_outputs=outputs)
    one = taken(new_template(7, offered, future=True))
    assert one.outputs == outputs
    assert checked(one, offered.transactions, Known()) == offered.transactions


def test_transactions_seen_before_are_the_same_objects_and_are_not_parsed_again() -> None:
    known = Known()
    block = Block.parse(vector_bytes(MAINNET_BLOCK))
    raws = tuple(each.to_bytes() for each in block.transactions[1:])
    first, txids, wtxids = known.settle(raws)
    again, _, _ = known.settle(tuple(bytes(bytearray(raw)) for raw in raws))
    assert first == again == raws
    assert all(mine is theirs for mine, theirs in zip(first, again, strict=True))
    assert txids == [each.txid() for each in block.transactions[1:]]
    assert wtxids == [each.wtxid() for each in block.transactions[1:]]
    known.settle(raws[:1])
    assert len(known.seen) == 1


@pytest.mark.parametrize(
    ("nbits", "time", "complaint"),
    [(0, NTIME, "zero"), (0x01FE0000, NTIME, "nbits"), (0x207FFFFF, NTIME + 7_001, "1 s later")],
)
def test_tips_that_cannot_be(nbits: int, time: int, complaint: str) -> None:
    message = SetNewPrevHash(7, BlockHash(bytes(32)), time, nbits, bytes(32))
    with pytest.raises(ProviderError, match=complaint):
        turn_to(message, HEIGHT, 0.0, NTIME + 7_000)
