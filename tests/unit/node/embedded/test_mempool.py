"""The made-up mempool: what waits can always be mined in its order, whatever blocks have taken."""

from sluice.bitcoin.transaction import Transaction, TxIn, TxOut
from sluice.node.embedded.made_up import Coins, coins_of
from sluice.node.embedded.mempool import MOST_WAITING, Mempool

ALL = 10**9


def mineable(coins: Coins, transactions: list[Transaction]) -> bool:
    left = dict(coins)
    for transaction in transactions:
        for txin in transaction.inputs:
            if left.pop(txin.previous, None) is None:
                return False
        left.update(coins_of(transaction))
    return True


def waiting(pool: Mempool) -> list[Transaction]:
    return [made.transaction for made in pool.choose(ALL)]


def test_what_waits_can_be_mined_block_after_block() -> None:
    pool = Mempool(seed=1)
    for _ in range(10):
        pool.grow(60)
        assert mineable(pool.coins, waiting(pool))
        some = waiting(pool)[:40]
        pool.settle(some)
        assert not set(some) & set(waiting(pool))
    assert len(pool) == 10 * 60 - 10 * 40


def test_there_are_chains_of_unconfirmed_transactions() -> None:
    pool = Mempool(seed=2)
    pool.grow(200)
    own = {made.txid for made in pool.choose(ALL)}
    assert any(txin.previous.txid in own for each in waiting(pool) for txin in each.inputs)


def test_a_choice_is_the_oldest_that_fit() -> None:
    pool = Mempool(seed=3)
    pool.grow(10)
    everything = pool.choose(ALL)
    room = sum(made.weight for made in everything[:4])
    assert pool.choose(room) == everything[:4]
    assert pool.choose(room - 1) == everything[:3]
    assert pool.choose(0) == ()


def test_a_conflict_takes_its_children_with_it() -> None:
    pool = Mempool(seed=4)
    pool.grow(200)
    before = waiting(pool)
    parent = before[0]
    place = parent.inputs[0].previous
    rival = Transaction(2, (TxIn(place, b"", 0),), (TxOut(1, b"\x51"),), 0)
    pool.settle([rival])
    after = waiting(pool)
    assert parent not in after
    assert 0 < len(after) < len(before)
    assert mineable(pool.coins, after)


def test_there_is_room_for_so_many() -> None:
    pool = Mempool(seed=5)
    pool.grow(MOST_WAITING + 500)
    assert len(pool) == MOST_WAITING
    pool.settle(waiting(pool)[:100])
    pool.grow(500)
    assert len(pool) == MOST_WAITING


def test_the_same_seed_and_calls_make_the_same() -> None:
    first, second = Mempool(seed=6), Mempool(seed=6)
    for pool in (first, second):
        pool.grow(30)
        pool.settle(waiting(pool)[:10])
        pool.grow(5)
    assert first.choose(ALL) == second.choose(ALL)
    assert first.coins == second.coins
