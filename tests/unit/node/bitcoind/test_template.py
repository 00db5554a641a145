"""A real node's answer becomes a template whose block is right to the byte; a contradictory one none."""

import json
from typing import Any

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.coinbase import is_bip54
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.merkle import merkle_root
from sluice.bitcoin.network import COIN
from sluice.bitcoin.transaction import Transaction
from sluice.bitcoin.witness import witness_commitment
from sluice.node.bitcoind.methods import GET_BLOCK_TEMPLATE, OfferedBlock
from sluice.node.bitcoind.template import TemplateError, speaks_segwit, template_of
from support.blocks import found
from support.vectors import vector_json

ANSWER: dict[str, Any] = vector_json("bitcoind_getblocktemplate.json")["result"]
LEGACY = ANSWER["transactions"][0]


def offer(**changes: object) -> OfferedBlock:
    return GET_BLOCK_TEMPLATE.answer.decode(json.dumps(ANSWER | changes))


def test_every_field_of_a_real_answer() -> None:
    template = template_of(offer(), 9)
    assert template.template_id == 9
    assert template.height == 112
    assert to_display(template.prev_hash) == ANSWER["previousblockhash"]
    assert template.nbits == 0x207FFFFF
    assert template.version == 0x20000000
    assert (template.min_ntime, template.ntime) == (ANSWER["mintime"], ANSWER["curtime"])
    assert template.coinbase_value == 50 * COIN + 40_000
    assert template.fees == 40_000
    assert [raw.hex() for raw in template.transactions] == [each["data"] for each in ANSWER["transactions"]]
    assert [(out.value, out.script_pubkey.hex()) for out in template.coinbase_outputs] == [
        (0, ANSWER["default_witness_commitment"])
    ]
    assert template.coinbase_prefix.hex() == "0170"
    assert template.coinbase_tx_locktime == 111
    assert template.coinbase_tx_sequence != 0xFFFFFFFF
    assert [(to_display(fact.txid), *fact[1:]) for fact in template.facts] == [
        (each["txid"], each["weight"], each["sigops"], each["fee"]) for each in ANSWER["transactions"]
    ]


@pytest.mark.parametrize("untold", ["weight", "sigops", "fee"])
def test_what_is_known_of_some_transactions_only_is_of_no_use(untold: str) -> None:
    first, *others = ANSWER["transactions"]
    shy = {name: value for name, value in first.items() if name != untold}
    template = template_of(offer(transactions=[shy, *others]), 1)
    assert template.facts == ()
    assert len(template.transactions) == 1 + len(others)


def test_its_block_holds_together() -> None:
    block = Block.parse(found(template_of(offer(), 1)))
    coinbase, *others = block.transactions
    assert block.header.merkle_root == merkle_root([each.txid() for each in block.transactions])
    commitment = witness_commitment([each.wtxid() for each in others])
    assert coinbase.outputs[-1].script_pubkey.endswith(commitment)
    assert is_bip54(coinbase, 112)
    assert sum(each.value for each in coinbase.outputs) == ANSWER["coinbasevalue"]


def test_a_negative_version_is_the_same_32_bits() -> None:
    assert template_of(offer(version=-(2**31)), 1).version == 0x80000000


def test_what_a_node_puts_behind_its_commitment_is_kept() -> None:
    longer = ANSWER["default_witness_commitment"] + "0123"
    template = template_of(offer(default_witness_commitment=longer), 1)
    assert template.coinbase_outputs[0].script_pubkey.hex() == longer


def test_without_the_nodes_commitment_ours_is_taken() -> None:
    assert template_of(offer(default_witness_commitment=""), 1) == template_of(offer(), 1)


def test_without_transactions_there_is_no_path() -> None:
    empty = template_of(offer(transactions=[], default_witness_commitment=""), 1)
    assert (empty.merkle_path, empty.transactions, empty.fees) == ((), (), 0)


def test_segwit_is_told_by_the_commitment_or_the_rules() -> None:
    assert speaks_segwit(offer())
    assert speaks_segwit(offer(rules=[]))
    assert speaks_segwit(offer(rules=["segwit"], default_witness_commitment=""))
    old = offer(rules=["csv"], default_witness_commitment="")
    assert not speaks_segwit(old)
    with pytest.raises(TemplateError, match="segwit"):
        template_of(old, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"previousblockhash": "00" * 31}, "previousblockhash: .*64 hex digits"),
        ({"previousblockhash": "zz" * 32}, "previousblockhash: not a hash"),
        ({"bits": "nbits"}, "bits 'nbits'"),
        ({"bits": "00000000"}, "stand for zero"),
        ({"bits": "ff7fffff"}, "more than 256 bits"),
        ({"bits": "00" * 40}, "bits"),
        ({"transactions": [LEGACY | {"data": "0"}]}, r"transactions\[0\].data is not hex"),
        (
            {"transactions": [LEGACY | {"txid": ""}], "default_witness_commitment": ""},
            r"transactions\[0\].txid",
        ),
        ({"default_witness_commitment": "6a2"}, "default_witness_commitment is not hex"),
        ({"default_witness_commitment": "6a24aa21a9ed" + "00" * 32}, "is not that of the transactions"),
        ({"transactions": ANSWER["transactions"][:3]}, "is not that of the transactions"),
        ({"transactions": ANSWER["transactions"][::-1]}, "is not that of the transactions"),
    ],
)
def test_a_contradictory_answer_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        template_of(offer(**changes), 1)


def test_a_witness_that_was_lost_on_the_way_is_seen() -> None:
    second = ANSWER["transactions"][1]
    stripped = Transaction.parse(bytes.fromhex(second["data"])).to_bytes(witness=False).hex()
    with pytest.raises(TemplateError, match="is not that of the transactions"):
        template_of(offer(transactions=[LEGACY, second | {"data": stripped}, *ANSWER["transactions"][2:]]), 1)
