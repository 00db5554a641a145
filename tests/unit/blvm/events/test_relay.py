"""The declarations of this file, row by row against blvm-node's own sources."""

from sluice.blvm.events import relay
from sluice.blvm.events.payload import EventPayload
from sluice.blvm.variant import declared_in
from support.blvm import NEW, fields_of, source_enum


def test_every_row_is_the_sources() -> None:
    source = source_enum(NEW, "EventPayload")
    declared = list(declared_in(relay, EventPayload))
    assert declared
    for cls in declared:
        assert (cls.wire_name, tuple(fields_of(cls))) == source[cls.index]
