"""The record as tables, on SQLite and PostgreSQL alike: what happened, and below it the views that follow from it.

Rule: rows of the record are only added, and in time folded into the `carried` tables; views can be thrown away and
computed again. A change here comes with a file in `versions/`. docs/record.md points here.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

METADATA = MetaData()
#: A number by which rows lie in order; SQLite keeps them so for this type alone.
_PLACE = BigInteger().with_variant(Integer, "sqlite")

#: A row's number is the run's, and its own within the run in so many bits: 34 years of a thousand shares a second.
ROW_BITS = 40
#: Work goes beyond 64 bits and is added up exactly, hence two numbers: high * 2^32 + low, below 2^95 hashes, which all
#: of Bitcoin takes a year for.
WORK_BITS = 32
#: Seconds of a slot, and of a day; both begin where unix time divides by them.
SLOT, DAY = 600, 86_400


def _table(name: str, says: str, *columns: Column[Any] | Index) -> Table:
    return Table(name, METADATA, *columns, comment=says)


def _row(name: str, says: str = "run << 40 | its number within the run") -> Column[int]:
    return Column(name, _PLACE, primary_key=True, autoincrement=False, comment=says)


def _serial(name: str, says: str) -> Column[int]:
    return Column(name, _PLACE, primary_key=True, comment=says)


def _text(name: str, says: str = "", *, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, primary_key=key, comment=says)


def _number(name: str, says: str = "", *, key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=False, primary_key=key, autoincrement=False, comment=says)


def _at(name: str = "at", says: str = "unix seconds") -> Column[int]:
    return _number(name, says)


def _hash(name: str, says: str = "display order", *, key: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False, primary_key=key, comment=says)


def _work() -> tuple[Column[int], ...]:
    return _number("work_high", "hashes: work_high * 2^32 + work_low"), _number("work_low")


def _sums() -> tuple[Column[Any], ...]:
    return (
        _number("accepted", "shares credited, late ones included"),
        _number("late", "of these, for the tip before, within the grace"),
        _number("refused", "shares refused, for whatever reason"),
        *_work(),
        Column("best_hash", LargeBinary, comment="the smallest, display order; none if nothing was credited"),
        Column("best_at", BigInteger, comment="when it came first"),
        _number("first_at", "unix seconds of the first share, credited or not"),
        _number("last_at", "and of the last"),
    )


RUNS = _table(
    "runs",
    "starts of the pool",
    _serial("run", "its number: the upper bits of its rows' and channels' numbers"),
    _at(),
    _text("version", "of Sluice"),
    _text("network"),
    _number("shard"),
)
PROGRESS = _table(
    "progress",
    "how far each run is recorded: its last row of each kind",
    _number("run", key=True),
    _number("batch", "the last one; a batch is in the record once, or not at all"),
    _number("entries", "in the last batch"),
    _number("largest", "entries of the largest batch"),
    _number("share"),
    _number("refusal"),
    _number("candidate"),
    _number("move"),
    _number("answer"),
)
SETTINGS = _table(
    "settings",
    "configuration changes: at each start what differs from before, later what an operator changes; no secrets",
    _number("run"),
    _at(),
    _text("name"),
    _text("value"),
    Index("settings_by_name", "name"),
)
TIPS = _table(
    "tips",
    "blocks that were built on",
    _number("run"),
    _at(),
    _number("height", "of the block to be found"),
    _hash("prev_hash"),
    _number("nbits"),
)
TEMPLATES = _table(
    "templates",
    "what nodes offered",
    _number("run"),
    _at(),
    _number("template", "its number within the run"),
    _number("height"),
    _hash("prev_hash"),
    _hash("path_hash", "SHA-256 of the merkle path"),
    _number("reward", "satoshis"),
    _number("fees", "satoshis"),
    _number("transactions", "without the coinbase"),
)
CHANNELS = _table(
    "channels",
    "channels opened",
    _row("channel", "run << 32 | its number within the run"),
    _at(),
    _text("name", "that the miner gave"),
    _text("kind", "standard, extended, tlv"),
    _text("address", "where it came from"),
    _text("vendor", "that the device names"),
)
CLOSINGS = _table("closings", "channels closed", _number("channel"), _at(), _text("reason"))
TARGETS = _table(
    "targets",
    "targets of channels, for jobs to come",
    _number("channel"),
    _at(),
    _hash("target", "32 bytes, the highest first"),
    *_work(),
)
SHARES = _table(
    "shares",
    "credited shares, one row each",
    _row("share"),
    _at(),
    _number("channel"),
    _text("worker", "named with the share; empty if none was"),
    _number("template"),
    _hash("hash"),
    *_work(),
    Column("late", SmallInteger, nullable=False, comment="1: for the tip before, within the grace"),
    Index("shares_by_time", "at"),
)
REFUSALS = _table(
    "refusals",
    "refused shares, counted by channel and reason",
    _row("refusal"),
    _at(),
    _number("channel", "run << 32 if it was none of the run's"),
    _text("reason"),
    _number("count"),
    Index("refusals_by_time", "at"),
)
CANDIDATES = _table(
    "candidates",
    "headers that met the network's target",
    _row("candidate"),
    _at(),
    _hash("block_hash"),
    _number("height"),
    _number("template"),
    _text("name", "that the finder gave"),
    Index("candidates_by_block", "block_hash", unique=True),
)
MOVES = _table(
    "moves",
    "the lives of found blocks",
    _row("move"),
    _at(),
    _hash("block_hash"),
    _text("stage"),
    _text("turn", "why"),
    Index("moves_by_block", "block_hash"),
)
ANSWERS = _table(
    "answers",
    "attempts to give found blocks to nodes",
    _row("answer"),
    _at(),
    _hash("block_hash"),
    _text("node"),
    _text("route"),
    _text("answer_word", "what the node made of it"),
    _text("reason", "in the node's words"),
    _number("milliseconds", "that it took"),
    Index("answers_by_block", "block_hash"),
)
LOST = _table(
    "lost",
    "holes in the record: the disk was full, or the database away, for too long",
    _number("run"),
    _at(),
    _number("entries"),
)
CARRIED = _table(
    "carried",
    "beyond retention: shares and refusals, summed by worker and day",
    _text("account", key=True),
    _text("worker", key=True),
    _number("day", "unix days", key=True),
    *_sums(),
)
CARRIED_REASONS = _table(
    "carried_reasons",
    "beyond retention: refusals by worker and reason",
    _text("account", key=True),
    _text("worker", key=True),
    _text("reason", key=True),
    _number("count"),
)
CARRIED_SLOTS = _table(
    "carried_slots",
    "beyond retention: what the pool did, summed by slot",
    _number("slot", "its start, unix seconds", key=True),
    *_sums(),
)

VIEWED = _table(
    "viewed",
    "how far the views go: the last row of each kind of each run that is in them",
    _number("run", key=True),
    _number("share"),
    _number("refusal"),
    _number("candidate"),
    _number("move"),
)
SINCE = _table(
    "since",
    "how far back a view goes",
    _text("view", "slots; or folded: no share from before is a row", key=True),
    _number("at", "unix seconds"),
)
EARNERS = _table(
    "earners",
    "view: who is credited",
    _serial("earner", "its number in slots"),
    _text("account"),
    _text("worker"),
    Index("earners_by_name", "account", "worker", unique=True),
)
STANDINGS = _table(
    "standings",
    "view: what each worker of each account has done",
    _text("account", key=True),
    _text("worker", key=True),
    *_sums(),
)
REASONS = _table(
    "reasons",
    "view: why shares of each worker were refused",
    _text("account", key=True),
    _text("worker", key=True),
    _text("reason", key=True),
    _number("count"),
)
SLOTS = _table(
    "slots",
    "view: what each worker did in ten minutes, for the last eight days",
    _number("slot", "its start, unix seconds", key=True),
    _number("earner", key=True),
    *_sums(),
    Index("slots_by_earner", "earner", "slot"),
)
POOL_SLOTS = _table(
    "pool_slots",
    "view: what the pool did in ten minutes",
    _number("slot", "its start, unix seconds", key=True),
    *_sums(),
)
BLOCKS = _table(
    "blocks",
    "view: found blocks, and how far each has come",
    _hash("block_hash", key=True),
    _number("height"),
    _text("account"),
    _text("worker"),
    _at("found_at"),
    _text("stage"),
)
#: Those that `sluice replay` compares.
VIEWS = (STANDINGS, REASONS, SLOTS, POOL_SLOTS, BLOCKS)
