"""A pool on one screen: what `sluice status` prints, and what stands above the table of `sluice top`.

Rule: one line for each thing that people ask about, in the order in which they ask; what is not there is left out.
"""

from collections.abc import Iterator
from time import time
from typing import Any

from msgspec import to_builtins

from sluice.cli.columns import cut
from sluice.control.client import Picture
from sluice.control.words import BlockPicture, Figures, NodePicture, PoolPicture
from sluice.legible import (
    ago_text,
    coins_text,
    count_text,
    difficulty_text,
    duration_text,
    hashrate_text,
    odds_text,
    percent_text,
    seconds_to_block,
    several,
    when_text,
)

DAY = 86_400.0
BLOCKS_SHOWN = 5
BESTS_SHOWN = 3
#: Reasons for which a line has room.
REASONS_SHOWN = 4


def status(picture: Picture) -> Iterator[str]:
    """One screen."""
    pool = picture.pool
    yield headline(pool)
    yield f"{pool.trouble[0].upper()}{pool.trouble[1:]}." if pool.trouble else f"Mining block {pool.height}."
    for name, words in _lines(picture):
        yield f"  {name:<10} {words}"


def headline(pool: PoolPicture) -> str:
    """Who it is, and for how long."""
    return f"Sluice {pool.version} on {pool.network}, up {duration_text(pool.at - pool.started_at)}"


def _lines(picture: Picture) -> Iterator[tuple[str, str]]:
    pool = picture.pool
    yield "url", pool.url + (" (until it ends: its key could not be kept)" if pool.key_temporary else "")
    yield "pays", f"{pool.payout}, as {pool.mode}; its blocks say {pool.tag!r}"
    one, five, hour = map(hashrate_text, pool.figures.hashrates)
    yield "hash rate", f"{one} over a minute, {five} over 5, {hour} over an hour"
    yield "miners", miners_text(pool)
    yield "shares", f"{shares_text(pool.figures)}, of those that are connected"
    if best := pool.figures.best_difficulty:
        yield "best", f"{difficulty_text(best)}, {percent_text(best, pool.network_difficulty)} of a block"
    if pool.height is not None:
        yield "block", _block_text(pool)
        yield "expected", expected_text(pool)
    for node in pool.nodes:
        yield "node", node_text(node)
    yield from (("found", found_text(block)) for block in pool.blocks[:BLOCKS_SHOWN])
    if pool.record is not None:
        yield "record", record_text(pool)
    if pool.bans:
        yield "banned", f"{count_text(len(pool.bans))}: `sluice bans` lists them"
    if pool.fixed:
        names = ", ".join(
            f"{cut(each.name)} at {difficulty_text(each.difficulty)}" for each in pool.fixed[:3]
        )
        yield "fixed", names + (f", and {len(pool.fixed) - 3} more" if len(pool.fixed) > 3 else "")


def miners_text(pool: PoolPicture) -> str:
    """How many, on how many sockets of how many."""
    return (
        f"{count_text(pool.miners)} with {several(pool.channels, 'channel')}; "
        f"{count_text(pool.connections)} of {count_text(pool.max_connections)} connections are open"
    )


def shares_text(figures: Figures) -> str:
    """How many were taken, and why others were not."""
    refused = sum(figures.refused.values())
    late = f" ({count_text(figures.late)} late)" if figures.late else ""
    text = f"{count_text(figures.accepted)} accepted{late}, {count_text(refused)} refused"
    if not refused:
        return text
    reasons = sorted(figures.refused.items(), key=lambda item: -item[1])[:REASONS_SHOWN]
    named = ", ".join(f"{count_text(count)} {reason}" for reason, count in reasons)
    return f"{text} ({percent_text(refused, figures.accepted + refused)}: {named})"


def _block_text(pool: PoolPicture) -> str:
    text = f"{pool.height} on {pool.prev_hash or '?'}, network difficulty {difficulty_text(pool.network_difficulty)}"
    if template := pool.template:
        text += (
            f"; {coins_text(template.reward)}, {several(template.transactions, 'transaction')}, "
            f"{duration_text(template.age)} old"
        )
    return text


def expected_text(pool: PoolPicture) -> str:
    """When a block is to be expected, by the hash rate of the last hour, or of less if it is younger."""
    rate = max(pool.figures.hashrates[1:])
    seconds = seconds_to_block(pool.network_difficulty, rate)
    if seconds is None:
        return "no block: nobody mines"
    return f"a block in {duration_text(seconds)}; one today: {odds_text(pool.network_difficulty, rate, DAY)}"


def node_text(node: NodePicture) -> str:
    """How a node stands, and why."""
    parts = [
        f"{cut(node.node)}: {node.state}",
        node.why,
        node.next_height and f"builds block {node.next_height}",
    ]
    if node.behind:
        parts.append(f"{node.behind} behind")
    if node.lag:
        parts.append(f"heard {duration_text(node.lag)} later")
    if node.template_age is not None:
        parts.append(f"template {duration_text(node.template_age)} old")
    return ", ".join(str(part) for part in parts if part)


def found_text(block: BlockPicture) -> str:
    """A block, where it stands, and whose it is."""
    faults = ", ".join(
        dict.fromkeys(answer.reason for answer in block.answers if answer.reason and not block.taken)
    )
    why = f" ({faults})" if faults else ""
    ago = ago_text(max(0.0, time() - block.found_at))
    return f"block {block.height} {block.stage}{why}, {ago}, {block.block_hash} by {cut(block.user) or 'a miner without a name'}"


def record_text(pool: PoolPicture) -> str:
    """Whether what happens is kept."""
    record = pool.record
    assert record is not None
    if record.failing:
        return (
            f"fails, and mining goes on: {record.failing}; {count_text(record.lost)} entries are lost so far"
        )
    lost = f"; {count_text(record.lost)} entries were lost" if record.lost else ""
    return f"in step, {count_text(record.queued)} entries wait{lost}"


def line(picture: Picture) -> str:
    """A pool in one line, for where there is no terminal."""
    pool = picture.pool
    one = hashrate_text(pool.figures.hashrates[0])
    words = pool.trouble or f"block {pool.height}"
    return (
        f"{when_text(pool.at)} {one}, {several(pool.miners, 'miner')}, {shares_text(pool.figures)}, "
        f"{several(pool.blocks_accepted, 'block')}; {words}"
    )


def status_as_json(picture: Picture) -> dict[str, Any]:
    """The pool's picture, field by field (docs/terminal.md), and what follows from it."""
    pool = picture.pool
    fields: dict[str, Any] = to_builtins(pool)
    del fields["type"], fields["counters"]
    rate = max(pool.figures.hashrates[1:])
    return fields | {"seconds_to_block": seconds_to_block(pool.network_difficulty, rate)}
