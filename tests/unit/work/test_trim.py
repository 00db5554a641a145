"""Templates with fewer transactions are those that a node would have made of fewer."""

import pytest

from sluice.bitcoin.transaction import TxOut
from sluice.work.template import Template, TransactionFacts
from sluice.work.trim import emptied, first_of
from support.work import SUBSIDY, spend, template


def with_facts(count: int) -> Template:
    """A template of so many transactions, each of which pays its number."""
    made = [spend(number) for number in range(1, count + 1)]
    facts = tuple(TransactionFacts(each.txid(), each.weight(), 0, each.outputs[0].value) for each in made)
    return template(transactions=tuple(made), facts=facts)


@pytest.mark.parametrize("keep", range(6))
def test_it_is_the_template_of_the_first_ones(keep: int) -> None:
    assert first_of(with_facts(5), keep) == with_facts(keep)


def test_all_of_them_is_the_same() -> None:
    assert first_of(with_facts(5), 5) == with_facts(5)


def test_emptied_needs_no_facts() -> None:
    plain = template(transactions=(spend(1), spend(2)))
    assert emptied(plain, SUBSIDY) == template()


def test_what_a_node_appends_to_its_commitment_and_its_other_outputs_stay() -> None:
    outputs = with_facts(2).coinbase_outputs
    longer = TxOut(0, outputs[0].script_pubkey + b"more")
    other = TxOut(0, b"\x6a\x01\x07")
    whole = template(
        transactions=(spend(1), spend(2)), facts=with_facts(2).facts, coinbase_outputs=(other, longer)
    )
    cut = first_of(whole, 1)
    (commitment,) = with_facts(1).coinbase_outputs
    assert cut.coinbase_outputs == (other, TxOut(0, commitment.script_pubkey + b"more"))
    # Shorter than a commitment, whatever it begins with, it is none.
    torn = TxOut(0, longer.script_pubkey[:20])
    assert first_of(template(coinbase_outputs=(torn,)), 0).coinbase_outputs == (torn,)
