"""A found block through SubmitSolution, from one end to the other."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.bitcoin.header import Header
from sluice.bitcoin.transaction import Transaction
from sluice.pool.ports import FoundBlock
from sluice.sv2.messages.templates import SubmitSolution
from sluice.tdp.solution import Finder, Place, found_block, solution_of
from sluice.work.job import VERSION_ROLLING_MASK
from sluice.work.template import Template
from support.solutions import mined
from support.work import EASY_NBITS, HARD_NBITS, NTIME, spend, template

FINDER = Finder("client", NTIME + 5)
WHOLE = template(nbits=EASY_NBITS, transactions=(spend(1), spend(2), spend(3)))


def place(offered: Template, template_id: int = 7) -> Place:
    return Place(template_id, offered.prev_hash, offered.nbits, offered.version, offered.merkle_path)


def solution(found: FoundBlock, *places: Place) -> SubmitSolution:
    made = solution_of(found, list(places))
    assert isinstance(made, SubmitSolution)
    return made


def test_what_arrives_is_what_was_found() -> None:
    rolled = WHOLE.version | VERSION_ROLLING_MASK
    for found in (mined(WHOLE), mined(WHOLE, rolled)):
        sent = solution(found, place(WHOLE))
        header = Header.parse(found.header)
        assert sent == SubmitSolution(7, header.version, NTIME, header.nonce, found.coinbase)
        assert Transaction.parse(sent.coinbase_tx).has_witness  # spec 3.7.3
        assert found_block(sent, WHOLE, FINDER) == found


def test_it_finds_its_template_whatever_the_numbers_say() -> None:
    others = [place(template(transactions=(spend(9),)), 8), place(template(fork=1), 9)]
    assert solution(mined(WHOLE), *others, place(WHOLE)).template_id == 7
    empty = template(nbits=EASY_NBITS)
    assert solution(mined(empty), *others, place(WHOLE), place(empty, 3)).template_id == 3


@pytest.mark.parametrize(
    "other",
    [
        replace(WHOLE, prev_hash=template(fork=1).prev_hash),
        replace(WHOLE, nbits=EASY_NBITS - 1),
        replace(WHOLE, version=WHOLE.version ^ 1 << 30),
        template(nbits=EASY_NBITS, transactions=(spend(1), spend(2), spend(4))),
    ],
    ids=["tip", "nbits", "version", "transactions"],
)
def test_a_block_on_another_template_cannot_go_this_way(other: Template) -> None:
    assert solution_of(mined(WHOLE), [place(other)]) == "it was not built on a template of this provider"
    assert isinstance(solution_of(mined(WHOLE), []), str)


def test_a_coinbase_that_the_message_has_no_room_for() -> None:
    found = replace(mined(WHOLE), coinbase=bytes(2**16))
    assert "65535" in str(solution_of(found, [place(WHOLE)]))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"coinbase_tx": b""}, "no transaction"),
        ({"coinbase_tx": b"\x00" * 200}, "no transaction"),
        ({"coinbase_tx": spend(1).to_bytes()}, "no coinbase"),
    ],
)
def test_a_solution_that_makes_no_block(changes: dict[str, Any], complaint: str) -> None:
    sent = solution(mined(WHOLE), place(WHOLE))
    fields = {name: getattr(sent, name) for name in sent.__struct_fields__} | changes
    assert complaint in str(found_block(SubmitSolution(**fields), WHOLE, FINDER))


def test_without_proof_of_work_it_is_nobodys_block() -> None:
    hard = replace(WHOLE, nbits=HARD_NBITS)
    sent = solution(mined(hard), place(hard))
    assert found_block(sent, hard, FINDER) == "its hash is above the network's target"


def test_a_coinbase_without_the_witness_that_it_should_have_gets_it() -> None:
    found = mined(WHOLE)
    sent = solution(found, place(WHOLE))
    stripped = Transaction.parse(sent.coinbase_tx).to_bytes(witness=False)
    bare = SubmitSolution(7, sent.version, sent.header_timestamp, sent.header_nonce, stripped)
    assert found_block(bare, WHOLE, FINDER) == found
    # From before segwit there is nothing to put back.
    plain = replace(WHOLE, coinbase_outputs=())
    made = found_block(bare, plain, FINDER)
    assert isinstance(made, FoundBlock)
    assert made.coinbase == stripped
