"""Rust's enums as bincode writes them: which variant, in four bytes, then its fields.

A variant is a class that reads like its declaration in blvm-node, and its index stands beside it. Where a newer
node has put one between the old ones, the later ones have moved up; `since` says from which version on.
Rule: nobody writes an index twice, and none by hand into bytes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from struct import Struct
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from sluice.wire.codec import cut
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.layout import Record, record

INDEX = Struct("<I")
Version = tuple[int, ...]
FIRST: Version = (0, 0, 0)


class Variant(Record, frozen=True, gc=False):
    """One variant of an enum. `index` is its place, in the version that brought it."""

    index: ClassVar[int]
    since: ClassVar[Version]
    wire_name: ClassVar[str]


V = TypeVar("V", bound=Variant)


def variant(index: int, *, since: Version = FIRST, name: str = "") -> Callable[[type[V]], type[V]]:
    """Declare a variant: one of the oldest, or one that a later version put in at `index`.

    `name` is Rust's, where it cannot be the class's: of two shapes of one variant, the older.
    """

    def declare(cls: type[V]) -> type[V]:
        cls.index = index
        cls.since = since
        cls.wire_name = name or cls.__name__
        return record(cls)

    return declare


def declared_in(module: ModuleType, enum: type[V]) -> Iterator[type[V]]:
    """The variants of one enum in one file, in its order."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, enum) and "index" in vars(value):
            yield value


def placed(declared: Sequence[type[V]], version: Version) -> Mapping[int, type[V]]:
    """Which variant each index stands for in one version of the node.

    One of the same name replaces the older one: its fields have changed. Any other new one moves those behind
    it up. TypeError when an index has two owners.
    """
    table: dict[int, type[V]] = {}
    for cls in sorted(declared, key=lambda cls: cls.since):
        if cls.since > version:
            break
        there = table.get(cls.index)
        if there is not None and there.wire_name != cls.wire_name:
            if there.since == cls.since:
                raise TypeError(f"{cls.__name__} and {there.__name__} both claim {cls.index}")
            table = {index + (index >= cls.index): each for index, each in table.items()}
        table[cls.index] = cls
    return table


class Choice:
    """One enum as a data type. RemoteProtocolError for an index that is not declared: the node is newer than we."""

    __slots__ = ("_indices", "max_size", "name", "variants")

    def __init__(self, name: str, variants: Mapping[int, type[Variant]]) -> None:
        self.name = name
        self.variants = variants
        self.max_size = INDEX.size + max(cls.codec.max_size for cls in variants.values())
        self._indices = {cls: index for index, cls in variants.items()}

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        (index,) = INDEX.unpack(cut(data, at, INDEX.size))
        cls = self.variants.get(index)
        if cls is None:
            raise RemoteProtocolError(f"{self.name} has no variant {index} that we know")
        return cls.codec.read(data, at + INDEX.size)

    def write(self, value: Any) -> bytes:
        index = self._indices.get(type(value))
        if index is None:
            raise ValueError(f"{type(value).__name__} is no {self.name} of this node's")
        body: bytes = value.codec.write(value)
        return INDEX.pack(index) + body


def choice(name: str, *variants: type[Variant]) -> Choice:
    """An enum that has not changed so far."""
    return Choice(name, placed(variants, FIRST))


class Words:
    """An enum without fields: each word is its index."""

    __slots__ = ("words",)
    max_size = INDEX.size

    def __init__(self, words: type[IntEnum]) -> None:
        self.words = words

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        (index,) = INDEX.unpack(cut(data, at, INDEX.size))
        try:
            return self.words(index), at + INDEX.size
        except ValueError:
            raise RemoteProtocolError(f"{self.words.__name__} has no variant {index} that we know") from None

    def write(self, value: Any) -> bytes:
        return INDEX.pack(self.words(value))
