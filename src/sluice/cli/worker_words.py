"""Workers, what they do now beside what the record has of them: what `sluice miners` prints.

Rule: a worker is one name, however many channels it has; a name that is asked for stands for an account, for one worker
of it, or for a worker behind a proxy. What the record cannot say is left out, not nought.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import to_builtins

from sluice.accounting.name import earner_of
from sluice.cli.channel_words import Row, in_full
from sluice.cli.channel_words import as_json as channel_as_json
from sluice.cli.columns import aligned, cut
from sluice.cli.kept import NO_RATES, NotKept, Rates, WorkerKept, Workers
from sluice.cli.pool_words import NAMELESS, counted_text
from sluice.control.client import Picture
from sluice.ledger.reading import AccountTotals, Totals, together
from sluice.legible import (
    ago_text,
    count_text,
    difficulty_text,
    hashrate_text,
    percent_text,
    several,
    when_text,
)
from sluice.pool.overview import Figures, difficulty_of
from sluice.pool.overview import together as figures_together
from sluice.web.devices import Device, devices_of, kept_name
from sluice.web.rest.from_record import worker_answer

HEADS = (
    " 5 min",
    " 1 h",
    " 24 h",
    " difficulty",
    " accepted",
    " refused",
    " best",
    " today",
    " last share",
    "worker",
)
#: What is left out first on a narrow screen.
SPARE = (" today", " 1 h", " difficulty", " 24 h", " last share", " refused")
NOBODY = "No miner is connected."
#: Channels that are shown in full; of a farm's worker with more, its sums say enough.
CHANNELS_SHOWN = 8
_NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker: its channels, none if it is not here, and what the record has of it, None if nothing."""

    account: str
    worker: str
    devices: tuple[Device, ...]
    kept: WorkerKept | None

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.account}.{self.worker}" if self.worker else self.account

    @property
    def figures(self) -> Figures:
        """Of what is connected."""
        return figures_together([device.figures for device in self.devices])

    @property
    def day(self) -> float | None:
        """Hashes a second over the last 24 hours."""
        return self.kept.hashrates[1] if self.kept else None


def devices_in(picture: Picture, name: str = "") -> tuple[Device, ...]:
    """The workers on all channels, or those that a name stands for."""
    devices = devices_of(picture.pool, picture.miners)
    if not name:
        return devices.all
    asked = earner_of(name)
    account, worker = kept_name(asked.account), kept_name(asked.worker)
    return devices.of(account, worker or None) or tuple(
        device for device in devices.all if name in (device.worker, device.channel.user)
    )


def workers_of(devices: Sequence[Device]) -> list[Worker]:
    """Who mines, the fastest first; what the record has of them comes later."""
    parts: dict[tuple[str, str], list[Device]] = {}
    for device in devices:
        parts.setdefault((device.account, device.worker), []).append(device)
    workers = [Worker(*key, tuple(found), None) for key, found in parts.items()]
    return sorted(workers, key=_fastest)


def with_kept(workers: Sequence[Worker], kept: Workers) -> list[Worker]:
    """The same, with what the record has of them."""
    return [replace(worker, kept=kept.get((worker.account, worker.worker))) for worker in workers]


def and_absent(workers: Sequence[Worker], kept: Workers, name: str) -> list[Worker]:
    """With those that a name stands for and that are not here now, the last that were seen first."""
    asked = earner_of(name)
    account, only = kept_name(asked.account), kept_name(asked.worker)
    here = {(worker.account, worker.worker) for worker in workers}
    absent = [
        Worker(*key, (), found)
        for key, found in kept.items()
        if key not in here and key[0] == account and only in ("", key[1])
    ]
    return [*workers, *sorted(absent, key=lambda worker: -_totals(worker).last_at)]


def _fastest(worker: Worker) -> tuple[float, str, str]:
    return -worker.figures.hashrates[1], worker.account, worker.worker


def table(workers: Sequence[Worker], most: int, width: int = 0) -> Iterator[str]:
    """One line for each, `most` of them at most; 0 is all."""
    if not workers:
        yield NOBODY
        return
    yield from _table(workers, most, width, [cut(worker.name) or "-" for worker in workers])


def _table(workers: Sequence[Worker], most: int, width: int, names: Sequence[str]) -> Iterator[str]:
    shown = workers[:most] if most else workers
    rows = [[*cells(worker), name] for worker, name in zip(shown, names, strict=False)]
    yield from aligned(HEADS, rows, width, SPARE)
    if len(shown) < len(workers):
        yield f"and {count_text(len(workers) - len(shown))} more, none of them faster: --limit 0 shows them all"


