"""The paths of public-pool's API and of ckpool's files: who asks there reads what those projects would answer.

Rule: shapes are made in `public_pool.py` and `ckpool.py`; an account that was never seen is what the project makes of
it. A name in a path has no slash; all that our own API can say of others is said there.
"""

from typing import Any

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from sluice.ledger.reading import MOST_ROWS, Best, Reader, WorkerTotals
from sluice.web.devices import Device, kept_name
from sluice.web.problem import Refusal
from sluice.web.rest import ckpool, public_pool
from sluice.web.rest.answering import EXCEPTIONS, readable
from sluice.web.rest.kept import kept_or, shared
from sluice.web.rest.live import picture_of
from sluice.web.rest.numbers import difficulty_of_hash
from sluice.web.rest.public_pool import MOST_SCORES, STEP, UNNAMED, FoundBlock
from sluice.web.sight import Sight

#: Blocks that are told: both projects tell all, and none of them has found as many.
MOST_BLOCKS = 1_000
#: Seconds that sums over hours are good for.
SLOW = 30.0
SIX_HOURS = 21_600
#: What stands for the session of a block, which the record does not know.
NO_SESSION = "00000000"
JSON = "application/json; charset=utf-8"


@get("/info")
async def info(sight: NamedDependency[Sight]) -> public_pool.Info:
    """The site: blocks, kinds of devices, best shares, the start."""
    return await shared(sight, "info", lambda: _info(sight))


@get("/info/chart")
async def info_chart(sight: NamedDependency[Sight]) -> list[public_pool.Point]:
    """The pool's hash rate of a day."""
    since, until = _day((await picture_of(sight)).at)
    found = await kept_or(
        sight, ("site chart", until), lambda reader: list(reader.pool_chart(since, until, STEP)), SLOW
    )
    return public_pool.points((point.at, round(point.work / STEP)) for point in found or ())


@get("/pool")
async def pool(sight: NamedDependency[Sight]) -> public_pool.PoolInfo:
    """The pool in five numbers."""
    picture = await picture_of(sight)
    return public_pool.pool_info(picture, await _blocks(sight), sight.devices.all)


@get("/network")
async def network(sight: NamedDependency[Sight]) -> public_pool.NetworkInfo:
    """The chain."""
    return public_pool.network_info(await picture_of(sight))


@get("/client/{address:str}")
async def client(sight: NamedDependency[Sight], address: FromPath[str]) -> public_pool.Client:
    """An account and its sessions of now."""
    picture = await picture_of(sight)
    account = kept_name(address)
    known, devices = await _known(sight, account), sight.devices.of(account)
    bests = [difficulty_of_hash(each.best_hash) for each in known]
    bests += [device.figures.best_difficulty for device in devices]
    return public_pool.client(max(bests, default=None), devices, picture.at)


@get("/client/{address:str}/chart")
async def client_chart(sight: NamedDependency[Sight], address: FromPath[str]) -> list[public_pool.Point]:
    """The hash rate of an account over a day."""
    return await _points(sight, kept_name(address), None)


@get("/client/{address:str}/{worker:str}")
async def client_group(
    sight: NamedDependency[Sight], address: FromPath[str], worker: FromPath[str]
) -> public_pool.Group:
    """All sessions of a worker."""
    await picture_of(sight)
    account = kept_name(address)
    name = _worker(sight.devices.of(account), await _known(sight, account), worker)
    bests = [
        difficulty_of_hash(each.best_hash) for each in await _known(sight, account) if each.worker == name
    ]
    bests += [device.figures.best_difficulty for device in sight.devices.of(account, name)]
    return public_pool.Group(worker, int(max(bests, default=0.0)), await _points(sight, account, name))


@get("/client/{address:str}/{worker:str}/{session:str}")
async def client_session(
    sight: NamedDependency[Sight], address: FromPath[str], worker: FromPath[str], session: FromPath[str]
) -> public_pool.SessionChart:
    """One session, as long as it lasts."""
    await picture_of(sight)
    account = kept_name(address)
    found = [device for device in sight.devices.of(account) if device.session == session]
    if not found or (found[0].worker or UNNAMED) != kept_name(worker):
        raise Refusal(404, "No such session is open.")
    return public_pool.session_chart(found[0], await _points(sight, account, found[0].worker))


@get("/pool/pool.status", media_type=JSON)
async def pool_status(sight: NamedDependency[Sight]) -> Response[bytes]:
    """The pool in three lines."""
    return Response(await shared(sight, "pool.status", lambda: _status(sight)), media_type=JSON)


@get("/users/{account:str}", media_type=JSON)
async def user(sight: NamedDependency[Sight], account: FromPath[str]) -> Response[bytes]:
    """An account and its workers."""
    picture = await picture_of(sight)
    name, now = kept_name(account), int(picture.at)
    devices = sight.devices.of(name)
    kept = await kept_or(sight, ("ckpool user", name), lambda reader: _kept_workers(reader, name, now))
    if not devices and not kept:
        raise Refusal(404, "No account of this name was ever seen here.")
    return Response(ckpool.user(devices, kept or (), name, picture.at), media_type=JSON)


