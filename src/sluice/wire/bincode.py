"""The data types of bincode 1.3 with fixed integers, which blvm's wires are made of, under the names of Rust's.

Counts have 64 bits and no bound of their own: a frame has one, and nothing is read beyond its end.
"""

from typing import Annotated, TypeVar

from sluice.wire.codec import Hash, Many, Maybe, Number, Octets, Text, cut
from sluice.wire.errors import RemoteProtocolError

COUNT_SIZE = 8
ANY_COUNT = 2 ** (8 * COUNT_SIZE) - 1

T = TypeVar("T")


class Utf8(Text):
    """A String, which in Rust is UTF-8 or none at all."""

    __slots__ = ()

    def read(self, data: bytes, at: int) -> tuple[str, int]:
        text, end = super().read(data, at)
        if not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text):
            raise RemoteProtocolError("a string that is no UTF-8")
        return text, end

    def write(self, value: str) -> bytes:
        value.encode()  # UnicodeEncodeError, a ValueError, for what a String cannot be
        return super().write(value)


class Bool:
    """A bool, which is 0 or 1 and nothing else."""

    __slots__ = ()
    max_size = 1

    def read(self, data: bytes, at: int) -> tuple[bool, int]:
        (value,) = cut(data, at, 1)
        if value > 1:
            raise RemoteProtocolError(f"a bool of {value}")
        return value == 1, at + 1

    def write(self, value: bool) -> bytes:
        return b"\x01" if value else b"\x00"


BOOL = Annotated[bool, Bool()]
U8 = Annotated[int, Number("B")]
U16 = Annotated[int, Number("H")]
U32 = Annotated[int, Number("I")]
U64 = Annotated[int, Number("Q")]
I32 = Annotated[int, Number("i")]
I64 = Annotated[int, Number("q")]
F64 = Annotated[float, Number("d")]
HASH = Annotated[bytes, Hash("32s")]  # an array has no count; in the order in which hashes are computed
STRING = Annotated[str, Utf8(COUNT_SIZE, ANY_COUNT)]
BYTES = Annotated[bytes, Octets(COUNT_SIZE, ANY_COUNT)]
VEC = Annotated[tuple[T, ...], Many(COUNT_SIZE, ANY_COUNT)]
OPTION = Annotated[T | None, Maybe(1, 1)]
