"""Templates are cut to the room that a client leaves."""

import pytest

from sluice.bitcoin.block import MAX_WEIGHT
from sluice.bitcoin.sigops import MAX_SIGOPS_COST
from sluice.tdp.constraints import Constraints
from sluice.tdp.fit import NODES_OWN_SIGOPS, fitted, possible
from sluice.work.template import Template, TransactionFacts
from sluice.work.trim import first_of
from support.work import SUBSIDY, spend, template


def heavy(*facts: tuple[int, int]) -> Template:
    """Transactions of these weights and sigops, whatever they really have; each pays its number."""
    made = tuple(spend(number) for number in range(1, len(facts) + 1))
    told = tuple(
        TransactionFacts(each.txid(), weight, sigops, each.outputs[0].value)
        for each, (weight, sigops) in zip(made, facts, strict=True)
    )
    return template(transactions=made, facts=told)


def kept(offered: Template, constraints: Constraints) -> int:
    cut = fitted(offered, constraints, SUBSIDY)
    assert cut == first_of(offered, len(cut.transactions))
    return len(cut.transactions)


def test_what_fits_is_left_as_it_is() -> None:
    offered = heavy((400, 4), (400, 4))
    assert fitted(offered, Constraints(31, 4), SUBSIDY) is offered


def test_to_the_weight_unit() -> None:
    room = Constraints(1_000)
    offered = heavy((MAX_WEIGHT - room.weight - 400, 0), (400, 0), (1, 0))
    assert kept(offered, room) == 2
    assert kept(offered, Constraints(1_001)) == 1


def test_to_the_sigop() -> None:
    offered = heavy((400, MAX_SIGOPS_COST - 8), (400, 4), (400, 4))
    assert kept(offered, Constraints(0, 0)) == 3
    assert kept(offered, Constraints(0, 1)) == 2
    assert kept(offered, Constraints(0, 9)) == 0


def test_what_follows_one_that_does_not_fit_goes_too() -> None:
    offered = heavy((MAX_WEIGHT, 0), (4, 0))
    assert kept(offered, Constraints()) == 0


def test_without_facts_a_small_block_is_believed_and_a_large_one_is_emptied() -> None:
    plain = template(transactions=(spend(1), spend(2)))
    assert fitted(plain, Constraints(100, NODES_OWN_SIGOPS), SUBSIDY) is plain
    assert fitted(plain, Constraints(100, NODES_OWN_SIGOPS + 1), SUBSIDY) == template()
    assert fitted(plain, Constraints(MAX_WEIGHT // 4 - 300), SUBSIDY) == template()


@pytest.mark.parametrize(
    ("constraints", "can"),
    [
        (Constraints(), True),
        (Constraints((MAX_WEIGHT - 1168) // 4), True),
        (Constraints((MAX_WEIGHT - 1168) // 4 + 1), False),
        (Constraints(2**32 - 1, 2**16 - 1), False),
    ],
)
def test_nobody_needs_more_than_a_block(constraints: Constraints, can: bool) -> None:
    assert possible(constraints) is can
