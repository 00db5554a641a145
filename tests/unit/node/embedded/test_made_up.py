"""Made-up transactions: real in structure and amounts, of every kind, and the same from the same seed."""

from random import Random

import pytest

from sluice.bitcoin.transaction import Transaction
from sluice.node.embedded.made_up import (
    FEW_COINS,
    KINDS,
    MANY_COINS,
    WORTHWHILE,
    Coins,
    MadeUp,
    coins_of,
    first_coins,
    make_up,
)


def spree(seed: int, count: int) -> tuple[Coins, list[MadeUp]]:
    """The coins that are left after so many transactions one after the other, and these."""
    noise = Random(seed)
    coins = first_coins(noise)
    spent = []
    for _ in range(count):
        made = make_up(noise, coins)
        for txin in made.transaction.inputs:
            del coins[txin.previous]
        coins.update(coins_of(made.transaction))
        spent.append(made)
    return coins, spent


def test_each_says_of_itself_what_is_so() -> None:
    noise = Random(1)
    coins = first_coins(noise)
    for _ in range(50):
        made = make_up(noise, coins)
        parsed = Transaction.parse(made.raw)
        assert parsed == made.transaction
        assert (made.txid, made.wtxid, made.weight) == (parsed.txid(), parsed.wtxid(), parsed.weight())
        paid = sum(coins[txin.previous].value for txin in parsed.inputs)
        assert made.fee == paid - sum(output.value for output in parsed.outputs)
        assert 1 <= made.fee / (made.weight / 4) <= 21
        assert all(output.value > 0 for output in parsed.outputs)


def test_there_are_legacy_and_segwit_ones_and_mixed() -> None:
    _, made = spree(2, 200)
    witnesses = [[bool(txin.witness) for txin in each.transaction.inputs] for each in made]
    assert any(not any(each) for each in witnesses)
    assert any(all(each) for each in witnesses)
    assert any(any(each) and not all(each) for each in witnesses)
    scripts = [output.script_pubkey for each in made for output in each.transaction.outputs]
    assert [sum(kind.fits(script) for kind in KINDS) for script in scripts] == [1] * len(scripts)
    assert all(any(kind.fits(script) for script in scripts) for kind in KINDS)


def test_the_same_seed_makes_the_same() -> None:
    assert spree(3, 40) == spree(3, 40)
    assert spree(3, 40) != spree(4, 40)


@pytest.mark.parametrize("seed", range(3))
def test_coins_neither_run_out_nor_pile_up(seed: int) -> None:
    coins, _ = spree(seed, 3_000)
    worthwhile = sum(coin.value >= WORTHWHILE for coin in coins.values())
    assert FEW_COINS <= worthwhile <= MANY_COINS


def test_a_coin_of_unknown_kind_is_spent_too() -> None:
    coins = first_coins(Random(5))
    odd = {place: type(coin)(coin.value, b"\x51") for place, coin in coins.items()}
    assert all(txin.script_sig for txin in make_up(Random(6), odd).transaction.inputs)
