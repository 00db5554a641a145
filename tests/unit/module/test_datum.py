"""Whom another module wants to be paid."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import json

from sluice.bitcoin.transaction import TxOut
from sluice.blvm.structures import Block
from sluice.module.datum import MAX_OUTPUTS, MAX_TAGS, payout_by, proof_of
from sluice.module.request import Refusal
from sluice.work.job import Payout
from support.found import block_paying
from support.work import PAYOUT, spend

OWN = replace(PAYOUT, pool_tag=b"Sluice")


def said(*outputs: dict[str, Any], **more: object) -> bytes:
    return json.encode({"outputs": list(outputs), "primary_tag": None, "unique_id": None} | more)


def test_every_output_counts_in_its_order() -> None:
    answer = said({"script": "51", "value": 5}, {"script": "0014" + "00" * 20, "value": 7})
    shares = (TxOut(5, b"\x51"), TxOut(7, b"\x00\x14" + bytes(20)))
    assert payout_by(answer, OWN) == replace(OWN, shares=shares)


@pytest.mark.parametrize("answer", [b"null", b"", said()])
def test_no_opinion_leaves_all_to_us(answer: bytes) -> None:
    assert payout_by(answer, OWN) == OWN


def test_an_answer_replaces_the_one_before() -> None:
    before = payout_by(said({"script": "51", "value": 5}), OWN)
    assert payout_by(said({"script": "52", "value": 1}), OWN).shares == (TxOut(1, b"\x52"),)
    assert before.shares == (TxOut(5, b"\x51"),)


@pytest.mark.parametrize(
    ("tags", "own", "tag"),
    [
        ({"primary_tag": "DATUM"}, b"Sluice", b"DATUM/Sluice"),
        ({"primary_tag": "DATUM", "unique_id": 7}, b"Sluice", b"DATUM/7/Sluice"),
        ({"unique_id": "x"}, b"", b"x"),
        ({"primary_tag": "", "unique_id": 0}, b"Sluice", b"0/Sluice"),
        ({"primary_tag": "D" * 60}, b"Sluice", b"D" * 60),
        ({}, b"Sluice", b"Sluice"),
    ],
)
def test_both_tags_come_before_ours_while_there_is_room(
    tags: dict[str, object], own: bytes, tag: bytes
) -> None:
    assert payout_by(said(**tags), replace(OWN, pool_tag=own)).pool_tag == tag


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"outputs": {}}', "outputs must be a list of objects"),
        (b'{"outputs": [1]}', "outputs must be a list of objects"),
        (b'{"primary_tag": "x"}', "outputs must be a list of objects"),
        (said({"value": 1}), "missing script"),
        (said({"script": "", "value": 1}), "missing script"),
        (said({"script": "51"}), "missing value"),
        (said({"script": "51", "value": -1}), "value must be a whole number"),
        (said({"script": "51", "value": 1.5}), "value must be a whole number"),
        (said({"script": "xy", "value": 1}), "script must be hex"),
        (said({"script": "51" * 84, "value": 1}), "script must be hex of at most 83 bytes"),
        (said(*[{"script": "51", "value": 1}] * (MAX_OUTPUTS + 1)), "there are 201 outputs"),
        (said(*[{"script": "51", "value": 11 * 10**14}] * 2), "more than all coins"),
        (said(primary_tag="x" * MAX_TAGS), "primary_tag and unique_id have more"),
    ],
)
def test_what_is_not_whole_is_not_used(answer: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        payout_by(answer, OWN)


def test_the_longest_tags_leave_room_in_a_coinbase() -> None:
    from sluice.work.job import cut
    from support.work import template

    payout: Payout = payout_by(said(primary_tag="x" * (MAX_TAGS - 1)), OWN)
    assert cut(template(2**24), payout, 1).coinbase(bytes(16))


def test_a_found_block_is_told_in_the_node_s_own_structure() -> None:
    block = block_paying(TxOut(5, b"\x51"), number=7)
    paid = replace(block, transactions=(spend(1).to_bytes(), spend(2).to_bytes()))
    proof, end = Block.codec.read(proof_of(paid), 0)
    assert end == len(proof_of(paid))
    assert proof.header.nonce == int.from_bytes(block.header[76:], "little")
    assert [output.value for output in proof.transactions[0].outputs] == [5]
    assert [transaction.outputs[0].value for transaction in proof.transactions] == [5, 1, 2]
    assert proof.transactions[1].inputs[0].prevout.hash == spend(1).inputs[0].previous.txid
