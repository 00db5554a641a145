"""What is read of a node's answers: all of a real one, nothing of an impossible one."""

import json
from typing import Any

import msgspec
import pytest

from sluice.node.bitcoind import methods
from sluice.node.bitcoind.methods import GET_BLOCK_TEMPLATE, LONG_POLL, SUBMIT_BLOCK
from sluice.node.bitcoind.rpc import Method
from support.vectors import vector_json

ANSWER: dict[str, Any] = vector_json("bitcoind_getblocktemplate.json")["result"]


def test_a_real_template_is_read() -> None:
    offer = GET_BLOCK_TEMPLATE.answer.decode(json.dumps(ANSWER))
    assert offer.height == 112
    assert len(offer.transactions) == 4
    assert offer.longpollid.startswith(offer.previousblockhash)
    assert offer.default_witness_commitment.startswith("6a24aa21a9ed")
    tip = LONG_POLL.answer.decode(json.dumps(ANSWER))
    assert (tip.previousblockhash, tip.longpollid) == (offer.previousblockhash, offer.longpollid)


@pytest.mark.parametrize(
    "field",
    ["version", "previousblockhash", "transactions", "coinbasevalue", "bits", "mintime", "curtime", "height"],
)
def test_a_template_without_what_is_needed_is_none(field: str) -> None:
    answer = {name: value for name, value in ANSWER.items() if name != field}
    with pytest.raises(msgspec.ValidationError, match=field):
        GET_BLOCK_TEMPLATE.answer.decode(json.dumps(answer))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("height", 0),
        ("height", -1),
        ("height", 1.5),
        ("height", 2**31),
        ("version", 2**31),
        ("coinbasevalue", -1),
        ("coinbasevalue", 21_000_000 * 10**8 + 1),
        ("mintime", 2**32),
        ("curtime", "now"),
        ("bits", 0x207FFFFF),
        ("transactions", None),
        ("transactions", [{"txid": "00"}]),
        ("transactions", [{"data": "00", "fee": -1}]),
    ],
)
def test_a_template_with_what_cannot_be_is_none(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        GET_BLOCK_TEMPLATE.answer.decode(json.dumps(ANSWER | {field: value}))


def test_only_the_call_whose_answer_changes_is_not_repeated() -> None:
    declared = [each for each in vars(methods).values() if isinstance(each, Method)]
    assert len(declared) == 10
    assert [each for each in declared if not each.repeatable] == [SUBMIT_BLOCK]
