"""All events, in the order of blvm-node's own sources."""

import pytest

from sluice.blvm.events.table import EVENT_PAYLOAD, EVENTS
from sluice.wire.codec import codec_of
from support.blvm import NEW, OLD, declared_enum, source_enum


@pytest.mark.parametrize("version", [OLD, NEW])
def test_one_table_serves_every_version(version: str) -> None:
    source = source_enum(version, "EventPayload")
    declared = declared_enum(codec_of(EVENT_PAYLOAD).variants)  # type: ignore[attr-defined]
    assert declared[: len(source)] == source
    assert len(EVENTS) == len(declared) == 118
