"""Answers of the record that are kept for a moment, so that a thousand readers of a page are one question.

Rule: who asks gets what is known at once, if anything is; what is older than it should be is asked for anew meanwhile.
The same question is never asked twice at a time, and no more are asked or kept than a bound.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")
#: Answers that are kept: those of some hundred open pages.
MOST_KEPT = 2_000
#: Questions that wait for the record at a time, some KB each: if it hangs, there are no more of them by the hour.
MOST_ASKED = 500

logger = logging.getLogger(__name__)


class Memory:
    """Mutable; one owner: the event loop."""

    __slots__ = ("_asking", "_group", "_kept")

    def __init__(self, group: asyncio.TaskGroup) -> None:
        """`group` runs the questions."""
        self._group = group
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._asking: dict[Hashable, asyncio.Task[bool]] = {}

    async def recall(
        self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[T | None]], patience: float
    ) -> T | None:
        """The answer, at most `seconds` old or on its way to be; None if there is none within `patience`."""
        known = self._kept.get(key)
        if known is None or monotonic() - known[0] >= seconds:
            asking = self._asking.get(key)
            if asking is None and len(self._asking) >= MOST_ASKED:
                return None if known is None else known[1]
            if asking is None:
                asking = self._asking[key] = self._group.create_task(self._ask(key, ask))
            if known is None:
                await asyncio.wait([asking], timeout=patience)
                known = self._kept.get(key)
        if known is None:
            return None
        self._kept.move_to_end(key)
        answer: T | None = known[1]
        return answer

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[T | None]]) -> bool:
        try:
            answer = await ask()
        except Exception:  # a bug in one question must not end what all others hang on
            logger.exception("a question failed")
            return False
        else:
            if answer is None:
                return False
            self._kept[key] = (monotonic(), answer)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return True
        finally:
            del self._asking[key]
