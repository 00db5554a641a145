"""A node's template, made to fit what a client adds to the coinbase (spec 7.1).

Rule: no template leaves with which a block could be too heavy or have too many sigops. A node that tells no
facts of its transactions is believed as far as it must have counted itself; beyond that, the block is empty.
"""

from collections.abc import Iterator
from itertools import accumulate

from sluice.bitcoin.block import MAX_WEIGHT
from sluice.bitcoin.sigops import MAX_SIGOPS_COST
from sluice.tdp.constraints import Constraints
from sluice.work.template import Template
from sluice.work.trim import emptied, first_of

#: Sigops that nodes keep free for a coinbase by themselves (Core's coinbase_output_max_additional_sigops).
NODES_OWN_SIGOPS = 400


def possible(constraints: Constraints) -> bool:
    """Whether even an empty block has so much room."""
    return constraints.weight <= MAX_WEIGHT and constraints.sigops <= MAX_SIGOPS_COST


def fitted(template: Template, constraints: Constraints, subsidy: int) -> Template:
    """The same template where it fits; else as many of its transactions as do, from the front."""
    weight, sigops = MAX_WEIGHT - constraints.weight, MAX_SIGOPS_COST - constraints.sigops
    if len(template.facts) < len(template.transactions):
        # Four weight units a byte is the most that a transaction can have.
        heaviest = 4 * sum(len(raw) for raw in template.transactions)
        known = heaviest <= weight and constraints.sigops <= NODES_OWN_SIGOPS
        return template if known else emptied(template, subsidy)
    keep = sum(1 for _ in _those_that_fit(template, weight, sigops))
    return template if keep == len(template.transactions) else first_of(template, keep)


def _those_that_fit(template: Template, weight: int, sigops: int) -> Iterator[int]:
    weights = accumulate(fact.weight for fact in template.facts)
    costs = accumulate(fact.sigops for fact in template.facts)
    for heavy, costly in zip(weights, costs, strict=True):
        if heavy > weight or costly > sigops:
            return
        yield heavy
