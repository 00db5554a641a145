"""The two shapes of a field that bincode alone does not give: lists with an end, and what may follow a message.

The origin's decoder stops after the last field that it knows and ignores the rest. So a field may follow that it
never heard of; Rule: who reads such a field takes "not there" for an answer.
"""

from typing import Annotated, Any, TypeVar

from sluice.wire.bincode import COUNT_SIZE
from sluice.wire.codec import Many, Maybe

T = TypeVar("T")


class Trailing(Maybe):
    """A value that the message may end without; bytes too few for it are somebody else's."""

    __slots__ = ()

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        if len(data) - at < self.element.max_size:
            return None, at
        return self.element.read(data, at)

    def write(self, value: Any) -> bytes:
        return b"" if value is None else self.element.write(value)


#: A frame has room for 100,000 empty strings, each of which would cost us more than the sender.
FEW = Annotated[tuple[T, ...], Many(COUNT_SIZE, 256)]
TRAILING = Annotated[T | None, Trailing(0, 1)]
