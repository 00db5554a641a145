"""The declaration of a message, and the register of all of them (design 3).

A message is a class that reads like the specification's table; `@message` puts its number, its sender and
its channel bit (spec 8) beside it and compiles its layout. One code has one owner, or the import fails.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType, ModuleType
from typing import ClassVar, TypeVar, dataclass_transform

import msgspec

from sluice.wire.layout import Layout, layout_of, wire_name
from sluice.wire.side import Side

EXTENSION_MASK = 0x7FFF  # bit 15 of extension_type is the channel_msg bit (spec 3.2.1)


@dataclass_transform(frozen_default=True)
class Message(msgspec.Struct, frozen=True, gc=False):
    """What all messages share; the fields are in the subclasses, in wire order.

    `gc=False`: a message holds numbers, bytes and tuples of them, so it can be in no cycle.
    """

    msg_type: ClassVar[int]
    extension_type: ClassVar[int]
    channel_msg: ClassVar[bool]
    sent_by: ClassVar[Side]
    wire_name: ClassVar[str]  # the specification's: "SubmitShares.Success"
    code: ClassVar[int]  # extension and type in one number, the key of REGISTRY
    layout: ClassVar[Layout]


M = TypeVar("M", bound=Message)

_registry: dict[int, type[Message]] = {}
REGISTRY = MappingProxyType(_registry)  # code -> class, for every message module imported


def code_of(extension_type: int, msg_type: int) -> int:
    """The key of a message: its extension without the channel bit (ignored on receipt), and its type."""
    return (extension_type & EXTENSION_MASK) << 8 | msg_type


def message(
    msg_type: int, *, sent_by: Side, channel_msg: bool = False, extension: int = 0
) -> Callable[[type[M]], type[M]]:
    """Declare a message. TypeError when its code has an owner or a field's type is none of the wire's."""

    def declare(cls: type[M]) -> type[M]:
        code = code_of(extension, msg_type)
        if code in _registry:
            raise TypeError(f"{cls.__name__} and {_registry[code].__name__} both claim {code:#06x}")
        cls.msg_type = msg_type
        cls.extension_type = extension
        cls.channel_msg = channel_msg
        cls.sent_by = sent_by
        cls.wire_name = wire_name(cls.__name__)
        cls.code = code
        cls.layout = layout_of(cls.wire_name, cls)
        _registry[code] = cls
        return cls

    return declare


def encode(message: Message) -> bytes:
    """The payload. LocalProtocolError, naming the field, when a value does not fit its type."""
    return message.layout.write(message)


def decode(cls: type[M], payload: bytes, at: int = 0) -> tuple[M, int]:
    """The message that begins at `at`, and the offset after its last field (TLVs may follow).

    RemoteProtocolError when the bytes are not such a message.
    """
    decoded: tuple[M, int] = cls.layout.read(payload, at)
    return decoded


def declared_in(module: ModuleType) -> Iterator[type[Message]]:
    """The messages of one chapter, in its order."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Message) and value.__module__ == module.__name__:
            yield value