def cells(worker: Worker) -> list[str]:
    """A worker in a table, but for its name; `*` at a difficulty that an operator has set."""
    figures, totals = worker.figures, _totals(worker)
    _, five, hour = figures.hashrates
    newest = worker.devices[-1].channel if worker.devices else None
    refused = sum(totals.refused.values())
    return [
        hashrate_text(five),
        hashrate_text(hour),
        "-" if worker.day is None else hashrate_text(worker.day),
        difficulty_text(newest.difficulty) + "*" * newest.fixed if newest else "not here",
        count_text(totals.accepted),
        f"{count_text(refused)} ({percent_text(refused, totals.accepted + refused)})" if refused else "0",
        _best(totals.best_hash, figures.best_difficulty),
        _best(totals.best_today_hash),
        ago_text(figures.last_share_ago),
    ]


def account_in_full(workers: Sequence[Worker], most: int, width: int = 0) -> Iterator[str]:
    """An account, or a worker: sums first, then each worker, then the channels of one."""
    first = workers[0]
    one = len(workers) == 1
    yield cut(first.name if one else first.account) or NAMELESS
    figures = figures_together([worker.figures for worker in workers])
    minute, five, hour = map(hashrate_text, figures.hashrates)
    yield f"  mines      {minute} over a minute, {five} over 5, {hour} over an hour"
    kept = [worker.kept for worker in workers if worker.kept is not None]
    if kept:
        yield from _kept_lines(together(first.account, [each.totals for each in kept]), _summed(kept))
    if not one:
        here = sum(bool(worker.devices) for worker in workers)
        yield f"  workers    {count_text(len(workers))}, of whom {count_text(here)} mine now"
        yield ""
        yield from _table(workers, most, width, [cut(worker.worker) or "-" for worker in workers])
        return
    channels = [Row(device.miner, device.channel) for device in first.devices]
    if not channels:
        yield "  not here   no channel of this name is open now"
    yield from in_full(channels[:CHANNELS_SHOWN])
    if len(channels) > CHANNELS_SHOWN:
        yield f"and {several(len(channels) - CHANNELS_SHOWN, 'more channel')}, which --json shows"


def _kept_lines(totals: AccountTotals, rates: Rates) -> Iterator[str]:
    hour, day = map(hashrate_text, rates)
    yield f"  recorded   {hour} over an hour, {day} over a day"
    counted = counted_text(totals.accepted, totals.late, totals.refused)
    yield f"  shares     {counted}, since {when_text(totals.first_at)}"
    if totals.best_hash is not None:
        today = f"; today {_best(totals.best_today_hash)}"
        yield f"  best       {_best(totals.best_hash)}, {when_text(totals.best_at)}{today}"
    if totals.blocks:
        yield f"  found      {several(totals.blocks, 'block')}: `sluice blocks` lists them"


def _summed(kept: Sequence[WorkerKept]) -> Rates:
    hours, days = zip(*(each.hashrates for each in kept), strict=True)
    return sum(hours), sum(days)


def _totals(worker: Worker) -> Totals:
    """Since ever, where the record has it; else of what is connected."""
    if worker.kept is not None:
        return worker.kept.totals
    figures = worker.figures
    return Totals(accepted=figures.accepted, late=figures.late, refused=figures.refused)


def _best(best_hash: int | None, live: float = 0.0) -> str:
    """The record is some seconds behind."""
    best = max(difficulty_of(best_hash) if best_hash is not None else 0.0, live)
    return difficulty_text(best) if best else "-"


def as_json(workers: Sequence[Worker], trouble: NotKept | None) -> list[dict[str, Any]]:
    """Each worker as the web API has it, with its channels; what the record says is null where it says nothing."""
    return [_worker_as_json(worker, trouble) for worker in workers]


def _worker_as_json(worker: Worker, trouble: NotKept | None) -> dict[str, Any]:
    totals = worker.kept.totals if worker.kept else _NOTHING
    answer = worker_answer(worker.account, worker.worker, totals, worker.devices, None)
    fields: dict[str, Any] = to_builtins(answer)
    hour, day = worker.kept.hashrates if worker.kept else NO_RATES
    fields["hashrates"] |= {"one_hour_recorded": hour, "one_day": day}
    if trouble is not None:
        fields |= dict.fromkeys(("totals", "best", "best_today", "blocks", "first_share_at"))
        fields["hashrates"] |= {"one_hour_recorded": None, "one_day": None}
    return fields | {"channels": channel_as_json([Row(each.miner, each.channel) for each in worker.devices])}
