"""The data types of the wire, under the names the specification gives them (spec 3.1)."""

from typing import Annotated, TypeVar

from sluice.wire.codec import Hash, Many, Maybe, Number, Octets, ShortInteger, Text, Truth

MAX_PAYLOAD = 2**24 - 1  # what msg_length, a U24, can say (spec 3.2)

T = TypeVar("T")

U8 = Annotated[int, Number("B")]
U16 = Annotated[int, Number("H")]
U24 = Annotated[int, ShortInteger(3)]
U32 = Annotated[int, Number("I")]
U64 = Annotated[int, Number("Q")]
U256 = Annotated[bytes, Hash("32s")]  # hashes and targets alike, as they lie on the wire
F32 = Annotated[float, Number("f")]  # not in 3.1, used in chapter 5; NaN and infinity are the pool's to judge
BOOL = Annotated[bool, Truth()]
STR0_255 = Annotated[str, Text(1, 255)]
B0_32 = Annotated[bytes, Octets(1, 32)]
B0_255 = Annotated[bytes, Octets(1, 255)]
B0_64K = Annotated[bytes, Octets(2, 2**16 - 1)]
B0_16M = Annotated[bytes, Octets(3, 2**24 - 1)]
OPTION = Annotated[T | None, Maybe(1, 1)]
SEQ0_255 = Annotated[tuple[T, ...], Many(1, 255)]
SEQ0_64K = Annotated[tuple[T, ...], Many(2, 2**16 - 1)]
