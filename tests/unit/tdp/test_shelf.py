"""What a provider has on show, and for how long."""

from itertools import count

import pytest

from sluice.bitcoin.block import MAX_WEIGHT
from sluice.tdp import shelf as shelf_module
from sluice.tdp.constraints import Constraints
from sluice.tdp.shelf import Shelf
from sluice.work.template import Template, TransactionFacts, empty_successor
from support.work import EASY_NBITS, HEIGHT, SUBSIDY, spend, template

SMALL, LARGE = Constraints(31), Constraints((MAX_WEIGHT - 1168) // 4 - 100)


def a_shelf() -> Shelf:
    return Shelf(lambda height: SUBSIDY, count(1).__next__)


def with_facts(*numbers: int) -> Template:
    made = tuple(spend(number) for number in numbers)
    facts = tuple(TransactionFacts(each.txid(), 400, 0, each.outputs[0].value) for each in made)
    return template(transactions=made, facts=facts)


def test_a_number_for_each_template_and_need() -> None:
    shelf = a_shelf()
    assert shelf.turn(with_facts(1, 2)) is None
    small, large = shelf.fit(SMALL), shelf.fit(LARGE)
    assert shelf.fit(Constraints(31)) == small
    assert (len(small.template.transactions), len(large.template.transactions)) == (2, 1)
    assert shelf.find(small.template_id) == small.template
    assert shelf.find(large.template_id) == large.template
    shelf.hold(with_facts(1, 2, 3))
    assert shelf.fit(SMALL) == small  # until it is renewed
    shelf.renew()
    assert len(shelf.fit(SMALL).template.transactions) == 3
    assert shelf.find(small.template_id) == small.template


def test_what_was_sent_ahead_gets_its_tip() -> None:
    shelf = a_shelf()
    first = with_facts(1)
    shelf.turn(first)
    ahead = shelf.look_ahead()
    assert ahead.template == empty_successor(first, SUBSIDY)
    assert shelf.look_ahead() is ahead
    assert shelf.find(ahead.template_id) is None  # nobody can have found a block on it
    following = template(HEIGHT + 1, nbits=EASY_NBITS, min_ntime=7, ntime=8)
    prepared = shelf.turn(following)
    assert prepared is not None
    assert prepared.template_id == ahead.template_id
    assert shelf.find(ahead.template_id) == prepared.template
    assert (prepared.template.prev_hash, prepared.template.nbits) == (following.prev_hash, EASY_NBITS)
    assert (prepared.template.transactions, prepared.template.coinbase_value) == ((), SUBSIDY)
    assert shelf.look_ahead().template.height == HEIGHT + 2


def test_what_was_sent_ahead_for_another_height_is_of_no_use() -> None:
    shelf = a_shelf()
    shelf.turn(template())
    shelf.look_ahead()
    assert shelf.turn(template(HEIGHT, fork=1)) is None
    assert shelf.turn(template(HEIGHT + 1)) is None  # and it is not kept


def test_a_tip_is_a_block_and_a_target() -> None:
    shelf = a_shelf()
    assert shelf.is_new_tip(template())
    shelf.turn(template())
    assert not shelf.is_new_tip(template(transactions=(spend(1),)))
    assert shelf.is_new_tip(template(nbits=EASY_NBITS))
    assert shelf.is_new_tip(template(HEIGHT + 1))


def test_how_much_more_a_template_pays() -> None:
    shelf = a_shelf()
    shelf.turn(with_facts(1))
    assert shelf.hold(with_facts(1, 5)) == 5
    assert shelf.hold(with_facts()) == -1


def test_templates_of_the_last_two_tips_are_kept() -> None:
    shelf = a_shelf()
    numbers = []
    for height in range(HEIGHT, HEIGHT + 3):
        shelf.turn(template(height))
        numbers.append(shelf.fit(SMALL).template_id)
    assert [shelf.find(number) is not None for number in numbers] == [False, True, True]


def test_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "MOST_SHOWN", 3)
    shelf = a_shelf()
    shelf.turn(template())
    numbers = [shelf.fit(Constraints(size)).template_id for size in range(5)]
    assert [shelf.find(number) is not None for number in numbers] == [False, False, True, True, True]


def test_equal_transactions_are_kept_once() -> None:
    shelf = a_shelf()
    shelf.turn(with_facts(1, 2))
    shelf.hold(with_facts(2, 3))
    assert shelf.current is not None
    assert shelf.latest is not None
    assert shelf.latest.transactions[0] is shelf.current.transactions[1]
    assert shelf.latest == with_facts(2, 3)
