"""What modules are made of, row by row against blvm-node's own sources."""

from typing import Any

import pytest

from sluice.blvm import modules
from sluice.wire.codec import codec_of
from sluice.wire.errors import LocalProtocolError
from support.blvm import (
    NEW,
    OLD,
    VERSIONS,
    data_type,
    declared_enum,
    fields_of,
    source_enum,
    source_struct,
    word_names,
)

EACH_VERSION = pytest.mark.parametrize("version", [OLD, NEW])


@EACH_VERSION
@pytest.mark.parametrize("name", ["CliSpec", "CliSubcommandSpec", "CliArgSpec", "Metric", "ModuleInfo"])
def test_every_row_is_the_sources(name: str, version: str) -> None:
    assert fields_of(getattr(modules, name)) == source_struct(version, name)


@EACH_VERSION
@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (modules.MODULE_STATE, "ModuleState"),
        (modules.MODULE_HEALTH, "ModuleHealth"),
        (modules.METRIC_VALUE, "MetricValue"),
    ],
)
def test_small_enums_have_the_same_shape(annotation: Any, name: str, version: str) -> None:
    ours = declared_enum(annotation.__metadata__[0].variants)
    source = source_enum(version, name)
    assert [[kind for _, kind in fields] for _, fields in ours] == [
        [kind for _, kind in fields] for _, fields in source
    ]


@EACH_VERSION
def test_calls_are_the_sources_up_to_their_json(version: str) -> None:
    source = VERSIONS[version]["enums"]["InvocationType"]
    for index, (_, fields) in enumerate(source):
        cls = codec_of(modules.CALL).variants[index]  # type: ignore[attr-defined]
        legible = [(field, data_type(spelling)) for field, spelling in fields if spelling != "Value"]
        assert fields_of(cls) == legible


def test_results_leave_out_what_no_node_can_read() -> None:
    variants = codec_of(modules.RESULT).variants  # type: ignore[attr-defined]
    assert sorted(variants) == [0, 2]
    assert [name for name, _ in source_enum(NEW, "ModuleState")][2] == "Running"


@EACH_VERSION
def test_levels(version: str) -> None:
    assert [name.upper() for name, _ in source_enum(version, "LogLevel")] == word_names(modules.LogLevel)


def test_a_text_that_is_no_utf8_is_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match=r"CliResult\.stdout"):
        modules.CliResult.codec.write(modules.CliResult("\udcff", "", 0))
