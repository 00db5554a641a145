"""A pool on one screen: what `sluice status` prints, and what stands above the table of `sluice top`.

Rule: one line for each thing that people ask about, in the order in which they ask; what is not there is left out.
"""

from collections.abc import Iterator, Mapping
from time import time
from typing import Any

from msgspec import to_builtins

from sluice.cli.columns import cut
from sluice.cli.kept import NotKept, PoolKept
from sluice.control.client import Picture
from sluice.control.words import BlockPicture, Figures, NodePicture, PoolPicture
from sluice.ledger.reading import Best
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
from sluice.pool.overview import difficulty_of
from sluice.web.rest.from_record import ranked_answer, totals_answer

DAY = 86_400.0
#: Where the second column begins.
INDENT = 13
BLOCKS_SHOWN = 5
BESTS_SHOWN = 3
#: Digits of a hash that tell a pool's blocks apart.
HASH_SHOWN = 16
NAMELESS = "a miner without a name"
#: Reasons for which a line has room.
REASONS_SHOWN = 4


def status(picture: Picture, kept: PoolKept | NotKept | None = None) -> Iterator[str]:
    """One screen; with what the record says, or why it says nothing, unless it was not asked."""
    pool = picture.pool
    yield headline(pool)
    yield f"{pool.trouble[0].upper()}{pool.trouble[1:]}." if pool.trouble else f"Mining block {pool.height}."
    for name, words in _lines(picture, kept):
        yield f"  {name:<10} {words}"


def headline(pool: PoolPicture) -> str:
    """Who it is, and for how long."""
    return f"Sluice {pool.version} on {pool.network}, up {duration_text(pool.at - pool.started_at)}"


def _lines(picture: Picture, kept: PoolKept | NotKept | None) -> Iterator[tuple[str, str]]:
    pool = picture.pool
    yield "url", pool.url + (" (until it ends: its key could not be kept)" if pool.key_temporary else "")
    if pool.dashboard:
        yield "dashboard", pool.dashboard
    yield "pays", f"{pool.payout}, as {pool.mode}; its blocks say {pool.tag!r}"
    one, five, hour = map(hashrate_text, pool.figures.hashrates)
    yield "hash rate", f"{one} over a minute, {five} over 5, {hour} over an hour"
    yield "miners", miners_text(pool)
    yield "shares", f"{shares_text(pool.figures)}, of those that are connected"
    if isinstance(kept, PoolKept):
        yield from _kept_lines(kept, pool.network_difficulty)
    elif best := pool.figures.best_difficulty:
        yield "best", f"{difficulty_text(best)}, {percent_text(best, pool.network_difficulty)} of a block"
    if pool.height is not None:
        yield "block", _block_text(pool)
        yield "expected", expected_text(pool)
    for node in pool.nodes:
        yield "node", node_text(node)
    yield from (("found", found_text(block)) for block in pool.blocks[:BLOCKS_SHOWN])
    if isinstance(kept, NotKept):
        yield "totals", f"are not known: {kept}"
    if pool.record is not None:
        yield "record", record_text(pool)
    if pool.bans:
        yield "banned", f"{count_text(len(pool.bans))}: `sluice bans` lists them"
    if pool.fixed:
        names = ", ".join(
            f"{cut(each.name)} at {difficulty_text(each.difficulty)}" for each in pool.fixed[:3]
        )
        yield "fixed", names + (f", and {len(pool.fixed) - 3} more" if len(pool.fixed) > 3 else "")


def _kept_lines(kept: PoolKept, network_difficulty: float) -> Iterator[tuple[str, str]]:
    hour, day = map(hashrate_text, kept.hashrates)
    since = f", since {when_text(kept.totals.first_at)}" if kept.totals.first_at else ""
    yield "recorded", f"{hour} over an hour, {day} over a day"
    yield "", f"{counted_text(kept.totals.accepted, kept.totals.late, kept.totals.refused)}{since}"
    for name, best in (("best", kept.best), ("today", kept.best_today)):
        if best is not None:
            difficulty = difficulty_of(best.hash)
            at = f", {when_text(best.at)}" if name == "best" else ""
            of_a_block = percent_text(difficulty, network_difficulty)
            yield name, f"{difficulty_text(difficulty)}, {of_a_block} of a block{at}, by {_earner(best)}"


