"""What the API asks of the record: each answer kept for a moment, so that many who ask the same are one question.

Rule: where there is no record, `NoRecord` is raised; whoever can answer without it does.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sluice.ledger.reading import Reader
from sluice.web.problem import Refusal
from sluice.web.sight import NoRecord, Sight

T = TypeVar("T")
#: Seconds that an answer is good for: the record is some seconds behind anyway.
FRESH = 2.0
#: Seconds that a request waits for the record.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class _Found(Generic[T]):
    """An answer that is kept, be it that there is none."""

    answer: T | NoRecord


async def kept(sight: Sight, key: Hashable, call: Callable[[Reader], T], fresh: float = FRESH) -> T:
    """What comes of looking into the record. Raises NoRecord, Refusal if it takes too long."""

    async def ask() -> _Found[T] | None:
        try:
            return _Found(await sight.read(call))
        except NoRecord as error:
            return _Found(error)

    found = await sight.memory.recall(("rest", key), fresh, ask, PATIENCE)
    if found is None:
        raise Refusal(503, "The record did not answer in time. Try again in a moment.", ("retry-after", "5"))
    if isinstance(found.answer, NoRecord):
        raise NoRecord(str(found.answer))
    return found.answer


async def kept_or(sight: Sight, key: Hashable, call: Callable[[Reader], T], fresh: float = FRESH) -> T | None:
    """The same; None where there is no record."""
    try:
        return await kept(sight, key, call, fresh)
    except NoRecord:
        return None


async def needed(sight: Sight, key: Hashable, call: Callable[[Reader], T], fresh: float = FRESH) -> T:
    """The same; Refusal where there is no record."""
    try:
        return await kept(sight, key, call, fresh)
    except NoRecord as error:
        raise Refusal(503, f"There is no record to read: {error}.") from error
