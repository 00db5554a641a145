"""What work is worth, in words, as JSON and as CSV: what `sluice earnings` prints.

Rule: work and satoshis are exact in every form, so that whoever reads them can add them up; the line of sums is made of
the lines above it.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from sluice.accounting.split import MILLION, Split
from sluice.cli.columns import aligned, cut
from sluice.cli.earning_options import SCHEMES
from sluice.ledger.earnings import Asked, PaidByBlock, Statement
from sluice.ledger.export import no_formula
from sluice.ledger.rounds import FOR_NOTHING, Block
from sluice.ledger.schema import DAY
from sluice.legible import coins_text, count_text, several, when_text

NO_NAME = "(no name)"
NOTHING_MOVES = (
    "This is a statement of what the work is worth by this scheme, out of the record alone. Nothing is paid by it: Sluice "
    "moves no coins."
)


def scheme_of(asked: Asked) -> str:
    """By its word."""
    return SCHEMES[asked.times is not None]


def ppm_of(work: int, total: int) -> int:
    """Its share, in parts of a million, rounded down: to look at, nothing is computed of it."""
    return work * MILLION // total if total else 0


def stated(said: Statement, asked: Asked) -> Iterator[str]:
    """A statement, for people."""
    split, total = said.split, said.window.work
    yield _heading(said.block, split.reward)
    yield _counted(said, asked)
    yield from _notes(said)
    if split.parts:
        yield ""
        yield from aligned(
            (" work (hashes)", " share (ppm)", " satoshis", " carried", "account"),
            [
                (
                    str(work),
                    count_text(ppm_of(work, total)),
                    count_text(split.paid.get(account, 0)),
                    count_text(split.carried.get(account, 0)),
                    cut(account) or NO_NAME,
                )
                for account, work in _ranked(said)
            ],
        )
        yield ""
    yield _sum(split)
    yield NOTHING_MOVES


def _heading(block: Block | None, reward: int) -> str:
    if block is None:
        return f"The next block, if it were found now and paid {coins_text(reward)}"
    return f"{_named(block)}: it pays {coins_text(reward)}"


def _named(block: Block) -> str:
    finder = cut(block.name) or "a miner without a name"
    return f"Block {block.height} {block.block_hash}, found {when_text(block.found_at)} UTC by {finder}, {block.stage}"


def _counted(said: Statement, asked: Asked) -> str:
    """Which work it was."""
    reach, shares = said.reach, several(said.reach.shares, "share")
    if asked.times is None:
        since = f"since block {said.before.height}" if said.before else "since the record began"
        return f"proportional: {shares} {since} count, and nothing before"
    assert said.window.size is not None
    size = f"{float(asked.times):g} times what the block takes, {said.window.size} hashes"
    if not said.window.full:
        return f"pplns: the newest work counts up to {size}; the record has less: {shares}, {said.window.work} hashes"
    return f"pplns: the newest work counts up to {size}: {shares}, from {when_text(reach.first_at)} UTC"


def _notes(said: Statement) -> Iterator[str]:
    """What makes it less exact than it would be."""
    if days := said.reach.days:
        first, last = (when_text(day * DAY).partition(" ")[0] for day in (days[-1], days[0]))
        yield (
            f"{several(len(days), 'day')}, {first} to {last}, are beyond retention and count as sums, each where it ended "
            "(ledger.retention_days)"
        )
    if said.lost:
        yield f"{several(said.lost, 'entry', 'entries')} of this time are missing from the record (table lost)"


def _ranked(said: Statement) -> list[tuple[str, int]]:
    """Who did most comes first."""
    return sorted(said.window.credit.items(), key=lambda each: (-each[1], each[0]))


def _sum(split: Split) -> str:
    paid, carried = sum(split.paid.values()), sum(split.carried.values())
    return (
        f"{count_text(paid)} for {several(len(split.paid), 'account')} + {count_text(carried)} carried + "
        f"{count_text(split.fee)} fee + {count_text(split.rest)} rest of rounding = "
        f"{count_text(paid + carried + split.fee + split.rest)} satoshis"
    )


def paid_by_block(said: PaidByBlock) -> Iterator[str]:
    """In solo mode, for people."""
    block = said.block
    if block is None:
        yield "Solo mode: a block pays whoever finds it, in its coinbase, and nobody else earns anything by it."
        return
    yield _named(block)
    if block.stage in FOR_NOTHING:
        yield "It came to nothing, so it pays nobody."
        return
    finder = cut(block.finder.account) or NO_NAME
    if said.reward is None or said.fee is None:
        yield f"Solo mode: its coinbase pays its finder, {finder}, less the fee; how much is not in the record any more."
        return
    yield (
        f"Solo mode: its coinbase pays its finder, {finder}: {count_text(said.reward - said.fee)} satoshis, and "
        f"{count_text(said.fee)} fee = {count_text(said.reward)}; nobody else earns anything by it."
    )


def as_json(said: Statement | PaidByBlock, asked: Asked) -> dict[str, Any]:
    """For programs; work is text, as it may be more than 2^53."""
    if isinstance(said, PaidByBlock):
        return {
            "mode": "solo",
            "block": _block(said.block),
            "reward": said.reward,
            "fee": said.fee,
            "finder": said.block and said.block.finder.account,
        }
    split, window, reach = said.split, said.window, said.reach
    return {
        "mode": "pool",
        "block": _block(said.block),
        "scheme": scheme_of(asked),
        "since_block": _block(said.before) if asked.times is None else None,
        "network_work": None if said.network_work is None else str(said.network_work),
        "window": None if window.size is None else str(window.size),
        "work": str(window.work),
        "shares": reach.shares,
        "first_at": reach.first_at,
        "last_at": reach.last_at,
        "days_of_sums": reach.days,
        "missing_entries": said.lost,
        "reward": split.reward,
        "fee": split.fee,
        "rest": split.rest,
        "paid": sum(split.paid.values()),
        "carried": sum(split.carried.values()),
        "accounts": [
            {
                "account": account,
                "work": str(work),
                "ppm": ppm_of(work, window.work),
                "satoshis": split.paid.get(account, 0),
                "carried": split.carried.get(account, 0),
            }
            for account, work in _ranked(said)
        ],
    }


def _block(block: Block | None) -> dict[str, Any] | None:
    if block is None:
        return None
    return {
        "hash": block.block_hash,
        "height": block.height,
        "found_at": block.found_at,
        "stage": block.stage,
        "by": block.name,
    }


def as_csv(said: Statement) -> str:
    """A line for each account, then the fee and the rest: all that is paid and carried with them is the reward."""
    split, file = said.split, StringIO()
    rows = csv.writer(file, lineterminator="\r\n")
    rows.writerow(("what", "account", "work", "ppm", "satoshis", "carried"))
    for account, work in _ranked(said):
        ppm, paid = ppm_of(work, said.window.work), split.paid.get(account, 0)
        rows.writerow(("account", no_formula(account), work, ppm, paid, split.carried.get(account, 0)))
    rows.writerow(("fee", "", "", "", split.fee, ""))
    rows.writerow(("rest", "", "", "", split.rest, ""))
    return file.getvalue()
