"""The words to subscribe to, each against blvm-node's own sources."""

import pytest

from sluice.blvm.events.types import EventType
from support.blvm import NEW, OLD, source_names


@pytest.mark.parametrize("version", [OLD, NEW])
def test_every_word_has_the_sources_index(version: str) -> None:
    names = source_names(version, "EventType")
    assert [(word.name, word.value) for word in EventType][: len(names)] == list(
        zip(names, range(len(names)), strict=True)
    )


def test_there_is_no_word_but_the_sources() -> None:
    assert len(EventType) == len(source_names(NEW, "EventType")) == 118
