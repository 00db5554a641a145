"""The six kinds, row by row against blvm-node's own sources."""

import pytest

from sluice.blvm import envelopes
from sluice.blvm.envelopes import Kind
from support.blvm import NEW, OLD, VERSIONS, source_names

RENAMED = {"invocation_type": "call"}


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_kinds_and_their_fields(version: str) -> None:
    for kind, (name, fields) in zip(Kind, VERSIONS[version]["enums"]["ModuleMessage"], strict=True):
        assert (
            kind.name == "".join("_" + each if each.isupper() else each for each in name).strip("_").upper()
        )
        [(_, struct)] = fields
        source = [RENAMED.get(field, field) for field, _ in VERSIONS[version]["structs"][struct]]
        assert list(getattr(envelopes, struct).__struct_fields__) == source
    assert len(source_names(version, "ModuleMessage")) == len(Kind)
