"""The views: sums that follow from the record, kept beside it so that nobody has to add up years.

Rule: they are brought up to the record now and then, a bounded step at a time, in one transaction with the mark of how
far they go; after a crash they go on from the mark. Nothing here is read back as truth: `replay.py` computes it anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table
from sqlalchemy.engine import Connection

from sluice.accounting.name import Earner, earner_of
from sluice.ledger.database import Words
from sluice.ledger.rows import work_columns
from sluice.ledger.schema import (
    BLOCKS,
    CANDIDATES,
    CHANNELS,
    EARNERS,
    MOVES,
    POOL_SLOTS,
    PROGRESS,
    REASONS,
    REFUSALS,
    ROW_BITS,
    SHARES,
    SINCE,
    SLOTS,
    STANDINGS,
    VIEWED,
    WORK_BITS,
)
from sluice.ledger.sums import NO_HASH, Part, Sums
from sluice.pool.block_life import Stage

#: Rows of each kind that one step takes in: a tenth of a second, if each is another worker's.
STEP = 2_000
#: Names that one statement asks for.
MOST_NAMED = 500
_KINDS = ("share", "refusal", "candidate", "move")
_FULL = 1 << WORK_BITS


def since(connection: Connection, view: str) -> int:
    """How far back a view goes, in unix seconds; 0 is to the beginning."""
    return connection.execute(sa.select(SINCE.c.at).where(SINCE.c.view == view)).scalar() or 0


def catch_up(connection: Connection, words: Words) -> bool:
    """Bring the views a step nearer to the record; whether there is more. To be called in a transaction."""
    # Whoever else would do the same waits here: of several processes on one database, one at a time.
    connection.execute(words.insert(SINCE).values(view="lock", at=0).on_conflict_do_nothing())
    connection.execute(SINCE.update().where(SINCE.c.view == "lock").values(at=0))
    sums = Sums(since(connection, "slots"))
    more = False
    for run, seen, last in _behind(connection):
        until = {kind: min(last[kind], seen[kind] + STEP) for kind in _KINDS}
        more = more or until != last
        add_shares(connection, sums, SHARES.c.share.between(seen["share"] + 1, until["share"]))
        add_refusals(connection, sums, REFUSALS.c.refusal.between(seen["refusal"] + 1, until["refusal"]))
        _blocks(connection, words, seen, until)
        mark = words.insert(VIEWED).values(run=run, **until)
        connection.execute(mark.on_conflict_do_update(index_elements=["run"], set_=until))
        if more:
            break
    lay_over(connection, words, sums)
    return more


def _behind(connection: Connection) -> Iterator[tuple[int, dict[str, int], dict[str, int]]]:
    """Runs of which not all is in the views: the last rows that are, and the last that there are."""
    viewed = {row["run"]: row for row in connection.execute(VIEWED.select()).mappings()}
    for row in connection.execute(PROGRESS.select().order_by(PROGRESS.c.run)).mappings().all():
        run, last = row["run"], {kind: row[kind] for kind in _KINDS}
        seen = (
            {kind: viewed[run][kind] for kind in _KINDS}
            if run in viewed
            else dict.fromkeys(_KINDS, run << ROW_BITS)
        )
        if seen != last:
            yield run, seen, last


def _blocks(connection: Connection, words: Words, seen: Mapping[str, int], until: Mapping[str, int]) -> None:
    new = CANDIDATES.select().where(CANDIDATES.c.candidate.between(seen["candidate"] + 1, until["candidate"]))
    touched = set()
    for row in connection.execute(new).mappings().all():
        touched.add(bytes(row["block_hash"]))
        connection.execute(words.insert(BLOCKS).values(**block_of(row)).on_conflict_do_nothing())
    moved = (
        sa.select(MOVES.c.block_hash).where(MOVES.c.move.between(seen["move"] + 1, until["move"])).distinct()
    )
    touched.update(bytes(block_hash) for (block_hash,) in connection.execute(moved))
    for block_hash in touched:
        last = sa.select(MOVES.c.stage).where(MOVES.c.block_hash == block_hash, _viewed_until(until))
        stage = connection.execute(last.order_by(MOVES.c.move.desc()).limit(1)).scalar()
        if stage is not None:
            connection.execute(BLOCKS.update().where(BLOCKS.c.block_hash == block_hash).values(stage=stage))


def _viewed_until(until: Mapping[str, int]) -> Any:
    """Moves of this run and of those before it: a later one tells of a block again if it has more to say."""
    return MOVES.c.move <= until["move"]


def block_of(candidate: Mapping[Any, Any]) -> dict[str, Any]:
    """A found block as the view has it before anything happened to it."""
    earner = earner_of(candidate["name"])
    return {
        "block_hash": candidate["block_hash"],
        "height": candidate["height"],
        "account": earner.account,
        "worker": earner.worker,
        "found_at": candidate["at"],
        "stage": Stage.FOUND.value,
    }


def add_shares(connection: Connection, sums: Sums, which: Any) -> None:
    """Add the shares for which `which` holds."""
    s = SHARES.c
    query = (
        sa.select(CHANNELS.c.name, s.worker, s.work_high, s.work_low, s.hash, s.late, s.at)
        .select_from(SHARES.outerjoin(CHANNELS, s.channel == CHANNELS.c.channel))
        .where(which)
    )
    for name, worker, high, low, share_hash, late, at in connection.execute(query):
        sums.credit(name or "", worker, (high << WORK_BITS | low, share_hash, late, at))


def add_refusals(connection: Connection, sums: Sums, which: Any) -> None:
    """Add the refusals for which `which` holds."""
    r = REFUSALS.c
    query = (
        sa.select(CHANNELS.c.name, r.reason, r.count, r.at)
        .select_from(REFUSALS.outerjoin(CHANNELS, r.channel == CHANNELS.c.channel))
        .where(which)
    )
    for name, reason, count, at in connection.execute(query):
        sums.refuse(name or "", reason, count, at)


def lay_over(connection: Connection, words: Words, sums: Sums) -> None:
    """Add sums to the views of shares."""
    lay_parts(connection, words, STANDINGS, (({**_named(e)}, part) for e, part in sums.standings.items()))
    lay_parts(connection, words, POOL_SLOTS, (({"slot": at}, part) for at, part in sums.pool_slots.items()))
    numbers = _numbers(connection, words, {earner for _, earner in sums.slots})
    lay_parts(
        connection,
        words,
        SLOTS,
        (({"slot": at, "earner": numbers[earner]}, part) for (at, earner), part in sums.slots.items()),
    )
    lay_reasons(connection, words, REASONS, sums)


def _named(earner: Earner) -> dict[str, str]:
    return {"account": earner.account, "worker": earner.worker}


def _numbers(connection: Connection, words: Words, earners: set[Earner]) -> dict[Earner, int]:
    """The numbers of earners, new ones given to whom has none: a few statements, however many they are."""
    numbers = _known(connection, earners)
    new = sorted(earners - numbers.keys())
    if new:
        insert = words.insert(EARNERS).on_conflict_do_nothing()
        connection.execute(insert, [_named(earner) for earner in new])
        numbers |= _known(connection, set(new))
    return numbers


def _known(connection: Connection, earners: set[Earner]) -> dict[Earner, int]:
    """Of these earners, those that have a number."""
    known, wanted = {}, sorted(earners)
    pair = sa.tuple_(EARNERS.c.account, EARNERS.c.worker)
    for at in range(0, len(wanted), MOST_NAMED):
        named = [tuple(earner) for earner in wanted[at : at + MOST_NAMED]]
        for row in connection.execute(EARNERS.select().where(pair.in_(named))):
            known[Earner(row.account, row.worker)] = row.earner
    return known


def lay_reasons(connection: Connection, words: Words, table: Table, sums: Sums) -> None:
    """Add refusals by reason to those of the same key."""
    rows = [
        {**_named(earner), "reason": reason, "count": count}
        for (earner, reason), count in sorted(sums.reasons.items())
    ]
    if rows:
        insert = words.insert(table)
        more = {"count": table.c["count"] + insert.excluded["count"]}
        keys = list(table.primary_key)
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=more), rows)


def lay_parts(
    connection: Connection, words: Words, table: Table, parts: Iterable[tuple[Mapping[str, Any], Part]]
) -> None:
    """Add parts to those of the same key."""
    rows = [{**key, **columns_of(part)} for key, part in parts]
    if not rows:
        return
    insert = words.insert(table)
    old, new = table.c, insert.excluded
    low = old.work_low + new.work_low
    better = sa.or_(
        old.best_hash.is_(None),
        new.best_hash < old.best_hash,
        sa.and_(new.best_hash == old.best_hash, new.best_at < old.best_at),
    )
    sums = {name: old[name] + new[name] for name in ("accepted", "late", "refused")} | {
        "work_high": old.work_high + new.work_high + low // sa.literal(_FULL, sa.BigInteger),
        "work_low": low % sa.literal(_FULL, sa.BigInteger),
        "best_hash": sa.case((better, new.best_hash), else_=old.best_hash),
        "best_at": sa.case((better, new.best_at), else_=old.best_at),
        "first_at": sa.case((new.first_at < old.first_at, new.first_at), else_=old.first_at),
        "last_at": sa.case((new.last_at > old.last_at, new.last_at), else_=old.last_at),
    }
    keys = list(table.primary_key)
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), _sorted(rows, keys))


def _sorted(rows: list[dict[str, Any]], keys: Sequence[Any]) -> list[dict[str, Any]]:
    """In the order in which they lie: quicker, and two writers never wait for each other in a ring."""
    return sorted(rows, key=lambda row: tuple(row[key.name] for key in keys))


def columns_of(part: Part) -> dict[str, Any]:
    """A part as columns."""
    credited = part.best != NO_HASH
    return {
        "accepted": part.accepted,
        "late": part.late,
        "refused": part.refused,
        **work_columns(part.work),
        "best_hash": part.best if credited else None,
        "best_at": part.best_at if credited else None,
        "first_at": part.first_at,
        "last_at": part.last_at,
    }


def part_of(row: Mapping[Any, Any]) -> Part:
    """And back."""
    return Part(
        row["accepted"],
        row["late"],
        row["refused"],
        row["work_high"] << WORK_BITS | row["work_low"],
        bytes(row["best_hash"]) if row["best_hash"] is not None else NO_HASH,
        row["best_at"] or 0,
        row["first_at"],
        row["last_at"],
    )
