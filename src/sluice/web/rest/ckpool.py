"""ckpool's files, as its screens and statistics pages read them: /pool/pool.status and /users/ACCOUNT.

Source: ckolivas/ckpool at 050cc55, stratifier.c `statsupdate`, field by field in docs/api.md. pool.status is three
lines, each a JSON object; hash rates are texts like `1.23T`, sums of shares are whole numbers of difficulty.
Rule: a field has the type that the project gives it; what a reader would parse with BigInt is a whole number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from sluice.control.words import PoolPicture
from sluice.web.devices import Device
from sluice.web.rest.from_picture import summed
from sluice.web.rest.numbers import HASHES_OF_DIFFICULTY_1, difficulty_of_work, suffixed

#: Seconds after its last share after which a worker is no longer listed: a week, as ckpool counts it.
FORGOTTEN_SECONDS = 600_000
#: Over which a day and a week are meant.
DAY, WEEK = 86_400, 604_800


class Runtime(msgspec.Struct, frozen=True):
    """The first line of pool.status."""

    runtime: int
    lastupdate: int
    Users: int
    Workers: int
    Idle: int
    Disconnected: int


class Rates(msgspec.Struct, frozen=True):
    """The second line."""

    hashrate1m: str
    hashrate5m: str
    hashrate15m: str
    hashrate1hr: str
    hashrate6hr: str
    hashrate1d: str
    hashrate7d: str


class Shares(msgspec.Struct, frozen=True):
    """The third line: of the round, that is since the pool's last block."""

    diff: float
    accepted: int
    rejected: int
    bestshare: int
    SPS1m: float
    SPS5m: float
    SPS15m: float
    SPS1h: float


class Worker(msgspec.Struct, frozen=True):
    """A worker of /users/ACCOUNT."""

    workername: str
    hashrate1m: str
    hashrate5m: str
    hashrate1hr: str
    hashrate1d: str
    hashrate7d: str
    lastshare: int
    shares: int
    bestshare: float
    bestever: int


class User(msgspec.Struct, frozen=True):
    """/users/ACCOUNT."""

    hashrate1m: str
    hashrate5m: str
    hashrate1hr: str
    hashrate1d: str
    hashrate7d: str
    lastshare: int
    workers: int
    shares: int
    bestshare: float
    bestever: int
    authorised: int
    worker: list[Worker]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record knows of a worker: work in hashes, the best difficulty, unix seconds."""

    worker: str
    work: int = 0
    work_of_day: int = 0
    work_of_week: int = 0
    best: float = 0.0
    first_at: float | None = None
    last_at: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What the record knows of the pool: work since its last block, and over times."""

    work: int = 0
    refused: int = 0
    best: float = 0.0
    work_of_six_hours: int = 0
    work_of_day: int = 0
    work_of_week: int = 0


def pool_status(pool: PoolPicture, devices: Sequence[Device], kept: Round) -> bytes:
    """The three lines."""
    one, five, sixty = pool.figures.hashrates
    rates = [one, five, five, sixty]  # of 15 minutes there is no measure: the five before are the nearest
    spans = (kept.work_of_six_hours / 21_600, kept.work_of_day / DAY, kept.work_of_week / WEEK)
    lines: tuple[msgspec.Struct, ...] = (
        Runtime(
            runtime=int(pool.at - pool.started_at),
            lastupdate=int(pool.at),
            Users=len({device.account for device in devices}),
            Workers=len(devices),
            Idle=sum(device.is_idle(pool.at) for device in devices),
            Disconnected=0,  # we keep no sessions of who has left
        ),
        Rates(*map(suffixed, (*rates, *spans))),
        Shares(
            diff=round(_percent(difficulty_of_work(kept.work), pool.network_difficulty), 1),
            accepted=kept.work // HASHES_OF_DIFFICULTY_1,
            rejected=kept.refused,
            bestshare=int(kept.best),
            **dict(zip(("SPS1m", "SPS5m", "SPS15m", "SPS1h"), _shares_a_second(devices), strict=True)),
        ),
    )
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def user(devices: Sequence[Device], kept: Iterable[Kept], account: str, at: float) -> bytes:
    """The file of an account, as ckpool writes it: with four spaces, and a line end."""
    of_worker = {each.worker: each for each in kept}
    live: dict[str, list[Device]] = {}
    for device in devices:
        live.setdefault(device.worker, []).append(device)
        of_worker.setdefault(device.worker, Kept(device.worker))
    workers = [
        _worker(account, each, live.get(each.worker, []), at)
        for each in of_worker.values()
        if each.worker in live or at - (each.last_at or 0) <= FORGOTTEN_SECONDS
    ]
    best = max(
        (*(each.best for each in of_worker.values()), *(worker.bestshare for worker in workers)), default=0.0
    )
    whole = User(
        *_rates(devices, list(of_worker.values())),
        lastshare=max((worker.lastshare for worker in workers), default=0),
        workers=len(devices),
        shares=sum(each.work for each in of_worker.values()) // HASHES_OF_DIFFICULTY_1,
        bestshare=best,
        bestever=int(best),
        authorised=int(min((each.first_at for each in of_worker.values() if each.first_at), default=at)),
        worker=workers,
    )
    return msgspec.json.format(msgspec.json.encode(whole), indent=4) + b"\n"


def _worker(account: str, kept: Kept, devices: Sequence[Device], at: float) -> Worker:
    last = [each.last_share_at for each in devices if each.last_share_at is not None]
    best = max((kept.best, *(device.figures.best_difficulty for device in devices)))
    return Worker(
        f"{account}.{kept.worker}" if kept.worker else account,
        *_rates(devices, [kept]),
        lastshare=int(max((*last, kept.last_at or 0.0))),
        shares=kept.work // HASHES_OF_DIFFICULTY_1,
        bestshare=best,
        bestever=int(best),
    )


def _rates(devices: Iterable[Device], kept: Sequence[Kept]) -> tuple[str, str, str, str, str]:
    one, five, sixty = map(suffixed, summed(devices))
    day = suffixed(sum(each.work_of_day for each in kept) / DAY)
    week = suffixed(sum(each.work_of_week for each in kept) / WEEK)
    return one, five, sixty, day, week


def _shares_a_second(devices: Iterable[Device]) -> tuple[float, float, float, float]:
    """Expected from hash rates and difficulties, as shares are not counted by the minute."""
    one = five = sixty = 0.0
    for device in devices:
        rates, hashes = device.figures.hashrates, device.channel.difficulty * HASHES_OF_DIFFICULTY_1
        if hashes > 0:
            one, five, sixty = one + rates[0] / hashes, five + rates[1] / hashes, sixty + rates[2] / hashes
    return round(one, 1), round(five, 1), round(five, 1), round(sixty, 1)


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0
