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
from sluice.ledger.database import Words, driver_of
from sluice.ledger.many import Many
from sluice.ledger.rows import work_columns
from sluice.ledger.schema import (
    BLOCKS,
    CANDIDATES,
    CARRIED,
    CARRIED_REASONS,
    CARRIED_SLOTS,
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
    SLOT,
    SLOTS,
    STANDINGS,
    VIEWED,
    WORK_BITS,
)
from sluice.ledger.sums import NO_HASH, Part, Sums
from sluice.pool.block_life import Stage

#: Rows of each kind that one step takes in: a few hundredths of a second, and two tenths if each is another worker's.
STEP = 10_000
_KINDS = ("share", "refusal", "candidate", "move")
#: Added to a time, so that as text it has so many digits, whatever the time, and their order.
FIRST_AT = 1_000_000_000_000


def _slot_of(at: Any) -> Any:
    return at - at % sa.literal_column(str(SLOT))


_BETTER = (
    "{t}.best_hash IS NULL OR excluded.best_hash < {t}.best_hash"
    " OR excluded.best_hash = {t}.best_hash AND excluded.best_at < {t}.best_at"
)
#: How what is new is added to what stands in a view: the same words for SQLite and PostgreSQL.
_ADDED = {
    **{name: f"{{t}}.{name} + excluded.{name}" for name in ("accepted", "late", "refused", "count")},
    "work_high": f"{{t}}.work_high + excluded.work_high + (({{t}}.work_low + excluded.work_low) >> {WORK_BITS})",
    "work_low": f"({{t}}.work_low + excluded.work_low) & {(1 << WORK_BITS) - 1}",
    "best_hash": f"CASE WHEN {_BETTER} THEN excluded.best_hash ELSE {{t}}.best_hash END",
    "best_at": f"CASE WHEN {_BETTER} THEN excluded.best_at ELSE {{t}}.best_at END",
    "first_at": "CASE WHEN excluded.first_at < {t}.first_at THEN excluded.first_at ELSE {t}.first_at END",
    "last_at": "CASE WHEN excluded.last_at > {t}.last_at THEN excluded.last_at ELSE {t}.last_at END",
}
_EARNER = "(SELECT earner FROM earners WHERE account = {} AND worker = {})", ("account", "worker")
_NEW_EARNERS = Many(EARNERS, "ON CONFLICT DO NOTHING", without="earner")


def _laid(table: Table, looked_up: Mapping[str, tuple[str, Sequence[str]]] | None = None) -> Many:
    keys = ", ".join(column.name for column in table.primary_key)
    added = (f"{c.name} = {_ADDED[c.name].format(t=table.name)}" for c in table.columns if not c.primary_key)
    return Many(table, f"ON CONFLICT ({keys}) DO UPDATE SET {', '.join(added)}", looked_up=looked_up)


_LAID = {
    SLOTS: _laid(SLOTS, {"earner": _EARNER}),
    **{
        table: _laid(table)
        for table in (STANDINGS, POOL_SLOTS, REASONS, CARRIED, CARRIED_SLOTS, CARRIED_REASONS)
    },
}


def since(connection: Connection, view: str) -> int:
    """How far back a view goes, in unix seconds; 0 is to the beginning."""
    return connection.execute(sa.select(SINCE.c.at).where(SINCE.c.view == view)).scalar() or 0


def take_turns(connection: Connection, words: Words) -> None:
    """Whoever else would change views waits here: of several processes on one database, one at a time."""
    mine = words.insert(SINCE).values(view="lock", at=0)
    connection.execute(mine.on_conflict_do_update(index_elements=["view"], set_={"at": 0}))


def catch_up(connection: Connection, words: Words) -> bool:
    """Bring the views a step nearer to the record; whether there is more. To be called in a transaction."""
    take_turns(connection, words)
    sums = Sums(since(connection, "slots"))
    more = False
    for run, seen, last in _behind(connection):
        until = {kind: min(last[kind], seen[kind] + STEP) for kind in _KINDS}
        more = more or until != last
        add_shares(connection, words, sums, SHARES.c.share.between(seen["share"] + 1, until["share"]))
        add_refusals(connection, sums, REFUSALS.c.refusal.between(seen["refusal"] + 1, until["refusal"]))
        mark = words.insert(VIEWED).values(run=run, **until)
        connection.execute(mark.on_conflict_do_update(index_elements=["run"], set_=until))
        _blocks(connection, words, seen, until)
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
    """Found blocks, each at the stage of the last move that is in the views: of several runs, the newest has it."""
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
        last = (
            sa.select(MOVES.c.stage)
            .join_from(MOVES, VIEWED, VIEWED.c.run == MOVES.c.move.op(">>")(sa.literal_column(str(ROW_BITS))))
            .where(MOVES.c.block_hash == block_hash, MOVES.c.move <= VIEWED.c.move)
        )
        stage = connection.execute(last.order_by(MOVES.c.move.desc()).limit(1)).scalar()
        if stage is not None:
            connection.execute(BLOCKS.update().where(BLOCKS.c.block_hash == block_hash).values(stage=stage))


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


