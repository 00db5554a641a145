"""Each rule by itself: an honest candidate breaks none, one that breaks it earns Core's word.

The words for whole blocks are held to a real node's in tests/real/test_node_scenario.py.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.network import COIN, REGTEST, subsidy
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from sluice.node.embedded.chain import Chain, ChainPlan
from sluice.node.embedded.made_up import Coins
from sluice.node.embedded.mempool import Mempool
from sluice.node.embedded.validation import (
    BODY,
    LOCKTIME_IS_TIME,
    MAX_FUTURE,
    PLACED,
    PROOF,
    Candidate,
    Place,
    money_verdict,
    verdict,
)
from support.blocks import ANYONE, REFUSALS, Draft, draft, spending

NOW = 1_800_000_000
ALL_RULES = PROOF + BODY + PLACED
WORDS = [word.partition("(")[0] for word, _ in ALL_RULES]
OTHERWISE = {"prev-blk-not-found", "Block decode failed", "bad-txns-inputs-missingorspent", "bad-cb-amount"}


def template_and_coins() -> tuple[Draft, Place, Coins]:
    template = Chain(ChainPlan(hashrate=1, transactions_per_second=1), NOW).template(1, NOW + 5)
    place = Place(template.prev_hash, 1, template.nbits, template.min_ntime - 1, subsidy(1, REGTEST))
    return draft(template), place, Mempool(0).coins


HONEST, PLACE, COINS = template_and_coins()


def judged(raw: bytes, place: Place = PLACE, now: float = NOW) -> Candidate:
    return Candidate(Block.parse(raw), place, now)


def test_an_honest_block_breaks_no_rule() -> None:
    it = judged(HONEST.block())
    assert verdict(ALL_RULES, it) == ""
    assert money_verdict(it, COINS) == ""
    assert len(it.others) == 5


@pytest.mark.parametrize(
    ("word", "build"), [pytest.param(*each, id=each[0]) for each in REFUSALS if each[0] not in OTHERWISE]
)
def test_a_broken_block_earns_its_word(word: str, build: Callable[[Draft], bytes]) -> None:
    assert verdict(ALL_RULES, judged(build(HONEST))) == word


def test_every_rule_is_broken_by_some_block() -> None:
    earned = {word.partition("(")[0] for word, _ in REFUSALS} - OTHERWISE
    assert earned | {"bad-cb-missing"} == set(WORDS)


def test_a_block_begins_with_a_coinbase() -> None:
    without = replace(HONEST, coinbase=HONEST.others[0], others=HONEST.others[1:])
    assert verdict(ALL_RULES, judged(without.block())) == "bad-cb-missing"


@pytest.mark.parametrize(
    ("ntime", "word"),
    [
        (PLACE.median_time, "time-too-old"),
        (PLACE.median_time + 1, ""),
        (NOW + MAX_FUTURE, ""),
        (NOW + MAX_FUTURE + 1, "time-too-new"),
    ],
)
def test_the_edges_of_time(ntime: int, word: str) -> None:
    assert verdict(ALL_RULES, judged(HONEST.header_with(ntime=ntime).block())) == word


@pytest.mark.parametrize(
    ("version", "word"),
    [
        (4, ""),
        (3, "bad-version(0x00000003)"),
        (0x7FFFFFFF, ""),
        (0x80000000, "bad-version(0x80000000)"),  # negative
    ],
)
def test_the_edges_of_the_version(version: int, word: str) -> None:
    assert verdict(ALL_RULES, judged(HONEST.header_with(version=version).block())) == word


@pytest.mark.parametrize(
    ("locktime", "sequence", "word"),
    [
        (0, 0, ""),
        (PLACE.height - 1, 0, ""),
        (PLACE.height, 0, "bad-txns-nonfinal"),
        (PLACE.height, 0xFFFFFFFF, ""),
        (LOCKTIME_IS_TIME, 0, ""),
        (PLACE.median_time - 1, 0, ""),
        (PLACE.median_time, 0, "bad-txns-nonfinal"),
    ],
)
def test_the_edges_of_finality(locktime: int, sequence: int, word: str) -> None:
    block = HONEST.coinbase_with(locktime=locktime).input_with(sequence=sequence).block()
    assert verdict(ALL_RULES, judged(block)) == word


@pytest.mark.parametrize("height", [1, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 840_000])
def test_the_height_is_that_of_the_place(height: int) -> None:
    place = replace(PLACE, height=height)
    chain_at_height = Chain(ChainPlan(hashrate=1, transactions_per_second=1), NOW)
    chain_at_height.height = height - 1
    block = draft(chain_at_height.template(1, NOW)).block()
    assert verdict(ALL_RULES, judged(block, place)) == ""
    assert verdict(ALL_RULES, judged(block, replace(place, height=height + 1))) == "bad-cb-height"


def test_the_last_commitment_counts() -> None:
    right = HONEST.coinbase.outputs[-1]
    wrong = TxOut(0, right.script_pubkey[:-1] + b"\x00")
    reward = HONEST.coinbase.outputs[0]
    first_wrong = HONEST.coinbase_with(outputs=(reward, wrong, right)).block()
    assert verdict(ALL_RULES, judged(first_wrong)) == ""
    last_wrong = HONEST.coinbase_with(outputs=(reward, right, wrong)).block()
    assert verdict(ALL_RULES, judged(last_wrong)) == "bad-witness-merkle-match"


def test_more_behind_a_commitment_does_not_matter() -> None:
    *others, commitment = HONEST.coinbase.outputs
    longer = TxOut(0, commitment.script_pubkey + b"\x01\x02")
    assert verdict(ALL_RULES, judged(HONEST.coinbase_with(outputs=(*others, longer)).block())) == ""


def test_without_witnesses_no_commitment_is_needed() -> None:
    bare = HONEST.holding().input_with(witness=())
    bare = bare.coinbase_with(outputs=bare.coinbase.outputs[:1])
    assert verdict(ALL_RULES, judged(bare.block())) == ""


def paying(*places: OutPoint, value: int) -> Transaction:
    return replace(spending(*places), outputs=(TxOut(value, ANYONE),))


FIRST, SECOND = list(COINS)[:2]
WORTH = COINS[FIRST].value
PARENT = paying(FIRST, value=WORTH - 5)
CHILD = paying(OutPoint(PARENT.txid(), 0), value=WORTH - 12)
SUBSIDY = 50 * COIN


@pytest.mark.parametrize(
    ("others", "claimed", "word"),
    [
        ((), SUBSIDY, ""),
        ((), SUBSIDY - 1, ""),
        ((), SUBSIDY + 1, "bad-cb-amount"),
        ((PARENT,), SUBSIDY + 5, ""),
        ((PARENT,), SUBSIDY + 6, "bad-cb-amount"),
        ((PARENT, CHILD), SUBSIDY + 12, ""),
        ((PARENT, CHILD), SUBSIDY + 13, "bad-cb-amount"),
        ((CHILD, PARENT), 0, "bad-txns-inputs-missingorspent"),
        ((PARENT, paying(FIRST, SECOND, value=0)), 0, "bad-txns-inputs-missingorspent"),
        ((paying(OutPoint(PARENT.txid(), 1), value=0),), 0, "bad-txns-inputs-missingorspent"),
        ((paying(FIRST, value=WORTH),), SUBSIDY, ""),
        ((paying(FIRST, value=WORTH + 1),), 0, "bad-txns-in-belowout"),
    ],
)
def test_the_amounts(others: tuple[Transaction, ...], claimed: int, word: str) -> None:
    block = HONEST.holding(*others).paying(claimed).block()
    assert money_verdict(judged(block), COINS) == word


def test_every_input_of_a_candidate_is_looked_at() -> None:
    odd = Transaction(2, (TxIn(FIRST, b"", 0), TxIn(FIRST, b"", 0)), (TxOut(0, ANYONE),), 0)
    assert verdict(BODY, judged(HONEST.holding(odd).block())) == "bad-txns-inputs-duplicate"
