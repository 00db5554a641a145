"""The declaration of a message of the dialect, and the register of them.

A message is a class that reads like a row of docs/tlv.md; `@message` puts its tag and its sender beside it. Its
payload is bincode: the fields one after the other, and whatever follows them is nobody's.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import ClassVar, TypeVar, dataclass_transform

import msgspec

from sluice.wire.layout import Layout, layout_of, wire_name
from sluice.wire.side import Side


@dataclass_transform(frozen_default=True)
class Message(msgspec.Struct, frozen=True, gc=False):
    """What all messages share; the fields are in the subclasses, in wire order."""

    tag: ClassVar[int]
    sent_by: ClassVar[Side]
    wire_name: ClassVar[str]
    layout: ClassVar[Layout]


M = TypeVar("M", bound=Message)

_registry: dict[int, type[Message]] = {}
REGISTRY = MappingProxyType(_registry)
"""Class by tag, for all messages there are."""


def message(tag: int, *, sent_by: Side) -> Callable[[type[M]], type[M]]:
    """Declare a message. TypeError when its tag has an owner or a field is of no type of the wire."""

    def declare(cls: type[M]) -> type[M]:
        if tag in _registry:
            raise TypeError(f"{cls.__name__} and {_registry[tag].__name__} both claim {tag:#06x}")
        cls.tag = tag
        cls.sent_by = sent_by
        cls.wire_name = wire_name(cls.__name__)
        cls.layout = layout_of(cls.wire_name, cls)
        _registry[tag] = cls
        return cls

    return declare
