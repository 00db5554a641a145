"""What an operator can have done: a request for each, by POST with the operator's key, carried to the pool.

Rule: nothing is decided here; the pool's own words are the answer, be it a yes or a no.
"""

from typing import Annotated

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from sluice.control.words import Ban, CloseChannels, Command, Done, Drain, SetDifficulty, Unban
from sluice.web.problem import Refusal
from sluice.web.rest.operator import operators_only
from sluice.web.sight import NobodyThere, Sight

#: Characters: the longest name that a miner can have, and an account and a separator more than enough.
MOST_NAME = 1_024
#: Seconds: a hundred years, which no clock of ours overflows at.
LONGEST = 3_153_600_000
#: Beyond it no target is left.
HARDEST = 1e60

Name = Annotated[
    str,
    Meta(
        min_length=1, max_length=MOST_NAME, description="An account, or one worker of it: `account.worker`."
    ),
]
What = Annotated[
    str,
    Meta(min_length=1, max_length=MOST_NAME, description="An account, a worker, an IP address or a network."),
]
Difficulty = Annotated[float, Meta(gt=0, le=HARDEST)]
Seconds = Annotated[float, Meta(gt=0, le=LONGEST)]


class DifficultyWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """At which difficulty the channels of a name mine."""

    name: Name
    difficulty: Annotated[
        Difficulty | None, Meta(description="The difficulty; null hands them back to vardiff.")
    ] = None


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose channels are meant."""

    name: Name


class BanWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is not taken any more."""

    what: What
    seconds: Annotated[Seconds | None, Meta(description="For how long; null is for good.")] = None


class UnbanWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is taken again."""

    what: What


class DrainWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether miners are sent elsewhere."""

    off: Annotated[bool, Meta(description="True takes miners again.")] = False


class Carried(Struct, frozen=True):
    """What the pool has done."""

    words: Annotated[str, Meta(description="In a sentence.")]
    count: Annotated[int, Meta(description="How many channels, connections or bans were concerned.")]


@post("/difficulty", status_code=200, summary="Set or release a difficulty")
async def set_difficulty(data: JSONBody[DifficultyWanted], sight: NamedDependency[Sight]) -> Carried:
    """All channels of a name mine at this difficulty, those that open later too, until it is released."""
    return await _carried(sight, SetDifficulty(data.name, data.difficulty))


@post("/close", status_code=200, summary="Close channels")
async def close(data: JSONBody[Named], sight: NamedDependency[Sight]) -> Carried:
    """The channels of a name are closed; miners may open others."""
    return await _carried(sight, CloseChannels(data.name))


@post("/ban", status_code=200, summary="Ban")
async def ban(data: JSONBody[BanWanted], sight: NamedDependency[Sight]) -> Carried:
    """What belongs to a name, an address or a network is closed, and taken no more."""
    return await _carried(sight, Ban(data.what, data.seconds))


@post("/unban", status_code=200, summary="End a ban")
async def unban(data: JSONBody[UnbanWanted], sight: NamedDependency[Sight]) -> Carried:
    """Who was banned is taken again."""
    return await _carried(sight, Unban(data.what))


@post("/drain", status_code=200, summary="Drain")
async def drain(data: JSONBody[DrainWanted], sight: NamedDependency[Sight]) -> Carried:
    """Every miner is sent elsewhere and none is taken, until it is turned off."""
    return await _carried(sight, Drain(data.off))


async def _carried(sight: Sight, command: Command) -> Carried:
    """Raises Refusal: 409 in the pool's words, 503 where no pool answers."""
    try:
        answer = await sight.ask(command)
    except NobodyThere as error:
        raise Refusal(503, f"The pool did not answer: {error}.") from error
    if isinstance(answer, Done):
        return Carried(answer.words, answer.count)
    raise Refusal(409, answer.words)


OPERATOR = Router(
    "/operator",
    route_handlers=[set_difficulty, close, ban, unban, drain],
    guards=[operators_only],
    tags=["operator"],
    security=[{"operator": []}],
)
