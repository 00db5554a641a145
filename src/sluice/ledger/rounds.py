"""Where in the record a block's work lies: after which share its round begins, with which it ends, and what is in it.

Rule: only rows of the record are read, no view. Shares lie in one order, by time and then by number, as `sluice export`
has them. A round ends with the share that found its block, and begins after that of the block before; a block that came
to nothing ends none. A day of which only sums are left lies where it ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sluice.accounting.credit import together
from sluice.accounting.name import Earner, earner_of
from sluice.accounting.window import Window
from sluice.bitcoin.target import target_from_nbits, work
from sluice.ledger.database import AT_A_TIME
from sluice.ledger.schema import (
    CANDIDATES,
    CARRIED,
    CHANNELS,
    DAY,
    LOST,
    MOVES,
    ROW_BITS,
    SHARES,
    TEMPLATES,
    TIPS,
    WORK_BITS,
)
from sluice.pool.block_life import Stage

#: A block that came to nothing: nobody is paid by it, and its work counts for the next one.
FOR_NOTHING = frozenset({Stage.ORPHANED.value, Stage.REJECTED.value})
_BEYOND = (1 << 63) - 1


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """After a share; without its number, after all of that second."""

    at: int
    share: int = _BEYOND


BEGINNING, END = Place(-1), Place(_BEYOND)


@dataclass(frozen=True, slots=True)
class Block:
    """A found block, as the record has it; the hash in hex and display order."""

    number: int
    block_hash: str
    height: int
    template: int
    name: str
    found_at: int
    stage: str

    @property
    def run(self) -> int:
        """Of which run the template is."""
        return self.number >> ROW_BITS

    @property
    def finder(self) -> Earner:
        """Whose share it was."""
        return earner_of(self.name)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a template's block pays, in satoshis, and takes, in hashes."""

    reward: int
    network_work: int | None


@dataclass(slots=True)
class Reach:
    """What was counted: so many shares, from one second to another; and days of sums. Mutable."""

    shares: int = 0
    first_at: int | None = None
    last_at: int | None = None
    days: list[int] = field(default_factory=list)


def blocks(connection: Connection, before: Block | None = None) -> Iterator[Block]:
    """Found blocks, the newest first; those that were found before another."""
    c = CANDIDATES.c
    stage = sa.select(MOVES.c.stage).where(MOVES.c.block_hash == c.block_hash)
    query = sa.select(
        CANDIDATES, stage.order_by(MOVES.c.move.desc()).limit(1).scalar_subquery().label("stage")
    )
    if before is not None:
        query = query.where(sa.tuple_(c.at, c.candidate) < sa.tuple_(before.found_at, before.number))
    for row in connection.execute(query.order_by(c.at.desc(), c.candidate.desc())).mappings():
        yield Block(
            row["candidate"],
            row["block_hash"].hex(),
            row["height"],
            row["template"],
            row["name"],
            row["at"],
            row["stage"] or Stage.FOUND.value,
        )


def paying(connection: Connection, before: Block | None = None) -> Block | None:
    """The newest of them that did not come to nothing."""
    return next((block for block in blocks(connection, before) if block.stage not in FOR_NOTHING), None)


def place_of(connection: Connection, block: Block) -> Place:
    """Where its round ends: with the share that found it, or with its second if that share was not credited."""
    s = SHARES.c
    found = sa.select(s.share).where(s.at == block.found_at, s.hash == bytes.fromhex(block.block_hash))
    share = connection.execute(found.order_by(s.share).limit(1)).scalar()
    return Place(block.found_at) if share is None else Place(block.found_at, share)


def is_folded(connection: Connection, block: Block) -> bool:
    """Whether its day is sums, or becomes that just now."""
    day = sa.select(sa.func.count()).select_from(CARRIED).where(CARRIED.c.day == block.found_at // DAY)
    return bool(connection.execute(day).scalar_one())


def worth_of(connection: Connection, block: Block | None) -> Worth | None:
    """What a block pays and takes; of none, what the next one would. None if its template is not in the record."""
    t = TEMPLATES.c
    query = sa.select(t.reward, t.prev_hash)
    if block is not None:
        query = query.where(
            t.run == block.run,
            t.template == block.template,
            t.height == block.height,
            t.at <= block.found_at,  # not one of a later run's, which may have taken the block up
        )
    row = connection.execute(query.order_by(t.at.desc(), t.run.desc(), t.template.desc()).limit(1)).first()
    if row is None:
        return None
    tip = sa.select(TIPS.c.nbits).where(TIPS.c.prev_hash == row.prev_hash).order_by(TIPS.c.at.desc()).limit(1)
    nbits = connection.execute(tip).scalar()
    return Worth(row.reward, None if nbits is None else work(target_from_nbits(nbits)))


def lost_between(connection: Connection, first_at: int, last_at: int) -> int:
    """Entries that are missing from the record there."""
    lost = sa.select(sa.func.sum(LOST.c.entries)).where(LOST.c.at.between(first_at, last_at))
    return int(connection.execute(lost).scalar() or 0)


def shares_between(connection: Connection, begin: Place, end: Place) -> int:
    """How many shares lie there, about a second more or less."""
    counted = sa.select(sa.func.count()).select_from(SHARES).where(SHARES.c.at.between(begin.at, end.at))
    return connection.execute(counted).scalar_one()


def fill(
    connection: Connection, window: Window, begin: Place, end: Place, told: Callable[[int], None]
) -> Reach:
    """Put what lies there into `window`, until that is full. `told` hears now and then how many shares that were."""
    reach = Reach()
    accounts: dict[str | None, str] = {}
    streamed = connection.execution_options(yield_per=AT_A_TIME)
    with streamed.execute(_newest_first(begin, end)) as rows:
        for name, at, high, low in rows:
            account = accounts.get(name)
            if account is None:
                account = accounts[name] = earner_of(name or "").account
            reach.shares += 1
            reach.first_at, reach.last_at = at, reach.last_at or at
            more = window.add({account: high << WORK_BITS | low})
            if reach.shares % AT_A_TIME == 0:
                told(reach.shares)
            if not more:
                break
    told(reach.shares)
    if not window.full:
        _fill_with_days(streamed, window, (begin, end), reach)
    return reach


def _newest_first(begin: Place, end: Place) -> Any:
    s = SHARES.c
    return (
        sa.select(CHANNELS.c.name, s.at, s.work_high, s.work_low)
        .select_from(SHARES.outerjoin(CHANNELS, s.channel == CHANNELS.c.channel))
        .where(
            s.at.between(begin.at, end.at),
            sa.or_(s.at > begin.at, s.share > begin.share),
            sa.or_(s.at < end.at, s.share <= end.share),
        )
        .order_by(s.at.desc(), s.share.desc())
    )


def _fill_with_days(
    connection: Connection, window: Window, between: tuple[Place, Place], reach: Reach
) -> None:
    """Days of which only sums are left: older than every share that is a row."""
    c = CARRIED.c
    query = sa.select(c.day, c.account, c.work_high, c.work_low).order_by(c.day.desc())
    begin, end = between
    with connection.execute(query.where(c.day.between(begin.at // DAY, end.at // DAY))) as rows:
        for day, of_day in groupby(rows, key=lambda row: row.day):
            if not begin < Place((day + 1) * DAY - 1) <= end:
                continue
            piece = together({row.account: row.work_high << WORK_BITS | row.work_low} for row in of_day)
            reach.days.append(day)
            reach.first_at = day * DAY
            if not window.add(piece):
                return
