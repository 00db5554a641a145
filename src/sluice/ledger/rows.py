"""Entries as rows: which table each kind goes to, and what stands in its columns.

Rule: a kind without a row has no business in the journal. Hashes turn to display order here, channels get the run's
number, and text loses what a database does not take.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from sluice.ledger import schema
from sluice.ledger.database import ShareRow
from sluice.ledger.schema import ROW_BITS, WORK_BITS
from sluice.pool.journal import (
    CHANNEL_BITS,
    CandidateAnswered,
    CandidateFound,
    CandidateMoved,
    ChannelBegan,
    ChannelEnded,
    Configured,
    Credited,
    Entry,
    Lost,
    Refusals,
    TargetSet,
    TemplateSeen,
    TipSeen,
)

#: How many of a text's bytes are kept: more than any wire lets a miner say of itself, and two of them fit into a key of
#: PostgreSQL's.
MOST_TEXT = 1_024
#: The most work that two columns hold: all of Bitcoin takes months for it, and no target that can be met means more.
MOST_WORK = (1 << 63 + WORK_BITS) - 1
_LOW = (1 << WORK_BITS) - 1
#: Kinds whose rows are numbered, and the column in which `progress` has the last number.
NUMBERED: Mapping[Table, str] = {
    schema.SHARES: "share",
    schema.REFUSALS: "refusal",
    schema.CANDIDATES: "candidate",
    schema.MOVES: "move",
    schema.ANSWERS: "answer",
}


def plain(text: str) -> str:
    """Bytes that are no UTF-8 travel as surrogates, which no database takes, and PostgreSQL takes no NUL."""
    if text.isascii() and "\0" not in text:
        return text[:MOST_TEXT]
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, which no wire of ours lets in
        raw = text.encode("utf-8", "backslashreplace")
    clean = raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return clean.encode()[:MOST_TEXT].decode("utf-8", "ignore")


def work_columns(work: int) -> dict[str, int]:
    """An exact number of hashes, in two columns."""
    kept = min(work, MOST_WORK)
    return {"work_high": kept >> WORK_BITS, "work_low": kept & _LOW}


def _block(entry: CandidateFound | CandidateMoved | CandidateAnswered) -> dict[str, Any]:
    return {"at": entry.at, "block_hash": entry.block_hash[::-1]}


_ROWS: Mapping[type[Any], tuple[Table, Callable[[Any, int], dict[str, Any]]]] = {
    TipSeen: (
        schema.TIPS,
        lambda e, run: {
            "run": run,
            "at": e.at,
            "height": e.height,
            "prev_hash": e.prev_hash[::-1],
            "nbits": e.nbits,
        },
    ),
    TemplateSeen: (
        schema.TEMPLATES,
        lambda e, run: {
            "run": run,
            "at": e.at,
            "template": e.template_id,
            "height": e.height,
            "prev_hash": e.prev_hash[::-1],
            "path_hash": e.path_hash,
            "reward": e.reward,
            "fees": e.fees,
            "transactions": e.transactions,
        },
    ),
    ChannelBegan: (
        schema.CHANNELS,
        lambda e, run: {
            "channel": run << CHANNEL_BITS | e.channel,
            "at": e.at,
            "name": plain(e.user),
            "kind": e.kind,
            "address": plain(e.address),
            "vendor": plain(e.vendor),
        },
    ),
    ChannelEnded: (
        schema.CLOSINGS,
        lambda e, run: {"channel": run << CHANNEL_BITS | e.channel, "at": e.at, "reason": plain(e.reason)},
    ),
    TargetSet: (
        schema.TARGETS,
        lambda e, run: {
            "channel": run << CHANNEL_BITS | e.channel,
            "at": e.at,
            "target": e.target.to_bytes(32),
            **work_columns(e.work),
        },
    ),
    Refusals: (
        schema.REFUSALS,
        lambda e, run: {
            "at": e.at,
            "channel": run << CHANNEL_BITS | e.channel,
            "reason": e.reason,
            "count": e.count,
        },
    ),
    CandidateFound: (
        schema.CANDIDATES,
        lambda e, run: _block(e) | {"height": e.height, "template": e.template_id, "name": plain(e.user)},
    ),
    CandidateMoved: (
        schema.MOVES,
        lambda e, run: _block(e) | {"stage": e.stage, "turn": plain(e.turn)},
    ),
    CandidateAnswered: (
        schema.ANSWERS,
        lambda e, run: (
            _block(e)
            | {
                "node": plain(e.node),
                "route": e.route,
                "answer_word": e.answer,
                "reason": plain(e.reason),
                "milliseconds": e.milliseconds,
            }
        ),
    ),
    Configured: (
        schema.SETTINGS,
        lambda e, run: {"run": run, "at": e.at, "name": plain(e.name), "value": plain(e.value)},
    ),
    Lost: (schema.LOST, lambda e, run: {"run": run, "at": e.at, "entries": e.entries}),
}


@dataclass(slots=True)
class Rows:
    """A batch, table by table."""

    shares: list[ShareRow] = field(default_factory=list)
    others: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)


def rows_of(entries: Iterable[Entry], run: int, last: dict[str, int]) -> Rows:
    """The rows of a batch, numbered onwards from `last` (by the columns of NUMBERED), which moves with them."""
    rows = Rows()
    share, channels = last["share"], run << CHANNEL_BITS
    for entry in entries:
        if type(entry) is Credited:
            share += 1
            work = entry.work
            rows.shares.append(
                (
                    share,
                    entry.at,
                    channels | entry.channel,
                    plain(entry.worker),
                    entry.template_id,
                    entry.share_hash[::-1],
                    work >> WORK_BITS,
                    work & _LOW,
                    int(entry.late),
                )
            )
            continue
        table, row_of = _ROWS[type(entry)]
        row = row_of(entry, run)
        if column := NUMBERED.get(table):
            last[column] += 1
            row[column] = last[column]
        rows.others.setdefault(table, []).append(row)
    last["share"] = share
    return rows


def first_rows(run: int) -> dict[str, int]:
    """What rows of a run are numbered onwards from."""
    return dict.fromkeys(NUMBERED.values(), run << ROW_BITS)
