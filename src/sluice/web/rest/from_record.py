"""Out of the record, and of who is connected: what the API says of accounts, workers, charts, bests and blocks.

Rule: pure; what the record does not know of somebody who is connected is nothing yet, not a mistake.
"""

from collections.abc import Iterable, Sequence

from sluice.ledger.chart import ChartPoint
from sluice.ledger.lives import BlockLife
from sluice.ledger.reading import AccountTotals, WorkerTotals, together
from sluice.ledger.reading import Best as KeptBest
from sluice.ledger.reading import BlockLine as KeptBlock
from sluice.ledger.reading import Totals as Kept
from sluice.web.devices import Device
from sluice.web.rest import block_answers as blocks
from sluice.web.rest import miner_answers as miners
from sluice.web.rest.answers import Best, HashRates, RankedBest, Totals
from sluice.web.rest.from_picture import hashrates, last_share_at, newest, summed
from sluice.web.rest.numbers import difficulty_of_hash, difficulty_of_work

#: Seconds over which the rate of a day is meant.
DAY = 86_400
#: What the record knows of who never had a share.
NOTHING = Kept()


def totals_answer(kept: Kept) -> Totals:
    """Shares and work since the record began."""
    return Totals(kept.accepted, kept.late, dict(kept.refused), str(kept.work), difficulty_of_work(kept.work))


def best_answer(share_hash: int | None) -> Best | None:
    """The best share, if there is one."""
    return None if share_hash is None else Best(difficulty_of_hash(share_hash), f"{share_hash:064x}")


def ranked_answer(best: KeptBest) -> RankedBest:
    """One of the best shares."""
    return RankedBest(best.account, best.worker, difficulty_of_hash(best.hash), f"{best.hash:064x}", best.at)


def account_line(kept: AccountTotals, devices: Sequence[Device], work_of_day: int) -> miners.AccountLine:
    """An account, in a list."""
    return miners.AccountLine(
        account=kept.account,
        workers=kept.workers,
        connected=len(devices),
        hashrates=_rates(devices, work_of_day),
        totals=totals_answer(kept),
        best=best_answer(kept.best_hash),
        blocks=kept.blocks,
        last_share_at=_latest(kept, devices),
    )


def account_answer(
    account: str, kept: Sequence[WorkerTotals], devices: Sequence[Device], work_of_day: int | None
) -> miners.AccountState:
    """An account, all its workers together."""
    totals = together(account, kept)
    return miners.AccountState(
        account=account,
        workers=len({each.worker for each in kept} | {device.worker for device in devices}),
        connected=len(devices),
        hashrates=_rates(devices, work_of_day),
        totals=totals_answer(totals),
        best=best_answer(totals.best_hash),
        best_today=best_answer(totals.best_today_hash),
        blocks=totals.blocks,
        first_share_at=totals.first_at or None,
        last_share_at=_latest(totals, devices),
    )


def worker_answer(
    account: str, worker: str, totals: Kept, devices: Sequence[Device], work_of_day: int | None
) -> miners.WorkerState:
    """A worker, live and kept."""
    device = newest(devices)
    return miners.WorkerState(
        account=account,
        worker=worker,
        connected=len(devices),
        difficulty=device.channel.difficulty if device else None,
        difficulty_fixed=device is not None and device.channel.fixed,
        vendor=device.miner.vendor if device else "",
        firmware=device.miner.firmware if device else "",
        protocol=device.miner.wire if device else "",
        connected_at=device.since if device else None,
        hashrates=_rates(devices, work_of_day),
        totals=totals_answer(totals),
        best=best_answer(totals.best_hash),
        best_today=best_answer(totals.best_today_hash),
        blocks=totals.blocks,
        first_share_at=totals.first_at or None,
        last_share_at=_latest(totals, devices),
    )


def chart_answer(kept: Iterable[ChartPoint], since: int, until: int, step: int) -> miners.Chart:
    """Every step from `since` to `until`, which are whole steps; those without a share as well."""
    found: dict[int, tuple[int, int, int]] = {}
    for point in kept:
        place = point.at // step * step
        work, accepted, refused = found.get(place, (0, 0, 0))
        found[place] = work + point.work, accepted + point.accepted, refused + point.refused
    points = [
        miners.ChartPoint(at, work / step, str(work), accepted, refused)
        for at in range(since, until, step)
        for work, accepted, refused in [found.get(at, (0, 0, 0))]
    ]
    return miners.Chart(since, until, step, points)


def block_line(kept: KeptBlock) -> blocks.BlockLine:
    """A block, in a list."""
    return blocks.BlockLine(
        kept.height, kept.block_hash, kept.account, kept.worker, kept.found_at, kept.stage
    )


def block_answer(kept: BlockLife) -> blocks.Block:
    """A block and its life."""
    return blocks.Block(
        kept.height,
        kept.block_hash,
        kept.account,
        kept.worker,
        kept.found_at,
        kept.stage,
        [blocks.Move(move.at, move.stage, move.turn) for move in kept.moves],
        [blocks.Attempt(each.at, each.node, each.route, each.answer, each.reason) for each in kept.answers],
    )


def _rates(devices: Sequence[Device], work_of_day: int | None) -> HashRates:
    return hashrates(summed(devices), None if work_of_day is None else work_of_day / DAY)


def _latest(totals: Kept, devices: Sequence[Device]) -> float | None:
    """The record is some seconds behind."""
    return max(totals.last_at, last_share_at(devices) or 0) or None
