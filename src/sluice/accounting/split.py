"""What credit is worth: a reward, split by work to the satoshi.

    the reward                    = fee + to be split
    to be split                   = each account's part, by its work, rounded down + the rest
    brought + each account's part = paid + carried

Rule: whole numbers only, and no satoshi is made or lost. What rounding leaves, less than a satoshi for each account,
is the rest and stays with the pool, as the fee does; what is too small to be sent is carried to the next block.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sluice.accounting.credit import Credit

#: A fee is so many parts of this.
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Terms:
    """`fee_ppm`: what the pool keeps, in parts of a million. `least`: what is below so many satoshis is carried.

    ValueError if they are none.
    """

    fee_ppm: int = 0
    least: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.fee_ppm <= MILLION or self.least < 0:
            raise ValueError(f"a fee of {self.fee_ppm} ppm and a least of {self.least} satoshis are no terms")


@dataclass(frozen=True, slots=True)
class Split:
    """Satoshis: of the reward the fee, `parts` and the rest; of `parts` and what was brought, paid and carried."""

    reward: int
    fee: int
    rest: int
    parts: Mapping[str, int]
    paid: Mapping[str, int]
    carried: Mapping[str, int]
    brought: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def split(reward: int, credit: Credit, terms: Terms, brought: Mapping[str, int] | None = None) -> Split:
    """`reward` satoshis by `credit`; `brought` is what accounts had too little of to be paid before.

    Where nobody has any work, all but the fee is the rest. ValueError if the reward is below zero.
    """
    if reward < 0:
        raise ValueError(f"a reward of {reward} satoshis is none")
    brought = brought or {}
    fee = reward * terms.fee_ppm // MILLION
    left, work = reward - fee, sum(credit.values())
    parts = {account: left * credit[account] // work for account in sorted(credit)} if work else {}
    due = {account: brought.get(account, 0) + parts.get(account, 0) for account in sorted({*brought, *parts})}
    return Split(
        reward,
        fee,
        left - sum(parts.values()),
        parts,
        paid={account: satoshis for account, satoshis in due.items() if satoshis >= terms.least},
        carried={account: satoshis for account, satoshis in due.items() if satoshis < terms.least},
        brought=brought,
    )
