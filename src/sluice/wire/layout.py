"""How the fields of one message lie in its payload, compiled once from its declaration.

Neighbouring fields of fixed size share one `struct.Struct`: a message of such fields alone is read with one
unpack and one call. Nothing is packed by hand anywhere, so nothing can disagree.
"""

from collections.abc import Callable, Iterator, Sequence
from inspect import get_annotations
from itertools import groupby
from operator import attrgetter
from struct import Struct
from struct import error as StructError  # noqa: N812 - an exception, named like one
from typing import Any, ClassVar, NamedTuple, TypeVar, dataclass_transform

import msgspec

from sluice.wire.codec import Codec, Hash, Number, codec_of
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError

M = TypeVar("M")


class Field(NamedTuple):
    """One row of the specification's table."""

    name: str
    codec: Codec


class Layout:
    """`read(payload, at)` gives (message, next offset); `write(message)` its payload."""

    __slots__ = ("build", "fields", "max_size", "name", "read", "write")

    def __init__(self, name: str, fields: Sequence[Field], build: Callable[..., Any]) -> None:
        runs = [
            list(run)
            for fused, group in groupby(fields, _is_number)
            for run in ([group] if fused else zip(group))
        ]
        self.name = name
        self.build = build
        self.fields = tuple(fields)
        self.max_size = sum(field.codec.max_size for field in fields)
        self.read = _reader(name, runs, build)
        self.write = _writer(self, runs)


def layout_of(name: str, cls: type[msgspec.Struct]) -> Layout:
    """The layout of a class that is declared field by field. TypeError when one is of no data type of the wire.

    The codecs are in the annotations, which therefore must not become strings.
    """
    annotations = get_annotations(cls)
    return Layout(name, [Field(each, codec_of(annotations[each])) for each in cls.__struct_fields__], cls)


@dataclass_transform(frozen_default=True)
class Record(msgspec.Struct, frozen=True, gc=False):
    """A value of several fields that stands in a message: declare it, then `@record` it."""

    codec: ClassVar[Codec]


R = TypeVar("R", bound=Record)


class _Fields:
    """A record as one data type."""

    __slots__ = ("layout",)

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @property
    def max_size(self) -> int:
        return self.layout.max_size

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        return self.layout.read(data, at)

    def write(self, value: Any) -> bytes:
        return self.layout.write(value)


def record(cls: type[R]) -> type[R]:
    """Declare a record: its fields follow each other, and nothing is around them."""
    cls.codec = _Fields(layout_of(cls.__name__, cls))
    return cls


def wire_name(class_name: str) -> str:
    """How Stratum calls a message: `SubmitSharesError` is SubmitShares.Error."""
    for answer in ("Success", "Error"):
        if class_name.endswith(answer):
            return f"{class_name.removesuffix(answer)}.{answer}"
    return class_name


def _is_number(field: Field) -> bool:
    return isinstance(field.codec, Number)


def _fused(run: Sequence[Field]) -> Struct:
    return Struct("<" + "".join(field.codec.format for field in run if isinstance(field.codec, Number)))


def _reader(
    name: str, runs: Sequence[Sequence[Field]], build: Callable[..., M]
) -> Callable[[bytes, int], tuple[M, int]]:
    if len(runs) == 1 and _is_number(runs[0][0]):
        whole = _fused(runs[0])
        unpack_from, size = whole.unpack_from, whole.size

        def read_fixed(payload: bytes, at: int) -> tuple[M, int]:
            try:
                return build(*unpack_from(payload, at)), at + size
            except StructError:
                raise RemoteProtocolError(f"{name} of {len(payload) - at} bytes instead of {size}") from None

        return read_fixed

    steps = [_read_run(run) if _is_number(run[0]) else _read_one(run[0]) for run in runs]

    def read(payload: bytes, at: int) -> tuple[M, int]:
        values: list[Any] = []
        try:
            for step in steps:
                at = step(payload, at, values)
        except StructError:
            raise RemoteProtocolError(f"{name} ends early, after {len(payload)} bytes") from None
        except RemoteProtocolError as error:
            raise RemoteProtocolError(f"{name}: {error}") from None
        return build(*values), at

    return read


def _read_run(run: Sequence[Field]) -> Callable[[bytes, int, list[Any]], int]:
    fused = _fused(run)
    unpack_from, size = fused.unpack_from, fused.size

    def step(payload: bytes, at: int, values: list[Any]) -> int:
        values += unpack_from(payload, at)
        return at + size

    return step


def _read_one(field: Field) -> Callable[[bytes, int, list[Any]], int]:
    read = field.codec.read

    def step(payload: bytes, at: int, values: list[Any]) -> int:
        value, at = read(payload, at)
        values.append(value)
        return at

    return step


def _writer(layout: Layout, runs: Sequence[Sequence[Field]]) -> Callable[[Any], bytes]:
    steps = [_write_run(run) if _is_number(run[0]) else _write_one(run[0]) for run in runs]
    only = steps[0] if len(steps) == 1 else None

    def write(message: Any) -> bytes:
        try:
            return only(message) if only else b"".join([step(message) for step in steps])
        except (StructError, ValueError, TypeError, OverflowError):
            raise LocalProtocolError("; ".join(_misfits(layout, message))) from None

    return write


def _write_run(run: Sequence[Field]) -> Callable[[Any], bytes]:
    pack = _fused(run).pack
    names = [field.name for field in run]
    if any(isinstance(field.codec, Hash) for field in run):
        hashes = [(field.name, field.codec.write) for field in run if isinstance(field.codec, Hash)]

        def write_hashes(message: Any) -> bytes:
            for name, check in hashes:
                check(getattr(message, name))
            return pack(*[getattr(message, name) for name in names])

        return write_hashes
    if len(names) == 1:
        return lambda message: pack(getattr(message, names[0]))
    values = attrgetter(*names)
    return lambda message: pack(*values(message))


def _write_one(field: Field) -> Callable[[Any], bytes]:
    name, write = field
    return lambda message: write.write(getattr(message, name))


def _misfits(layout: Layout, message: Any) -> Iterator[str]:
    """Which fields it were: asked only once something went wrong, so that the good case costs nothing."""
    for name, codec in layout.fields:
        try:
            codec.write(getattr(message, name))
        except (StructError, ValueError, TypeError, OverflowError) as error:
            yield f"{layout.name}.{name} cannot be sent: {error}"
