"""How one value of a declared field becomes bytes and comes back: what the data types of every wire are made of.

`U32 = Annotated[int, Number("I")]`: the type checker sees `int`, the codec beside it does the bytes. All is
little-endian. Reading what is not well-formed raises RemoteProtocolError; writing a value that does not
fit raises ValueError or struct.error, which `layout` turns into a LocalProtocolError naming the field.
"""

from struct import Struct
from typing import Any, Protocol, get_args

from sluice.wire.errors import RemoteProtocolError


class Codec(Protocol):
    """One data type: bytes to value and back."""

    @property
    def max_size(self) -> int:
        """The most bytes a value takes on the wire."""

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        """The value that begins at `at`, and the offset after it."""

    def write(self, value: Any) -> bytes:
        """The value's bytes; ValueError or struct.error when it does not fit."""


def cut(data: bytes, at: int, size: int) -> bytes:
    """Exactly `size` bytes from `at`; a slice alone would silently give fewer."""
    piece = data[at : at + size]
    if len(piece) != size:
        raise RemoteProtocolError(f"the message ends where {size} more bytes were announced")
    return piece


class Number:
    """A type of fixed size that `struct` knows; neighbours of this kind are fused into one Struct."""

    __slots__ = ("format", "struct")

    def __init__(self, format: str) -> None:  # noqa: A002 - struct's own word
        self.format = format
        self.struct = Struct("<" + format)

    @property
    def max_size(self) -> int:
        return self.struct.size

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        (value,) = self.struct.unpack(cut(data, at, self.struct.size))
        return value, at + self.struct.size

    def write(self, value: Any) -> bytes:
        return self.struct.pack(value)


class Hash(Number):
    """32 bytes as they lie on the wire: `struct` would cut or pad them without a word."""

    __slots__ = ()

    def write(self, value: bytes) -> bytes:
        if len(value) != self.struct.size:
            raise ValueError(f"{len(value)} bytes where there must be {self.struct.size}")
        return bytes(value)


class ShortInteger:
    """An integer of a size that `struct` does not know."""

    __slots__ = ("max_size",)

    def __init__(self, size: int) -> None:
        self.max_size = size

    def read(self, data: bytes, at: int) -> tuple[int, int]:
        return int.from_bytes(cut(data, at, self.max_size), "little"), at + self.max_size

    def write(self, value: int) -> bytes:
        if not 0 <= value < 1 << 8 * self.max_size:
            raise ValueError(f"{value} does not fit into {self.max_size} bytes")
        return value.to_bytes(self.max_size, "little")


class Truth:
    """Bit 0 alone has a meaning, the others are padding and MUST NOT be interpreted (spec 3.1)."""

    __slots__ = ()
    max_size = 1

    def read(self, data: bytes, at: int) -> tuple[bool, int]:
        return cut(data, at, 1)[0] & 1 == 1, at + 1

    def write(self, value: bool) -> bytes:
        return b"\x01" if value else b"\x00"


class Octets:
    """Bytes behind a length of `prefix` bytes, `limit` at most."""

    __slots__ = ("limit", "prefix")

    def __init__(self, prefix: int, limit: int) -> None:
        self.prefix = prefix
        self.limit = limit

    @property
    def max_size(self) -> int:
        return self.prefix + self.limit

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        start = at + self.prefix
        size = int.from_bytes(data[at:start], "little")
        end = start + size
        if start > len(data) or end > len(data):
            raise RemoteProtocolError("the message ends within a byte field")
        if size > self.limit:
            raise RemoteProtocolError(f"{size} bytes in a field of at most {self.limit}")
        return data[start:end], end

    def write(self, value: Any) -> bytes:
        if len(value) > self.limit:
            raise ValueError(f"{len(value)} bytes in a field of at most {self.limit}")
        return len(value).to_bytes(self.prefix, "little") + bytes(value)


class Text(Octets):
    """A string whose bytes may be anything: what is not UTF-8 survives a round trip (surrogateescape)."""

    __slots__ = ()

    def read(self, data: bytes, at: int) -> tuple[str, int]:
        raw, end = super().read(data, at)
        return raw.decode("utf-8", "surrogateescape"), end

    def write(self, value: str) -> bytes:
        return super().write(value.encode("utf-8", "surrogateescape"))


class Many:
    """Values of one type behind a count of `prefix` bytes, `limit` at most."""

    __slots__ = ("element", "limit", "prefix")

    def __init__(self, prefix: int, limit: int, element: Codec | None = None) -> None:
        self.prefix = prefix
        self.limit = limit
        self.element: Codec = element if element is not None else NOTHING

    @property
    def max_size(self) -> int:
        return self.prefix + self.limit * self.element.max_size

    def of(self, element: Codec) -> "Many":
        """The same sequence with its element's type filled in."""
        return type(self)(self.prefix, self.limit, element)

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        count = int.from_bytes(cut(data, at, self.prefix), "little")
        if count > self.limit:
            raise RemoteProtocolError(f"{count} elements in a sequence of at most {self.limit}")
        at += self.prefix
        element = self.element
        if isinstance(element, Number):  # all at once: merkle paths and id lists are on the way of every job
            end = at + count * element.struct.size
            run = cut(data, at, end - at)
            return tuple(value for (value,) in element.struct.iter_unpack(run)), end
        values = []
        for _ in range(count):
            value, at = element.read(data, at)
            values.append(value)
        return tuple(values), at

    def write(self, value: Any) -> bytes:
        if len(value) > self.limit:
            raise ValueError(f"{len(value)} elements in a sequence of at most {self.limit}")
        count = len(value).to_bytes(self.prefix, "little")
        return count + b"".join(map(self.element.write, value))


class Maybe(Many):
    """OPTION[T] is SEQ0_1[T] (spec 3.1): a value, or None."""

    __slots__ = ()

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        values, end = super().read(data, at)
        return (values[0] if values else None), end

    def write(self, value: Any) -> bytes:
        return super().write(() if value is None else (value,))


NOTHING = Octets(0, 0)  # what a sequence holds until `of` says it


def codec_of(annotation: Any) -> Codec:
    """The codec that stands in an annotation such as `U32` or `SEQ0_255[U256]`, or that a record is.

    TypeError when there is none: a field declared with a bare Python type.
    """
    whole: Codec | None = getattr(annotation, "codec", None)
    if whole is not None:
        return whole
    metadata: tuple[Codec, ...] = getattr(annotation, "__metadata__", ())
    if len(metadata) != 1:
        raise TypeError(f"{annotation!r} is no data type of the wire")
    codec = metadata[0]
    if isinstance(codec, Many):
        element, *_ = get_args(annotation.__origin__)  # of tuple[T, ...] or T | None
        return codec.of(codec_of(element))
    return codec
