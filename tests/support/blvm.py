"""blvm's wire as its own sources declare it, and messages made from our declarations."""

import inspect
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cache
from typing import Any

from hypothesis import strategies as st

from sluice.blvm import modules, structures
from sluice.blvm.connection import Connection, Event, Identity
from sluice.blvm.editions import EDITIONS, Edition, edition_of
from sluice.blvm.envelopes import (
    Envelope,
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.events.table import EVENT_PAYLOAD
from sluice.blvm.events.types import EVENT_TYPE, EventType
from sluice.blvm.frame import FrameReader, frame
from sluice.blvm.modules import CALL, RESULT, LogLevel
from sluice.blvm.responses import HandshakeAck
from sluice.blvm.structures import Target
from sluice.blvm.variant import Choice, Variant, Words
from sluice.wire import bincode
from sluice.wire.bincode import Bool
from sluice.wire.codec import Codec, Hash, Many, Maybe, Number, Octets, Text, codec_of
from sluice.wire.layout import Record
from support.vectors import vector_json

VERSIONS: Mapping[str, Any] = vector_json("blvm_wire.json")["versions"]
OLD, NEW = VERSIONS
IDENTITY = Identity("blvm-stratum-v2", "blvm-stratum-v2", "0.1.0")
Rows = list[tuple[str, tuple[tuple[str, Any], ...]]]

#: Rust's spelling of a type -> ours, where the names differ. Aliases are resolved, maps and tuples are records here.
SPELLED: dict[str, Any] = {
    "bool": bincode.BOOL,
    "usize": bincode.U64,
    "Natural": bincode.U64,
    "Integer": bincode.I64,
    "String": bincode.STRING,
    "Hash": bincode.HASH,
    "ByteString": bincode.BYTES,
    "SharedByteString": bincode.BYTES,
    "Vec<u8>": bincode.BYTES,
    "Witness": structures.WITNESS,
    "U256": structures.TARGET,
    "EventType": EVENT_TYPE,
    "EventPayload": EVENT_PAYLOAD,
    "ModuleHealth": modules.MODULE_HEALTH,
    "ModuleState": modules.MODULE_STATE,
    "MetricValue": modules.METRIC_VALUE,
    "SubmitBlockResult": structures.SUBMIT_BLOCK_RESULT,
    "(i64,Vec<u8>)": structures.TransactionOutput,
    "(String,ModuleHealth)": modules.NamedHealth,
    "HashMap<String,String>": bincode.VEC[modules.Label],
    "HashMap<String,Vec<Metric>>": bincode.VEC[modules.NamedMetrics],
}
LISTS = {"Vec<": ">", "Box<[": "]>"}
#: The type checker takes the alias for a mere expression.
MAYBE: Any = bincode.OPTION
LIST: Any = bincode.VEC


def data_type(spelling: str) -> Any:
    """What blvm-node's sources call a type, as ours."""
    if spelling in SPELLED:
        return SPELLED[spelling]
    if spelling.startswith("Option<"):
        inner = data_type(spelling[len("Option<") : -1])
        return MAYBE[inner]
    for opening, closing in LISTS.items():
        if spelling.startswith(opening):
            inner = data_type(spelling[len(opening) : -len(closing)])
            return LIST[inner]
    for room in (structures, modules):
        if hasattr(room, spelling):
            return getattr(room, spelling)
    return getattr(bincode, spelling.upper())


def source_enum(version: str, name: str) -> Rows:
    """An enum of blvm-node's sources, its data types ours."""
    return [
        (variant, tuple((field, data_type(spelling)) for field, spelling in fields))
        for variant, fields in VERSIONS[version]["enums"][name]
    ]


def source_names(version: str, name: str) -> list[str]:
    return [variant for variant, _ in VERSIONS[version]["enums"][name]]


def source_struct(version: str, name: str) -> list[tuple[str, Any]]:
    return [(field, data_type(spelling)) for field, spelling in VERSIONS[version]["structs"][name]]


def declared_enum(variants: Mapping[int, type[Variant]]) -> Rows:
    """The same, from our declarations; the table has no hole."""
    assert sorted(variants) == list(range(len(variants)))
    return [(cls.wire_name, tuple(fields_of(cls))) for _, cls in sorted(variants.items())]


def fields_of(cls: type[Record]) -> list[tuple[str, Any]]:
    return list(inspect.get_annotations(cls).items())


def values(codec: Codec) -> st.SearchStrategy[Any]:
    """Everything a field of this type may hold."""
    match codec:
        case Hash():
            return st.binary(min_size=32, max_size=32)
        case Number(format="d"):
            return st.floats(allow_nan=False)
        case Number(format="i" | "q"):
            bits = 8 * codec.max_size - 1
            return st.integers(-(2**bits), 2**bits - 1)
        case Number():
            return st.integers(0, 2 ** (8 * codec.max_size) - 1)
        case Bool():
            return st.booleans()
        case Text():
            return st.text(max_size=20)
        case Octets():
            return st.binary(max_size=40)
        case Maybe():
            return st.none() | values(codec.element)
        case Many():
            return st.lists(values(codec.element), max_size=3).map(tuple)
    return _structured(codec)


@cache
def built(cls: type[Record]) -> st.SearchStrategy[Any]:
    """Any value of a declared class."""
    return values(cls.codec)


def _structured(codec: Any) -> st.SearchStrategy[Any]:
    match codec:
        case Words():
            return st.sampled_from(list(codec.words))
        case Choice():
            return st.sampled_from(list(codec.variants.values())).flatmap(built)
        case Target():
            whole = st.text("0123456789abcdef", min_size=64, max_size=64)
            return whole | st.integers(0, 2**128 - 1)
    return st.builds(codec.layout.build, *(values(field.codec) for field in codec.layout.fields))


def envelopes(edition: Edition) -> st.SearchStrategy[Envelope]:
    """Any message of this edition, whoever sends it."""
    number = st.integers(0, 2**64 - 1)
    text = st.text(max_size=20)
    words = st.none() | text
    return st.one_of(
        st.builds(
            RequestMessage, number, st.sampled_from(edition.message_types.names), values(edition.requests)
        ),
        st.builds(ResponseMessage, number, st.booleans(), st.none() | values(edition.responses), words),
        st.builds(LogMessage, st.sampled_from(list(LogLevel)), text, text, text, number),
        news(),
        st.builds(
            InvocationResultMessage, number, st.booleans(), st.none() | values(codec_of(RESULT)), words
        ),
    )


def news() -> st.SearchStrategy[EventMessage | InvocationMessage]:
    """What a node sends by itself."""
    number = st.integers(0, 2**64 - 1)
    return st.one_of(
        st.builds(EventMessage, st.sampled_from(list(EventType)), values(codec_of(EVENT_PAYLOAD))),
        st.builds(InvocationMessage, number, values(codec_of(CALL))),
    )


any_edition = st.sampled_from(EDITIONS)


class Exchange:
    """A module's connection that has been let in, and the node that it speaks to, without a wire between them."""

    def __init__(self, node_version: str = "0.1.13") -> None:
        self.edition = edition_of(node_version)
        self.module = Connection(IDENTITY)
        self.sent()
        ack = ResponseMessage(1, success=True, payload=HandshakeAck(node_version), error=None)
        self.first = self.hear(ack)

    def hear(self, *envelopes: Envelope) -> list[Event]:
        """What the module makes of these."""
        self.module.receive_data(b"".join(frame(self.edition.pack(each)) for each in envelopes))
        return self.module.events()

    def hear_body(self, *bodies: bytes) -> list[Event]:
        self.module.receive_data(b"".join(map(frame, bodies)))
        return self.module.events()

    def sent(self) -> list[Envelope]:
        """What the module has sent since."""
        return [self.edition.read(body) for body in bodies_in(self.module.data_to_send())]


def bodies_in(data: bytes) -> Iterable[bytes]:
    reader = FrameReader(data)
    while (body := reader.body()) is not None:
        yield body
    assert reader.whole


def word_names(words: type[IntEnum]) -> list[str]:
    return [word.name for word in words]
