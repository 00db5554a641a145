"""Every request, row by row against blvm-node's own sources."""

import pytest

from sluice.blvm.editions import edition_of
from sluice.blvm.requests import Request
from support.blvm import NEW, OLD, declared_enum, source_enum


@pytest.mark.parametrize("version", [OLD, NEW])
def test_every_row_is_the_sources(version: str) -> None:
    declared = edition_of(version).requests.variants
    assert declared_enum(declared) == source_enum(version, "RequestPayload")
    assert all(issubclass(cls, Request) for cls in declared.values())
