"""Made-up transactions for the embedded chain, legacy and segwit, as many as wanted from one seed.

Rule: their structure and amounts are right, their signatures are noise: nobody checks those here. They spend
each other's outputs, beginning with coins that the seed brought with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from sluice.bitcoin.hashes import Txid, Wtxid
from sluice.bitcoin.network import COIN
from sluice.bitcoin.script import push
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut

FIRST_COINS = 400
FEW_COINS, MANY_COINS = 200, 2_000  # below, transactions split coins; above, they join them
FEE_RATES = (1, 20)  # satoshis for a virtual byte
WORTHWHILE = 100_000  # satoshis; smaller coins stay where they are, so that any fee can be paid
MOST_INPUTS = MOST_OUTPUTS = 3
SEQUENCE = 0xFFFF_FFFD  # as wallets write it: replaceable (BIP125)

Coins = dict[OutPoint, TxOut]
Opening = tuple[bytes, tuple[bytes, ...]]  # scriptSig, witness


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One transaction with all that is asked of it."""

    transaction: Transaction
    raw: bytes
    txid: Txid
    wtxid: Wtxid
    weight: int
    fee: int


def coins_of(transaction: Transaction) -> Coins:
    """The coins that it makes."""
    txid = transaction.txid()
    return {OutPoint(txid, index): output for index, output in enumerate(transaction.outputs)}


class Kind(NamedTuple):
    """A kind of output: how it is locked, and the scriptSig and witness that look like opening it."""

    key_size: int
    before: bytes
    after: bytes
    unlock: Callable[[Random], Opening]

    def lock(self, noise: Random) -> bytes:
        return self.before + noise.randbytes(self.key_size) + self.after

    def fits(self, script: bytes) -> bool:
        size = len(self.before) + self.key_size + len(self.after)
        return len(script) == size and script.startswith(self.before) and script.endswith(self.after)


def _signature(noise: Random) -> bytes:
    return b"\x30\x45\x02\x21\x00" + noise.randbytes(32) + b"\x02\x20" + noise.randbytes(32) + b"\x01"


def _public_key(noise: Random) -> bytes:
    return b"\x02" + noise.randbytes(32)


KINDS = (
    Kind(  # P2PKH
        20,
        b"\x76\xa9\x14",
        b"\x88\xac",
        lambda noise: (push(_signature(noise)) + push(_public_key(noise)), ()),
    ),
    Kind(  # P2SH around P2WPKH
        20,
        b"\xa9\x14",
        b"\x87",
        lambda noise: (push(b"\x00\x14" + noise.randbytes(20)), (_signature(noise), _public_key(noise))),
    ),
    Kind(20, b"\x00\x14", b"", lambda noise: (b"", (_signature(noise), _public_key(noise)))),  # P2WPKH
    Kind(32, b"\x51\x20", b"", lambda noise: (b"", (noise.randbytes(64),))),  # P2TR, by key
)


def first_coins(noise: Random) -> Coins:
    """Coins that no block made."""
    return {
        OutPoint(Txid(noise.randbytes(32)), 0): TxOut(noise.randint(1, 50) * COIN, _lock(noise))
        for _ in range(FIRST_COINS)
    }


def make_up(noise: Random, coins: Coins) -> MadeUp:
    """A transaction that spends some of `coins`, which must hold FEW_COINS or so; they are left as they are."""
    worthwhile = [place for place, coin in coins.items() if coin.value >= WORTHWHILE]
    inputs, outputs = _shape(noise, len(worthwhile))
    places = noise.sample(worthwhile, inputs)
    spending = tuple(
        TxIn(place, script, SEQUENCE, witness) for place, (script, witness) in _opened(noise, coins, places)
    )
    draft = Transaction(2, spending, tuple(TxOut(0, _lock(noise)) for _ in range(outputs)), 0)
    weight = draft.weight()
    fee = noise.randint(*FEE_RATES) * -(-weight // 4)
    values = _divide(noise, sum(coins[place].value for place in places) - fee, outputs)
    paying = tuple(TxOut(value, out.script_pubkey) for value, out in zip(values, draft.outputs, strict=True))
    made = Transaction(draft.version, spending, paying, draft.locktime)
    return MadeUp(made, made.to_bytes(), made.txid(), made.wtxid(), weight, fee)


def _shape(noise: Random, coins: int) -> tuple[int, int]:
    """How many inputs, and how many outputs: so that coins neither run out nor pile up."""
    if coins < FEW_COINS:
        return 1, MOST_OUTPUTS
    if coins > MANY_COINS:
        return MOST_INPUTS, 1
    return noise.randint(1, MOST_INPUTS), noise.randint(1, MOST_OUTPUTS)


def _lock(noise: Random) -> bytes:
    return noise.choice(KINDS).lock(noise)


def _opened(noise: Random, coins: Coins, places: Sequence[OutPoint]) -> Iterator[tuple[OutPoint, Opening]]:
    for place in places:
        script = coins[place].script_pubkey
        kind = next((kind for kind in KINDS if kind.fits(script)), KINDS[0])
        yield place, kind.unlock(noise)


def _divide(noise: Random, value: int, parts: int) -> list[int]:
    """`value` in unequal parts, none of them zero."""
    shares = [noise.randint(1, 100) for _ in range(parts)]
    values = [value * share // sum(shares) for share in shares]
    values[-1] += value - sum(values)
    return values
