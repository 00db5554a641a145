"""The API's reads of the pool as it is now: network, nodes, connections, channels, what happened of late.

Rule: out of the newest picture; where there is none, that is said, and why.
"""

from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from sluice.control.words import Happened, PoolPicture
from sluice.web.discretion import discreet
from sluice.web.problem import Refusal
from sluice.web.rest.answers import Network, Nodes, Page
from sluice.web.rest.from_picture import channel_answer, connection_answer, network_answer, node_answer
from sluice.web.rest.miner_answers import Channel, Connection
from sluice.web.rest.operator import has_key
from sluice.web.rest.paging import USUAL, Limit, Offset, part
from sluice.web.sight import Sight


class LogLine(Struct, frozen=True):
    """Something that happened."""

    number: Annotated[int, Meta(description="Counted from 1 in each run.")]
    at: Annotated[float, Meta(description="Unix seconds.")]
    name: Annotated[str, Meta(description="What happened, as one word.")]
    words: Annotated[str, Meta(description="The same, in words.")]
    level: Annotated[str, Meta(description="info, warning, error or alarm.")]
    facts: Annotated[dict[str, Any], Meta(description="To whom or what: names, numbers, hashes.")]


async def picture_of(sight: Sight) -> PoolPicture:
    """The newest. Raises Refusal: 503 if there is none."""
    picture = await sight.first()
    if picture is None:
        raise Refusal(503, f"The pool is not in sight: {sight.trouble}.", ("retry-after", "5"))
    return picture


@get("/network", summary="The chain", tags=["pool"])
async def network(sight: NamedDependency[Sight]) -> Network:
    """The newest block, its difficulty, and the template that is mined on it."""
    return network_answer(await picture_of(sight))


@get("/nodes", summary="The nodes", tags=["pool"])
async def nodes(sight: NamedDependency[Sight]) -> Nodes:
    """Every node of the configuration: whether it keeps up, what its template pays, what it said of blocks."""
    return Nodes([node_answer(node) for node in (await picture_of(sight)).nodes])


@get("/connections", summary="Connections", tags=["miners"])
async def connections(
    request: Request[Any, Any, Any], sight: NamedDependency[Sight], offset: Offset = 0, limit: Limit = USUAL
) -> Page[Connection]:
    """Who is connected, the oldest first; where from is told to who shows the operator's key."""
    operator = await has_key(request)
    picture = await picture_of(sight)
    return part(
        sight.miners, offset, limit, lambda miner: connection_answer(picture, miner, operator=operator)
    )


@get("/channels", summary="Channels", tags=["miners"])
async def channels(
    sight: NamedDependency[Sight],
    account: Annotated[
        str | None, QueryParameter(max_length=1_024, description="Only this account's.")
    ] = None,
    connection: Annotated[int | None, QueryParameter(ge=0, description="Only this connection's.")] = None,
    offset: Offset = 0,
    limit: Limit = USUAL,
) -> Page[Channel]:
    """Open channels, and the workers on them where a proxy says who is behind it; the oldest connection first."""
    await picture_of(sight)
    devices = sight.devices.all if account is None else sight.devices.of(account)
    if connection is not None:
        devices = tuple(device for device in devices if device.miner.peer == connection)
    return part(devices, offset, limit, channel_answer)


@get("/log", summary="What happened", tags=["pool"])
async def log(
    request: Request[Any, Any, Any], sight: NamedDependency[Sight], offset: Offset = 0, limit: Limit = USUAL
) -> Page[LogLine]:
    """The last thousand happenings, the newest first; network addresses are told to who shows the operator's key."""
    operator = await has_key(request)
    await picture_of(sight)
    return part(
        list(reversed(sight.log)),
        offset,
        limit,
        lambda line: _line(line, operator=operator),
    )


def _line(happened: Happened, *, operator: bool) -> LogLine:
    facts = happened.facts if operator else discreet(happened.facts)
    return LogLine(happened.number, happened.at, happened.name, happened.words, happened.level, facts)


LIVE = (network, nodes, connections, channels, log)