def add_shares(connection: Connection, words: Words, sums: Sums, which: Any) -> None:
    """Add the shares for which `which` holds; the database adds up those of one channel, worker and slot."""
    s = SHARES.c
    best = sa.func.min(words.in_order(s.hash).concat(sa.cast(s.at + FIRST_AT, sa.Text)))
    together = (
        sa.select(s.channel, s.worker, _slot_of(s.at), sa.func.count(), sa.func.sum(s.late))
        .add_columns(sa.func.sum(s.work_high), sa.func.sum(s.work_low))
        .add_columns(best, sa.func.min(s.at), sa.func.max(s.at))
        .where(which)
        .group_by(s.channel, s.worker, _slot_of(s.at))
        .subquery()
    )
    for name, _, worker, slot, count, late, high, low, least, first_at, last_at in _with_names(
        connection, together
    ):
        work = (int(high) << WORK_BITS) + int(low)
        best_hash, best_at = bytes.fromhex(least[:64]), int(least[64:]) - FIRST_AT
        part = Part(count, int(late), 0, work, best_hash, best_at, first_at, last_at)
        sums.credit(name or "", worker, slot, part)


def add_refusals(connection: Connection, sums: Sums, which: Any) -> None:
    """Add the refusals for which `which` holds."""
    r = REFUSALS.c
    together = (
        sa.select(r.channel, r.reason, _slot_of(r.at), sa.func.sum(r.count))
        .add_columns(sa.func.min(r.at), sa.func.max(r.at))
        .where(which)
        .group_by(r.channel, r.reason, _slot_of(r.at))
        .subquery()
    )
    for name, _, reason, slot, count, first_at, last_at in _with_names(connection, together):
        part = Part(refused=int(count), first_at=first_at, last_at=last_at)
        sums.refuse(name or "", reason, slot, part)


def _with_names(connection: Connection, together: Any) -> Any:
    """Rows that begin with a channel, behind the name under which it was opened."""
    query = sa.select(CHANNELS.c.name, together)
    return connection.execute(
        query.select_from(together.outerjoin(CHANNELS, together.c.channel == CHANNELS.c.channel))
    )


def lay_over(connection: Connection, words: Words, sums: Sums) -> None:
    """Add sums to the views of shares."""
    driver = driver_of(connection)
    earners = [_named(earner) for earner in sorted({earner for _, earner in sums.slots})]
    _NEW_EARNERS.write_named(driver, words.mark, earners)
    lay_parts(connection, words, STANDINGS, (({**_named(e)}, part) for e, part in sums.standings.items()))
    lay_parts(connection, words, POOL_SLOTS, (({"slot": at}, part) for at, part in sums.pool_slots.items()))
    slots = (({"slot": at, **_named(earner)}, part) for (at, earner), part in sums.slots.items())
    lay_parts(connection, words, SLOTS, slots)
    lay_reasons(connection, words, REASONS, sums)


def _named(earner: Earner) -> dict[str, str]:
    return {"account": earner.account, "worker": earner.worker}


def lay_reasons(connection: Connection, words: Words, table: Table, sums: Sums) -> None:
    """Add refusals by reason to those of the same key."""
    rows = (
        {**_named(earner), "reason": reason, "count": count}
        for (earner, reason), count in sorted(sums.reasons.items())
    )
    _LAID[table].write_named(driver_of(connection), words.mark, rows)


def lay_parts(
    connection: Connection, words: Words, table: Table, parts: Iterable[tuple[Mapping[str, Any], Part]]
) -> None:
    """Add parts to those of the same key, in the order of the keys: so two writers never wait for each other in a ring."""
    rows = [{**key, **columns_of(part)} for key, part in sorted(parts, key=lambda it: tuple(it[0].values()))]
    _LAID[table].write_named(driver_of(connection), words.mark, rows)


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
