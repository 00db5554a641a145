"""The views, computed again from the record alone, and compared with those that are kept.

Rule: nothing is read here that a view has written, but how far the views go. Both sides are text, byte for byte.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sluice.accounting.name import Earner
from sluice.ledger.database import AT_A_TIME, Database, Words
from sluice.ledger.schema import (
    BLOCKS,
    CANDIDATES,
    CARRIED,
    CARRIED_REASONS,
    CARRIED_SLOTS,
    EARNERS,
    MOVES,
    POOL_SLOTS,
    REASONS,
    REFUSALS,
    ROW_BITS,
    SHARES,
    SLOTS,
    STANDINGS,
    VIEWED,
)
from sluice.ledger.sums import NO_HASH, Part, Sums
from sluice.ledger.views import add_refusals, add_shares, block_of, part_of, since

#: Differences that are shown.
MOST_SHOWN = 1_000
#: Shares between two words on how far it is.
_STRIDE = 100_000

Blocks = dict[bytes, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The views as they follow from the record, and as they are kept; `shares` were added up one by one."""

    computed: str
    kept: str
    shares: int
    accounts: int
    blocks: int

    @property
    def differences(self) -> list[str]:
        """Lines that are only kept (-) or only computed (+), the first MOST_SHOWN; none if they agree."""
        if self.computed == self.kept:
            return []
        kept, computed = Counter(self.kept.splitlines()), Counter(self.computed.splitlines())
        gone = [f"- {line}" for line in sorted((kept - computed).elements())]
        new = [f"+ {line}" for line in sorted((computed - kept).elements())]
        return sorted(gone + new, key=lambda line: (line[2:].split(), line))[:MOST_SHOWN]


def replay(database: Database, progress: Callable[[int, int], None] = lambda done, total: None) -> Replayed:
    """Compute everything again, in one picture of the database. Raises LedgerError.

    `progress` is told of shares now and then: how many are added up, of how many.
    """
    with database.reading() as connection:
        sums, blocks, shares = _recomputed(
            connection.execution_options(yield_per=AT_A_TIME), database.words, progress
        )
        computed = "".join(f"{line}\n" for line in view_lines(sums, blocks))
        accounts = len({earner.account for earner in sums.standings})
        kept = "".join(f"{line}\n" for line in view_lines(*_kept(connection)))
    return Replayed(computed, kept, shares, accounts, len(blocks))


def _recomputed(
    connection: Connection, words: Words, progress: Callable[[int, int], None]
) -> tuple[Sums, Blocks, int]:
    sums = Sums(since(connection, "slots"))
    for row in connection.execute(CARRIED.select()).mappings():
        _add(sums.standings, Earner(row["account"], row["worker"]), part_of(row))
    for row in connection.execute(CARRIED_SLOTS.select()).mappings():
        _add(sums.pool_slots, row["slot"], part_of(row))
    for row in connection.execute(CARRIED_REASONS.select()).mappings():
        sums.reasons[Earner(row["account"], row["worker"]), row["reason"]] += row["count"]
    blocks: Blocks = {}
    ranges = connection.execute(VIEWED.select().order_by(VIEWED.c.run)).mappings().all()
    first = [(row["run"] << ROW_BITS, row["share"]) for row in ranges]
    total = connection.execute(
        sa.select(sa.func.count()).select_from(SHARES).where(_within(SHARES.c.share, first))
    ).scalar_one()
    done = 0
    for start, end in first:
        for at in range(start + 1, end + 1, _STRIDE):
            until = min(at + _STRIDE - 1, end)
            add_shares(connection, words, sums, SHARES.c.share.between(at, until))
            done += until - at + 1
            progress(min(done, total), total)
    for row in ranges:
        base = row["run"] << ROW_BITS
        add_refusals(connection, sums, REFUSALS.c.refusal.between(base + 1, row["refusal"]))
        found = CANDIDATES.select().where(CANDIDATES.c.candidate.between(base + 1, row["candidate"]))
        for candidate in connection.execute(found).mappings():
            blocks[candidate["block_hash"]] = block_of(candidate)
    for row in ranges:
        moves = MOVES.select().where(MOVES.c.move.between((row["run"] << ROW_BITS) + 1, row["move"]))
        for move in connection.execute(moves.order_by(MOVES.c.move)).mappings():
            if move["block_hash"] in blocks:
                blocks[move["block_hash"]]["stage"] = move["stage"]
    return sums, blocks, total


def _within(column: Any, ranges: list[tuple[int, int]]) -> Any:
    return sa.or_(sa.false(), *(column.between(start + 1, end) for start, end in ranges))


def _add(parts: dict[Any, Part], key: Any, part: Part) -> None:
    known = parts.get(key)
    if known is None:
        parts[key] = part
    else:
        known.add(part)


def _kept(connection: Connection) -> tuple[Sums, Blocks]:
    """The views that are kept, as sums."""
    sums = Sums()
    for row in connection.execute(STANDINGS.select()).mappings():
        sums.standings[Earner(row["account"], row["worker"])] = part_of(row)
    for row in connection.execute(POOL_SLOTS.select()).mappings():
        sums.pool_slots[row["slot"]] = part_of(row)
    names = sa.select(SLOTS, EARNERS.c.account, EARNERS.c.worker).join_from(
        SLOTS, EARNERS, SLOTS.c.earner == EARNERS.c.earner
    )
    for row in connection.execute(names).mappings():
        sums.slots[row["slot"], Earner(row["account"], row["worker"])] = part_of(row)
    for row in connection.execute(REASONS.select()).mappings():
        sums.reasons[Earner(row["account"], row["worker"]), row["reason"]] = row["count"]
    blocks = {row["block_hash"]: dict(row) for row in connection.execute(BLOCKS.select()).mappings()}
    return sums, blocks


def view_lines(sums: Sums, blocks: Blocks) -> Iterator[str]:
    """The views as text, a line for each row, in one order."""
    for earner, part in sorted(sums.standings.items()):
        yield f"standing {earner.account!r} {earner.worker!r} {_line(part)}"
    for (earner, reason), count in sorted(sums.reasons.items()):
        yield f"reason {earner.account!r} {earner.worker!r} {reason} {count}"
    for (at, earner), part in sorted(sums.slots.items()):
        yield f"slot {at} {earner.account!r} {earner.worker!r} {_line(part)}"
    for at, part in sorted(sums.pool_slots.items()):
        yield f"pool {at} {_line(part)}"
    for block_hash, it in sorted(blocks.items()):
        yield (
            f"block {block_hash.hex()} {it['height']} {it['account']!r} {it['worker']!r} {it['found_at']} {it['stage']}"
        )


def _line(part: Part) -> str:
    best = "-" if part.best == NO_HASH else f"{part.best.hex()} {part.best_at}"
    return f"{part.accepted} {part.late} {part.refused} {part.work} {best} {part.first_at} {part.last_at}"
