"""Every answer, row by row against blvm-node's own sources."""

from sluice.blvm import structures
from sluice.blvm.editions import edition_of
from sluice.blvm.responses import Response
from sluice.blvm.structures import ChainInfo, ChainInfoOfOld, PaymentState, PaymentStateOfOld
from support.blvm import MAYBE, NEW, OLD, Rows, declared_enum, source_enum


def of_old(rows: Rows) -> Rows:
    """The names of structures as they were; their fields are compared in test_structures."""
    swapped = {ChainInfo: ChainInfoOfOld, MAYBE[PaymentState]: MAYBE[PaymentStateOfOld]}
    return [
        (name, tuple((field, swapped.get(kind, kind)) for field, kind in fields)) for name, fields in rows
    ]


def test_every_row_is_the_newest_sources() -> None:
    assert declared_enum(edition_of(NEW).responses.variants) == source_enum(NEW, "ResponsePayload")


def test_every_row_is_the_old_sources() -> None:
    declared = edition_of(OLD).responses.variants
    assert declared_enum(declared) == of_old(source_enum(OLD, "ResponsePayload"))
    assert all(issubclass(cls, Response) for cls in declared.values())


def test_in_between_the_indices_had_moved_and_the_float_had_not_come() -> None:
    names = [name for name, _ in declared_enum(edition_of("0.1.60").responses.variants)]
    assert names == [name for name, _ in source_enum(NEW, "ResponsePayload")][:55]
    chain_info = edition_of("0.1.73").responses.variants[14]
    assert chain_info.codec.max_size == structures.ChainInfoOfOld.codec.max_size
    assert edition_of("0.1.74").responses.variants[14].codec.max_size == ChainInfo.codec.max_size