def _earner(best: Best) -> str:
    return cut(f"{best.account}.{best.worker}" if best.worker else best.account) or NAMELESS


def miners_text(pool: PoolPicture) -> str:
    """How many, on how many sockets of how many."""
    return (
        f"{count_text(pool.miners)} with {several(pool.channels, 'channel')}; "
        f"{count_text(pool.connections)} of {count_text(pool.max_connections)} connections are open"
    )


def shares_text(figures: Figures) -> str:
    """How many were taken, and why others were not."""
    return counted_text(figures.accepted, figures.late, figures.refused)


def counted_text(accepted: int, late: int, refused: Mapping[str, int]) -> str:
    """The same; `late` is a part of `accepted`."""
    number = sum(refused.values())
    some_late = f" ({count_text(late)} late)" if late else ""
    text = f"{count_text(accepted)} accepted{some_late}, {count_text(number)} refused"
    if not number:
        return text
    reasons = sorted(refused.items(), key=lambda item: -item[1])[:REASONS_SHOWN]
    named = ", ".join(f"{count_text(count)} {reason}" for reason, count in reasons)
    return f"{text} ({percent_text(number, accepted + number)}: {named})"


def _block_text(pool: PoolPicture) -> str:
    text = (
        f"{pool.height} on {short_hash(pool.prev_hash) or '?'}, "
        f"network difficulty {difficulty_text(pool.network_difficulty)}"
    )
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
    """A block, where it stands, and whose it is; `sluice blocks` takes the end of its hash for it."""
    faults = ", ".join(
        dict.fromkeys(answer.reason for answer in block.answers if answer.reason and not block.taken)
    )
    why = f" ({faults})" if faults else ""
    ago = ago_text(max(0.0, time() - block.found_at))
    by = cut(block.user) or NAMELESS
    return f"block {block.height} {block.stage}{why}, {ago}, {short_hash(block.block_hash)} by {by}"


def short_hash(block_hash: str) -> str:
    """A block by the end of its hash: the beginning is zeros."""
    return f"…{block_hash[-HASH_SHOWN:]}" if len(block_hash) > HASH_SHOWN else block_hash


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


def status_as_json(picture: Picture, kept: PoolKept | NotKept | None = None) -> dict[str, Any]:
    """The pool's picture, field by field (docs/terminal.md), what follows from it, and what the record says."""
    pool = picture.pool
    fields: dict[str, Any] = to_builtins(pool)
    del fields["type"], fields["counters"], fields["whole"]
    rate = max(pool.figures.hashrates[1:])
    fields |= {"seconds_to_block": seconds_to_block(pool.network_difficulty, rate)}
    if kept is None:
        return fields
    trouble = str(kept) if isinstance(kept, NotKept) else ""
    return fields | {
        "kept": None if isinstance(kept, NotKept) else kept_as_json(kept),
        "kept_trouble": trouble,
    }


def kept_as_json(kept: PoolKept) -> dict[str, Any]:
    """The pool's totals; the structs are the web API's."""
    hour, day = kept.hashrates
    fields: dict[str, Any] = to_builtins(
        {
            "totals": totals_answer(kept.totals),
            "best": kept.best and ranked_answer(kept.best),
            "best_today": kept.best_today and ranked_answer(kept.best_today),
        }
    )
    return fields | {
        "first_share_at": kept.totals.first_at or None,
        "last_share_at": kept.totals.last_at or None,
        "blocks": kept.totals.blocks,
        "hashrate_1h": hour,
        "hashrate_24h": day,
    }
