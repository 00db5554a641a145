"""Who mines: every worker that is connected, or every account that the record knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sluice.ledger.reading import AccountTotals
from sluice.pool.overview import difficulty_of
from sluice.web import archive
from sluice.web.crowd import Rig
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked, turned

PAGE_SIZE = 50
#: In which order workers stand: the key to sort by, smallest first.
ORDERS: Mapping[str, Callable[[Rig], Any]] = {
    "rate": lambda rig: (-rig.figures.hashrates[1], rig.account, rig.worker),
    "name": lambda rig: (rig.account, rig.worker),
    "difficulty": lambda rig: (-rig.difficulty, rig.account, rig.worker),
    "refused": lambda rig: (-rig.refused, rig.account, rig.worker),
    "last": lambda rig: (
        float("inf") if rig.figures.last_share_ago is None else rig.figures.last_share_ago,
        rig.account,
        rig.worker,
    ),
}
SHOWN = ("online", "all")


async def miners(sight: Sight, asked: Asked) -> dict[str, object]:
    """A page of them."""
    await sight.first()
    if asked.choice("show", SHOWN, "online") == "all":
        return await _accounts(sight, asked)
    order = asked.choice("order", ORDERS, "rate")
    wanted = asked.text("q").strip().casefold()
    rigs = [rig for rig in sight.crowd.rigs if wanted in f"{rig.account}.{rig.worker}".casefold()]
    rigs.sort(key=ORDERS[order])
    pages = turned(len(rigs), asked.page, PAGE_SIZE)
    return {
        "shown": "online",
        "rigs": rigs[max(pages.first - 1, 0) : pages.last],
        "order": order,
        "pages": pages,
        "asked": asked,
        "all": sight.crowd.workers,
    }


async def _accounts(sight: Sight, asked: Asked) -> dict[str, object]:
    kept = await archive.accounts(sight, (asked.page - 1) * PAGE_SIZE, PAGE_SIZE)
    pages = turned(kept.total if kept else 0, asked.page, PAGE_SIZE)
    return {
        "shown": "all",
        "accounts": [_row(totals) for totals in kept.rows] if kept else None,
        "pages": pages,
        "asked": asked,
        "all": sight.crowd.workers,
    }


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What the record knows of an account; difficulties are numbers for people, 0 if there is none."""

    account: str
    accepted: int
    refused: dict[str, int]
    best: float
    best_today: float
    last_at: float
    workers: int
    blocks: int


def _row(totals: AccountTotals) -> AccountRow:
    return AccountRow(
        totals.account,
        totals.accepted,
        dict(totals.refused),
        difficulty_of(totals.best_hash) if totals.best_hash is not None else 0.0,
        difficulty_of(totals.best_today_hash) if totals.best_today_hash is not None else 0.0,
        totals.last_at or 0,
        totals.workers,
        totals.blocks,
    )
