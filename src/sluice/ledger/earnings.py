"""What each account's work is worth for a block, out of the record alone: a statement, and nothing is paid by it.

Rule: all of it is one picture of the database, and nothing in it depends on when it is asked for, but for what a block
comes to later and for shares that were folded since.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sluice.accounting.payout import fee_of
from sluice.accounting.scheme import Pooled, Solo
from sluice.accounting.split import Split, Terms, split
from sluice.accounting.window import Window, newest
from sluice.ledger.database import Database
from sluice.ledger.rounds import (
    BEGINNING,
    END,
    FOR_NOTHING,
    Block,
    Reach,
    Worth,
    blocks,
    fill,
    is_folded,
    lost_between,
    paying,
    place_of,
    shares_between,
    worth_of,
)
from sluice.ledger.schema import SETTINGS

#: Parts of which a full window has so many, for who watches.
_PARTS = 1_000


class Why(Enum):
    """Why nothing can be said; what to do about it, whoever asks the people knows."""

    NO_BLOCK = "no block has been found yet"
    NO_TEMPLATE = "no template is in the record yet"
    NOT_FOUND = "no block that was found here has this in its hash, or for its height"
    SEVERAL = "several blocks have this in their hash, or for their height"
    FOR_NOTHING = "it came to nothing, and its work counts for the next block"
    NO_REWARD = "what it paid is not in the record any more"
    FOLDED = "of its day only sums are left, so there is no telling what came before it"
    NO_TARGET = "what it took is not in the record any more, so there is no telling how large the window was"


class CannotTell(Exception):
    """Nothing can be said, because of `why`; `block` is the one that was meant, if it is known."""

    def __init__(self, why: Why, block: Block | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.block = block


@dataclass(frozen=True, slots=True)
class Asked:
    """Which block: a part of its hash or its height, the last one if empty; or the next one, were it found now.

    `reward` in satoshis, if it is not to be looked up. `times`: the newest work counts, so many times what the block
    takes (PPLNS); without it, that of its round.
    """

    block: str = ""
    next: bool = False
    reward: int | None = None
    times: Fraction | None = None
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class PaidByBlock:
    """In solo mode: the coinbase has paid the finder, less the fee, and nobody else earns anything."""

    block: Block | None
    reward: int | None = None
    fee: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What each account's work is worth; `before` is the block of the round before, `lost` counts missing entries."""

    block: Block | None
    before: Block | None
    network_work: int | None
    window: Window
    split: Split
    reach: Reach
    lost: int


def statement(
    database: Database, asked: Asked, progress: Callable[[int, int], None] = lambda done, total: None
) -> Statement | PaidByBlock:
    """What was asked for. Raises CannotTell, LedgerError."""
    with database.reading() as connection:
        block = None if asked.next else _meant(connection, asked.block)
        if _mode(connection, block) == Solo.mode:
            return _paid_by_block(connection, block, asked.reward)
        if block is not None and block.stage in FOR_NOTHING:
            raise CannotTell(Why.FOR_NOTHING, block)
        if block is not None and is_folded(connection, block):
            raise CannotTell(Why.FOLDED, block)
        worth = worth_of(connection, block)
        reward = worth.reward if asked.reward is None and worth else asked.reward
        if reward is None:
            raise CannotTell(Why.NO_TEMPLATE if block is None else Why.NO_REWARD, block)
        before = paying(connection, block)
        end = END if block is None else place_of(connection, block)
        if asked.times is None:
            window, begin = Window(), BEGINNING if before is None else place_of(connection, before)
            total = shares_between(connection, begin, end)

            def told(shares: int) -> None:
                progress(min(shares, total), total)
        else:
            window, begin = Window(_size(worth, asked.times, block)), BEGINNING

            def told(shares: int) -> None:
                progress(window.work * _PARTS // (window.size or 1), _PARTS)

        reach = fill(connection, window, begin, end, told)
        lost = lost_between(connection, max(begin.at, reach.first_at or 0), end.at)
        network_work = worth.network_work if worth else None
        done = split(reward, window.credit, asked.terms)
        return Statement(block, before, network_work, window, done, reach, lost)


def _meant(connection: Connection, text: str) -> Block:
    if not text:
        last = paying(connection)
        if last is None:
            raise CannotTell(Why.NO_BLOCK)
        return last
    known = list(blocks(connection))
    exact = [block for block in known if text.lower() in (block.block_hash, str(block.height))]
    meant = exact or [block for block in known if text.lower() in block.block_hash]
    if len(meant) != 1:
        raise CannotTell(Why.SEVERAL if meant else Why.NOT_FOUND)
    return meant[0]


def _size(worth: Worth | None, times: Fraction, block: Block | None) -> int:
    if worth is None or worth.network_work is None:
        raise CannotTell(Why.NO_TARGET, block)
    return newest(times, worth.network_work)


def _paid_by_block(connection: Connection, block: Block | None, reward: int | None) -> PaidByBlock:
    if block is None:
        return PaidByBlock(None)
    worth = worth_of(connection, block)
    if reward is None and worth is not None:
        reward = worth.reward
    percent = Fraction(_setting(connection, "accounts.fee_percent", block) or 0)
    return PaidByBlock(block, reward, None if reward is None else fee_of(reward, percent / 100))


def _mode(connection: Connection, block: Block | None) -> str:
    return _setting(connection, "accounts.mode", block) or Pooled.mode


def _setting(connection: Connection, name: str, block: Block | None) -> str | None:
    """As it was in the run that found the block; now, without one."""
    s = SETTINGS.c
    query = sa.select(s.value).where(s.name == name)
    if block is not None:
        query = query.where(s.run <= block.run, s.at <= block.found_at)
    return connection.execute(query.order_by(s.at.desc(), s.run.desc()).limit(1)).scalar()
