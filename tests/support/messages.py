"""Messages made from their declarations, and the specification's tables they are held to.

No message needs a strategy of its own: what the codec takes is what is generated.
"""

import inspect
from collections.abc import Iterable
from types import ModuleType
from typing import Any, NamedTuple

from hypothesis import strategies as st

from sluice.sv2 import types
from sluice.sv2.message import REGISTRY, Message, declared_in
from sluice.sv2.messages import common, extensions, jobs, mining, templates
from sluice.wire.codec import Codec, Hash, Many, Maybe, Number, Octets, ShortInteger, Text, Truth
from support.vectors import vector_cases, vector_json

CHAPTERS: dict[str, ModuleType] = {
    "common": common,
    "mining": mining,
    "job_declaration": jobs,
    "template_distribution": templates,
    "extensions_negotiation": extensions,
}
ALL_MESSAGES: tuple[type[Message], ...] = tuple(REGISTRY.values())

_SHORT = 80  # bytes and elements: long ones have tests of their own


def values(codec: Codec) -> st.SearchStrategy[Any]:
    """Everything a field of this type may hold."""
    match codec:
        case Hash():
            return st.binary(min_size=32, max_size=32)
        case Number(format="f"):
            return st.floats(width=32)
        case Number() | ShortInteger():
            return st.integers(0, 2 ** (8 * codec.max_size) - 1)
        case Truth():
            return st.booleans()
        case Text():
            raw = st.binary(max_size=min(codec.limit, _SHORT)) | st.text(max_size=20).map(str.encode)
            return raw.map(lambda some: some.decode("utf-8", "surrogateescape"))
        case Octets():
            return st.binary(max_size=min(codec.limit, _SHORT))
        case Maybe():
            return st.none() | values(codec.element)
        case Many():
            return st.lists(values(codec.element), max_size=8).map(tuple)
    raise AssertionError(f"no values for {codec!r}")


def messages(*classes: type[Message]) -> st.SearchStrategy[Message]:
    """Any message of these classes."""
    return st.one_of([st.builds(cls, *(values(codec) for _, codec in cls.layout.fields)) for cls in classes])


def example(cls: type[Message]) -> Message:
    """One message of this class, the same each time."""
    return cls(*(_smallest(codec) for _, codec in cls.layout.fields))


def _smallest(codec: Codec) -> Any:
    value, end = codec.read(bytes(codec.max_size if isinstance(codec, Number) else 8), 0)
    assert end > 0
    return value


class Row(NamedTuple):
    """One message as the specification's tables have it."""

    name: str
    extension_type: int
    msg_type: int
    channel_msg: bool
    sent_by: str
    fields: tuple[tuple[str, Any], ...]


def spec_rows(protocol: str) -> list[Row]:
    """The specification's table of a chapter, its data types looked up by their names."""
    return [
        Row(
            case["name"],
            case["extension_type"],
            case["msg_type"],
            case["channel_msg"],
            case["sent_by"],
            tuple((name, data_type(spelling)) for name, spelling in case["fields"]),
        )
        for case in vector_json("sv2_messages.json")["messages"]
        if case["protocol"] == protocol
    ]


def declared_rows(chapter: ModuleType) -> list[Row]:
    """The same table, from our declarations."""
    return [row_of(cls) for cls in declared_in(chapter)]


def row_of(cls: type[Message]) -> Row:
    return Row(
        cls.wire_name,
        cls.extension_type,
        cls.msg_type,
        cls.channel_msg,
        cls.sent_by.value,
        tuple(inspect.get_annotations(cls).items()),
    )


def data_type(spelling: str) -> Any:
    """`SEQ0_255[U256]`, as the specification spells it, to our annotation."""
    outer, _, inner = spelling.removesuffix("]").partition("[")
    annotation = getattr(types, outer)
    return annotation[data_type(inner)] if inner else annotation


class Golden(NamedTuple):
    """A frame of SRI's own encoder, and the message it is of."""

    name: str
    message: Message
    frame: bytes


def golden_frames() -> Iterable[Golden]:
    """SRI's frames; where its field names differ from the specification's, order alone counts."""
    for case in vector_cases("sri_frames.json", "message"):
        cls = REGISTRY[case["expected"]["extension_type"] << 8 | case["expected"]["msg_type"]]
        given = {_SRI_NAMES.get(name, name): value for name, value in case["inputs"]["fields"].items()}
        fields = [_from_json(codec, given.pop(name)) for name, codec in cls.layout.fields]
        assert not given, f"{case['name']}: fields we do not have: {given}"
        yield Golden(case["name"], cls(*fields), bytes.fromhex(case["expected"]["frame"]))


_SRI_NAMES = {
    "token": "mining_job_token",
    "coinbase_tx_input_n_sequence": "coinbase_tx_input_nSequence",
    "n_bits": "nBits",
}


def _from_json(codec: Codec, value: Any) -> Any:
    if isinstance(codec, Maybe):
        return None if value is None else _from_json(codec.element, value)
    if isinstance(codec, Many):
        return tuple(_from_json(codec.element, each) for each in value)
    if isinstance(codec, Hash) or (isinstance(codec, Octets) and not isinstance(codec, Text)):
        return bytes.fromhex(value)
    return value
