"""The API's reads of what is kept: the pool's totals, accounts, workers, bests, blocks, settings.

Rule: sums come from the record and lag by seconds, rates of now from the newest picture; names stand in the query, as
they may have any character. Where there is no record, what is live is told, and lists that need one are refused.
"""

from collections.abc import Mapping
from re import fullmatch
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta, Struct

from sluice.web.devices import MOST_NAME, kept_name
from sluice.web.problem import Refusal
from sluice.web.rest import from_record as said
from sluice.web.rest.answers import Page, Pool, RankedBest
from sluice.web.rest.block_answers import Block, BlockLine
from sluice.web.rest.from_picture import chain_of, expected_seconds, hashrates, record_answer
from sluice.web.rest.from_record import NOTHING
from sluice.web.rest.kept import kept_or, needed
from sluice.web.rest.live import picture_of
from sluice.web.rest.miner_answers import AccountLine, AccountState, WorkerState
from sluice.web.rest.operator import operators_only
from sluice.web.rest.paging import USUAL, Limit, Offset
from sluice.web.sight import Sight

#: Bests that are told at most: the record keeps one of each worker.
MOST_BESTS = 100
#: Seconds over which the rate of a day is meant.
DAY = 86_400
#: Changes of the configuration that are looked through, the newest first: those of years.
MOST_SETTINGS = 1_000
HASH = "[0-9a-f]{64}"

AccountName = Annotated[
    str, QueryParameter(max_length=MOST_NAME, description="The account, as its miners name it.")
]
WorkerName = Annotated[
    str, QueryParameter(max_length=MOST_NAME, description="The worker; empty for the one without a name.")
]


class Bests(Struct, frozen=True):
    """The best shares, the best first."""

    items: list[RankedBest]


class Setting(Struct, frozen=True):
    """A setting of the pool, as it was recorded."""

    name: Annotated[str, Meta(description="`section.key`.")]
    value: Annotated[str, Meta(description="As a file would give it.")]
    at: Annotated[float, Meta(description="Unix seconds since when it is so.")]


class Settings(Struct, frozen=True):
    """All that were recorded; no secrets are."""

    items: list[Setting]


@get("/pool", summary="The pool", tags=["pool"])
async def pool(sight: NamedDependency[Sight]) -> Pool:
    """All of it on one screen: what it does, why it does nothing if so, and what it has done since the record began."""
    picture = await picture_of(sight)
    devices = sight.devices
    since = int(picture.at) - DAY
    totals = await kept_or(sight, "totals", lambda reader: reader.totals())
    day = await kept_or(sight, "day", lambda reader: reader.pool_work_since(since))
    bests = await kept_or(sight, ("bests", 1), lambda reader: list(reader.bests(1)))
    return Pool(
        at=picture.at,
        started_at=picture.started_at,
        version=picture.version,
        network=chain_of(picture),
        tag=picture.tag,
        url=picture.url,
        key_temporary=picture.key_temporary,
        mode=picture.mode,
        payout=picture.payout,
        trouble=picture.trouble,
        draining=picture.draining,
        height=picture.height,
        network_difficulty=picture.network_difficulty,
        seconds_to_block=expected_seconds(picture),
        connections=picture.connections,
        max_connections=picture.max_connections,
        miners=picture.miners,
        channels=picture.channels,
        workers=len(devices.all),
        accounts=len(devices.accounts),
        hashrates=hashrates(picture.figures.hashrates, None if day is None else day / DAY),
        totals=said.totals_answer(totals) if totals else None,
        best=said.ranked_answer(bests[0]) if bests else None,
        blocks_accepted=picture.blocks_accepted,
        record=record_answer(picture),
    )


@get("/accounts", summary="Accounts", tags=["miners"])
async def accounts(
    sight: NamedDependency[Sight], offset: Offset = 0, limit: Limit = USUAL
) -> Page[AccountLine]:
    """Whoever had a share credited since the record began."""
    picture = await picture_of(sight)
    found = await needed(sight, ("accounts", offset, limit), lambda reader: reader.accounts(offset, limit))
    names = [each.account for each in found.rows]
    since = int(picture.at) - DAY
    works = await needed(sight, ("works", offset, limit), lambda reader: reader.works_since(names, since))
    return Page(
        found.total,
        offset,
        limit,
        [
            said.account_line(each, sight.devices.of(each.account), works.get(each.account, 0))
            for each in found.rows
        ],
    )


