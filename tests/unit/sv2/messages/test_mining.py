"""The declarations of this chapter, row by row against the specification's tables."""

from sluice.sv2.messages import mining
from support.messages import declared_rows, spec_rows


def test_every_row_is_the_specifications() -> None:
    assert declared_rows(mining) == spec_rows("mining")