async def _info(sight: Sight) -> public_pool.Info:
    picture = await picture_of(sight)
    devices = sight.devices
    bests = await kept_or(sight, "best of accounts", _best_of_accounts, SLOW) or []
    scores = [
        public_pool.high_score(
            best.at, difficulty_of_hash(best.hash), _agent(devices.of(best.account, best.worker))
        )
        for best in bests
    ]
    return public_pool.info(picture, await _blocks(sight), devices.all, scores)


def _best_of_accounts(reader: Reader) -> list[Best]:
    """The best share of each of the best accounts."""
    first: dict[str, Best] = {}
    for best in reader.bests(MOST_ROWS):
        first.setdefault(best.account, best)
    return list(first.values())[:MOST_SCORES]


async def _status(sight: Sight) -> bytes:
    picture = await picture_of(sight)
    now = int(picture.at)
    kept = await kept_or(sight, "ckpool round", lambda reader: _round(reader, now), SLOW)
    return ckpool.pool_status(picture, sight.devices.all, kept or ckpool.Round())


def _day(now: float) -> tuple[int, int]:
    """The whole steps of the last day, without the one that runs."""
    until = int(now) // STEP * STEP
    return until - 86_400, until


async def _points(sight: Sight, account: str, worker: str | None) -> list[public_pool.Point]:
    since, until = _day((await picture_of(sight)).at)
    found = await kept_or(
        sight,
        ("client chart", account, worker, until),
        lambda reader: list(reader.worker_chart(account, worker, since, until, STEP)),
        SLOW,
    )
    return public_pool.points((point.at, point.work / STEP) for point in found or ())


async def _known(sight: Sight, account: str) -> list[WorkerTotals]:
    return await kept_or(sight, ("account", account), lambda reader: list(reader.account(account))) or []


async def _blocks(sight: Sight) -> list[FoundBlock]:
    """In the order in which they were found."""
    found = await kept_or(sight, ("blocks", 0, MOST_BLOCKS), lambda reader: reader.blocks(0, MOST_BLOCKS))
    lines = reversed(found.rows) if found else ()
    return [FoundBlock(each.height, each.account, each.worker or UNNAMED, NO_SESSION) for each in lines]


def _worker(devices: tuple[Device, ...], known: list[WorkerTotals], asked: str) -> str:
    """The worker that is meant: one without a name is called `worker` there."""
    name = kept_name(asked)
    names = {device.worker for device in devices} | {each.worker for each in known}
    return "" if name == UNNAMED and name not in names else name


def _agent(devices: tuple[Device, ...]) -> str:
    return public_pool.user_agent(devices[0]) if devices else "unknown"


def _kept_workers(reader: Reader, account: str, now: int) -> list[ckpool.Kept]:
    days = reader.workers_work_since(account, now - ckpool.DAY)
    weeks = reader.workers_work_since(account, now - ckpool.WEEK)
    return [
        ckpool.Kept(
            each.worker,
            each.work,
            days.get(each.worker, 0),
            weeks.get(each.worker, 0),
            difficulty_of_hash(each.best_hash),
            each.first_at or None,
            each.last_at or None,
        )
        for each in reader.account(account)
    ]


def _round(reader: Reader, now: int) -> ckpool.Round:
    """Of the pool since its last block (the ten minutes that it was found in), or since the record began."""
    newest = reader.blocks(0, 1).rows
    since = int(newest[0].found_at) // STEP * STEP if newest else 0

    def work(seconds: int) -> int:
        return sum(point.work for point in reader.pool_chart(now - seconds, now + 1, STEP))

    bests = reader.bests(1, since) if since else reader.bests(1)
    totals = reader.totals()
    points = list(reader.pool_chart(since, now + 1, STEP)) if since else []
    return ckpool.Round(
        work=sum(point.work for point in points) if since else totals.work,
        refused=sum(point.refused for point in points) if since else sum(totals.refused.values()),
        best=difficulty_of_hash(bests[0].hash) if bests else 0.0,
        work_of_six_hours=work(SIX_HOURS),
        work_of_day=work(ckpool.DAY),
        work_of_week=work(ckpool.WEEK),
    )


_SETTINGS: dict[str, Any] = {
    "after_request": readable,
    "exception_handlers": EXCEPTIONS,
    "include_in_schema": False,
}
PUBLIC_POOL = Router(
    "/api",
    route_handlers=[info, info_chart, pool, network, client, client_chart, client_group, client_session],
    **_SETTINGS,
)
CKPOOL = Router("/", route_handlers=[pool_status, user], **_SETTINGS)