@get("/account", summary="An account", tags=["miners"])
async def account(sight: NamedDependency[Sight], name: AccountName) -> AccountState:
    """All its workers together."""
    name = kept_name(name)
    picture = await picture_of(sight)
    since = int(picture.at) - DAY
    known = await kept_or(sight, ("account", name), lambda reader: list(reader.account(name)))
    devices = sight.devices.of(name)
    if not known and not devices:
        raise Refusal(404, "No account of this name was ever seen here.")
    day = await kept_or(sight, ("account day", name), lambda reader: reader.work_since(name, None, since))
    return said.account_answer(name, known or (), devices, day)


@get("/workers", summary="The workers of an account", tags=["miners"])
async def workers(
    sight: NamedDependency[Sight], account: AccountName, offset: Offset = 0, limit: Limit = USUAL
) -> Page[WorkerState]:
    """By name; those that are connected and those that once had a share credited."""
    account = kept_name(account)
    picture = await picture_of(sight)
    since = int(picture.at) - DAY
    known = await kept_or(sight, ("account", account), lambda reader: list(reader.account(account)))
    devices = sight.devices.of(account)
    if not known and not devices:
        raise Refusal(404, "No account of this name was ever seen here.")
    of_worker = {each.worker: each for each in known or ()}
    names = sorted(of_worker.keys() | {device.worker for device in devices})
    works = await kept_or(
        sight, ("workers day", account), lambda reader: reader.workers_work_since(account, since)
    )
    return Page(
        len(names),
        offset,
        limit,
        [
            said.worker_answer(
                account,
                worker,
                of_worker.get(worker, NOTHING),
                sight.devices.of(account, worker),
                _of(works, worker),
            )
            for worker in names[offset : offset + limit]
        ],
    )


@get("/worker", summary="A worker", tags=["miners"])
async def worker(sight: NamedDependency[Sight], account: AccountName, name: WorkerName = "") -> WorkerState:
    """All its channels together."""
    account, name = kept_name(account), kept_name(name)
    picture = await picture_of(sight)
    since = int(picture.at) - DAY
    known = await kept_or(sight, ("account", account), lambda reader: list(reader.account(account)))
    found = next((each for each in known or () if each.worker == name), None)
    devices = sight.devices.of(account, name)
    if found is None and not devices:
        raise Refusal(404, "No worker of this name was ever seen here.")
    works = await kept_or(
        sight, ("workers day", account), lambda reader: reader.workers_work_since(account, since)
    )
    return said.worker_answer(account, name, found or NOTHING, devices, _of(works, name))


@get("/bests", summary="The best shares", tags=["miners"])
async def bests(
    sight: NamedDependency[Sight],
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_BESTS, description="How many at most.")] = 10,
) -> Bests:
    """The best share of each worker, the best of them first."""
    found = await needed(sight, ("bests", limit), lambda reader: list(reader.bests(limit)))
    return Bests([said.ranked_answer(each) for each in found])


@get("/blocks", summary="Found blocks", tags=["blocks"])
async def blocks(sight: NamedDependency[Sight], offset: Offset = 0, limit: Limit = USUAL) -> Page[BlockLine]:
    """The newest first."""
    found = await needed(sight, ("blocks", offset, limit), lambda reader: reader.blocks(offset, limit))
    return Page(found.total, offset, limit, [said.block_line(each) for each in found.rows])


@get("/blocks/{block_hash:str}", summary="A found block", tags=["blocks"])
async def block(
    sight: NamedDependency[Sight],
    block_hash: Annotated[str, PathParameter(description="Its hash, in display order.")],
) -> Block:
    """A block and its life: where it went, what nodes said, how deep it lies."""
    wanted = block_hash.lower()
    if not fullmatch(HASH, wanted):
        raise Refusal(400, "A block's hash has 64 hexadecimal digits.")
    found = await needed(sight, ("block", wanted), lambda reader: reader.block(wanted))
    if found is None:
        raise Refusal(404, "No block of this hash was found here.")
    return said.block_answer(found)


@get(
    "/settings",
    summary="The pool's settings",
    tags=["operator"],
    guards=[operators_only],
    security=[{"operator": []}],
)
async def settings(sight: NamedDependency[Sight]) -> Settings:
    """As the record has them, without secrets. For the operator: they name files and machines."""
    found = await needed(sight, "settings", lambda reader: reader.settings(MOST_SETTINGS))
    newest = {each["name"]: each for each in reversed(found)}
    return Settings([Setting(name, each["value"], each["at"]) for name, each in sorted(newest.items())])


def _of(works: Mapping[str, int] | None, name: str) -> int | None:
    """Work of one of them: 0 if it did none, None where there is no record."""
    return None if works is None else works.get(name, 0)


HISTORY = (pool, accounts, account, workers, worker, bests, blocks, block, settings)
