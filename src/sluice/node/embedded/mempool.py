"""What waits to be mined on the embedded chain, and the coins that blocks have left.

Rule: everything waiting can be mined in the order in which it came.
"""

from collections.abc import Sequence
from random import Random

from sluice.bitcoin.transaction import Transaction
from sluice.node.embedded.made_up import Coins, MadeUp, coins_of, first_coins, make_up

MOST_WAITING = 3_000  # transactions: a full mainnet block's, so that no template is larger than in life


class Mempool:
    """Mutable; one owner. `coins` are the confirmed ones, made-up transactions' outputs included."""

    __slots__ = ("_free", "_noise", "_waiting", "coins")

    def __init__(self, seed: int) -> None:
        """The same seed and calls make the same transactions."""
        self._noise = Random(seed)
        self.coins: Coins = first_coins(self._noise)
        self._free: Coins = dict(self.coins)
        self._waiting: list[MadeUp] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def grow(self, count: int) -> None:
        """So many more transactions, as far as there is room."""
        for _ in range(min(count, MOST_WAITING - len(self._waiting))):
            made = make_up(self._noise, self._free)
            self._take(made)
            self._waiting.append(made)

    def choose(self, weight: int) -> tuple[MadeUp, ...]:
        """As many as `weight` has room for, the oldest first."""
        chosen = 0
        for made in self._waiting:
            weight -= made.weight
            if weight < 0:
                break
            chosen += 1
        return tuple(self._waiting[:chosen])

    def settle(self, transactions: Sequence[Transaction]) -> None:
        """A block has these, coinbase aside: they are confirmed, and what conflicts with them is gone."""
        for transaction in transactions:
            for txin in transaction.inputs:
                del self.coins[txin.previous]
            self.coins.update(coins_of(transaction))
        self._free = dict(self.coins)
        waiting, self._waiting = self._waiting, []
        for made in waiting:
            if all(txin.previous in self._free for txin in made.transaction.inputs):
                self._take(made)
                self._waiting.append(made)

    def _take(self, made: MadeUp) -> None:
        for txin in made.transaction.inputs:
            del self._free[txin.previous]
        self._free.update(coins_of(made.transaction))
