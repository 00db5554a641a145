"""A phrasebook is complete: whatever the pool has to say, each wire has been asked how it says it."""

from dataclasses import MISSING, fields

import pytest

from sluice.pool.phrasebook import Phrasebook
from sluice.pool.sv2_words import SV2


def test_only_the_exception_has_a_default() -> None:
    assert [field.name for field in fields(Phrasebook) if field.default is not MISSING] == ["moves_targets"]


@pytest.mark.parametrize("name", [field.name for field in fields(Phrasebook)])
def test_a_phrasebook_never_changes(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(SV2, name, ())
