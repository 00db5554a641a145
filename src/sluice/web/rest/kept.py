"""What the API asks of the record: each answer kept for a moment, so that many who ask the same are one question.

Rule: where there is no record, `NoRecord` is raised; whoever can answer without it does.
"""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from sluice.ledger.reading import Reader
from sluice.web.problem import Refusal
from sluice.web.sight import NoRecord, Sight

T = TypeVar("T")
#: Seconds that an answer is good for: the record is some seconds behind anyway.
FRESH = 2.0
#: Seconds that a request waits for the record.
PATIENCE = 10.0
NO_ERROR = NoRecord()


@dataclass(frozen=True, slots=True)
class _Found(Generic[T]):
    """An answer that is kept, or why there is none."""

    answers: tuple[T, ...] = ()
    error: Exception = NO_ERROR


async def shared(sight: Sight, key: Hashable, make: Callable[[], Awaitable[T]], fresh: float = FRESH) -> T:
    """What comes of `make`, or came of it a moment ago. Raises what it raises, and Refusal if it takes too long."""

    async def ask() -> _Found[T]:
        try:
            return _Found((await make(),))
        except Exception as error:  # noqa: BLE001 - raised to who asks: the task belongs to all
            return _Found(error=error)

    # Who asks once an hour wants what is so now, not what was an hour ago: another moment is another question.
    moment = int(monotonic() / fresh)
    found = await sight.memory.recall(("rest", key, moment), fresh, ask, PATIENCE)
    if found is None:
        raise Refusal(503, "This takes too long now. Try again in a moment.", ("retry-after", "5"))
    for answer in found.answers:
        return answer
    raise found.error


async def kept(sight: Sight, key: Hashable, call: Callable[[Reader], T], fresh: float = FRESH) -> T:
    """What comes of looking into the record. Raises NoRecord, Refusal if it takes too long."""
    return await shared(sight, key, lambda: sight.read(call), fresh)


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
