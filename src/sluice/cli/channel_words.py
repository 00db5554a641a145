"""Channels, as rows of a table and in full: what `sluice top` shows, and what `sluice miners` says of one name.

Rule: a row is a channel and the connection that it is on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import to_builtins

from sluice.cli.columns import cut
from sluice.cli.pool_words import shares_text
from sluice.control.words import ChannelView, Figures, MinerView
from sluice.legible import ago_text, count_text, difficulty_text, duration_text, hashrate_text, percent_text

HEADS = (
    " 1 min",
    " 5 min",
    " 1 h",
    " difficulty",
    " accepted",
    " refused",
    " best",
    " last share",
    "kind",
    "address",
    "name",
)
#: What is left out first on a narrow screen.
SPARE = ("address", " 1 min", "kind", " 1 h", " difficulty", " refused", " best", " last share")


@dataclass(frozen=True, slots=True)
class Row:
    """A channel, and the connection that it is on."""

    miner: MinerView
    channel: ChannelView


def rows_of(miners: Sequence[MinerView]) -> list[Row]:
    """Every channel of every connection."""
    return [Row(miner, channel) for miner in miners for channel in miner.channels]


def cells(row: Row) -> list[str]:
    """A channel in a table; `*` at a difficulty that an operator has set."""
    figures, channel = row.channel.figures, row.channel
    return [
        *map(hashrate_text, figures.hashrates),
        difficulty_text(channel.difficulty) + "*" * channel.fixed,
        count_text(figures.accepted),
        _refused(figures),
        difficulty_text(figures.best_difficulty),
        ago_text(figures.last_share_ago),
        f"{row.miner.wire}, {channel.kind}",
        row.miner.address,
        cut(channel.user) or "-",
    ]


def _refused(figures: Figures) -> str:
    refused = sum(figures.refused.values())
    return f"{count_text(refused)} ({percent_text(refused, figures.accepted + refused)})" if refused else "0"


def in_full(rows: Sequence[Row]) -> Iterator[str]:
    """Each channel with all that is known of it."""
    for row in rows:
        miner, channel = row.miner, row.channel
        one, five, hour = map(hashrate_text, channel.figures.hashrates)
        device = (
            " ".join(filter(None, (miner.vendor, miner.hardware_version, miner.firmware)))
            or "an unnamed device"
        )
        fixed = ", set by the operator" if channel.fixed else ""
        yield cut(channel.user) or "a miner without a name"
        yield f"  mines      {one} over a minute, {five} over 5, {hour} over an hour"
        yield f"  shares     {shares_text(channel.figures)}; the last {ago_text(channel.figures.last_share_ago)}"
        yield f"  best       {difficulty_text(channel.figures.best_difficulty)}"
        yield f"  difficulty {difficulty_text(channel.difficulty)}{fixed}"
        yield f"  speaks     {miner.wire}, {channel.kind} channel {channel.channel_id}, connection {miner.peer}"
        yield f"  from       {miner.address}, for {duration_text(miner.connected_for)}; heard {ago_text(miner.heard_ago)}"
        yield f"  is         {cut(device)}"
        for worker, figures in sorted(channel.workers.items()):
            yield f"  worker     {hashrate_text(figures.hashrates[1])}, {shares_text(figures)}: {cut(worker)}"


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each channel with its connection, field by field (docs/terminal.md)."""
    return [
        {
            "peer": row.miner.peer,
            "address": row.miner.address,
            "vendor": row.miner.vendor,
            "hardware_version": row.miner.hardware_version,
            "firmware": row.miner.firmware,
            "wire": row.miner.wire,
            "extensions": row.miner.extensions,
            "connected_for": row.miner.connected_for,
            "heard_ago": row.miner.heard_ago,
            **to_builtins(row.channel),
        }
        for row in rows
    ]
