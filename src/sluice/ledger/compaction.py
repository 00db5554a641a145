"""What is beyond retention: shares and refusals become sums, the rest goes.

Rule: a step is one transaction and bounded, so that the writer is never kept waiting for long; before and after it
the record says the same of every account. Found blocks and their templates, settings and runs are kept for ever.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sluice.ledger.database import Database, Words
from sluice.ledger.schema import (
    CANDIDATES,
    CARRIED,
    CARRIED_REASONS,
    CARRIED_SLOTS,
    CHANNELS,
    CLOSINGS,
    DAY,
    PROGRESS,
    REFUSALS,
    ROW_BITS,
    RUNS,
    SHARES,
    SINCE,
    SLOT,
    SLOTS,
    TARGETS,
    TEMPLATES,
    TIPS,
)
from sluice.ledger.sums import Sums
from sluice.ledger.views import add_refusals, add_shares, catch_up, lay_parts, lay_reasons, since, take_turns
from sluice.pool.journal import CHANNEL_BITS

#: Shares that one step folds: a few tenths of a second's work.
STEP = 20_000
#: Seconds for which slots by worker are kept: a week's chart, and a day to spare.
SLOTS_KEPT = 8 * DAY
_RUN = 1 << ROW_BITS


def let_go(database: Database, now: int) -> None:
    """Let go of slots by worker that are too old to be shown.

    A clock that was ahead has let go of all of them, and of those to come: they begin anew.
    """
    with database.writing() as connection:
        take_turns(connection, database.words)  # nobody adds to a slot that goes
        begun = since(connection, "slots")
        if begun <= now:
            _begin_slots(connection, database.words, (now - SLOTS_KEPT) // SLOT * SLOT)
            return
        # Not before what was added up while they were wanted from later on.
        ats = [
            connection.execute(sa.select(sa.func.max(at)).where(at < begun)).scalar() or 0
            for at in (SHARES.c.at, REFUSALS.c.at)
        ]
        start = (max(now, *ats) // SLOT + 1) * SLOT
        connection.execute(SINCE.update().where(SINCE.c.view == "slots").values(at=min(start, begun)))


def fold(database: Database, before: int) -> bool:
    """Fold the oldest of what came before that time, a day's beginning; whether there is more."""
    oldest = sa.select(SHARES.c.at).where(SHARES.c.at < before).order_by(SHARES.c.at)
    words = database.words
    with database.writing() as connection:
        if catch_up(connection, words):
            return True  # nothing is folded that no view has seen
        last = connection.execute(oldest.offset(STEP).limit(1)).scalar()
        until = before if last is None else last + 1
        sums = Sums(slots_from=until + DAY, by_day=True)
        add_shares(connection, words, sums, SHARES.c.at < until)
        add_refusals(connection, sums, REFUSALS.c.at < until)
        _carry(connection, words, sums)
        _begin_slots(connection, words, -(-until // SLOT) * SLOT)
        for table in (SHARES, REFUSALS, CLOSINGS, TARGETS):
            connection.execute(table.delete().where(table.c.at < until))
        _forget_templates(connection, until)
        _forget_channels(connection)
    with database.writing() as connection:
        words.give_back(connection)
    return last is not None


def _forget_templates(connection: Connection, until: int) -> None:
    """Those of found blocks stay, and their tips: what a block pays and takes is asked for years later."""
    t, c = TEMPLATES.c, CANDIDATES.c
    found = sa.exists().where(
        c.template == t.template, c.candidate >= t.run * _RUN, c.candidate < (t.run + 1) * _RUN
    )
    connection.execute(TEMPLATES.delete().where(t.at < until, ~found))
    kept = sa.select(t.prev_hash)
    connection.execute(TIPS.delete().where(TIPS.c.at < until, TIPS.c.prev_hash.not_in(kept)))


def _forget_channels(connection: Connection) -> None:
    """A channel's row says whose its shares are: it stays until the last of its run's is gone, and no more can come.

    Of several processes that are one pool each has a shard, and the newest run of a shard may not be over. Nor is one of
    another pool that was offered a tip or a template within retention, idle as it may be.
    """
    runs = [
        connection.execute(sa.select(sa.func.min(row))).scalar()
        for row in (SHARES.c.share, REFUSALS.c.refusal)
    ]
    newest = connection.execute(sa.select(sa.func.max(PROGRESS.c.run))).scalar() or 0
    oldest = min((row >> ROW_BITS for row in runs if row is not None), default=newest)
    going_on = connection.execute(
        sa.union(
            sa.select(sa.func.max(RUNS.c.run)).group_by(RUNS.c.shard),
            sa.select(TIPS.c.run),
            sa.select(TEMPLATES.c.run),
        )
    ).scalars()
    over = [
        sa.not_(CHANNELS.c.channel.between(run << CHANNEL_BITS, (run + 1 << CHANNEL_BITS) - 1))
        for run in going_on
        if run < oldest
    ]
    connection.execute(CHANNELS.delete().where(CHANNELS.c.channel < oldest << CHANNEL_BITS, *over))


def _carry(connection: Connection, words: Words, sums: Sums) -> None:
    lay_parts(
        connection,
        words,
        CARRIED,
        (
            ({"account": earner.account, "worker": earner.worker, "day": day}, part)
            for (earner, day), part in sums.days.items()
        ),
    )
    lay_parts(
        connection, words, CARRIED_SLOTS, (({"slot": at}, part) for at, part in sums.pool_slots.items())
    )
    lay_reasons(connection, words, CARRIED_REASONS, sums)


def _begin_slots(connection: Connection, words: Words, start: int) -> None:
    """Slots by worker go back to `start`, and no further."""
    if start <= since(connection, "slots"):
        return
    connection.execute(SLOTS.delete().where(SLOTS.c.slot < start))
    mark = words.insert(SINCE).values(view="slots", at=start)
    connection.execute(mark.on_conflict_do_update(index_elements=["view"], set_={"at": start}))
