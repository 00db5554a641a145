"""A node's version as a number."""

import pytest

from sluice.blvm.variant import FIRST
from sluice.blvm.versions import CHANGES, FLOATS, version_of


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.1.83", (0, 1, 83)),
        ("0.1.9", (0, 1, 9)),
        ("1", (1, 0, 0)),
        ("0.1.83-rc1", (0, 1, 83)),
        ("0.2.x", (0, 2, 0)),
        ("", FIRST),
        ("unknown", FIRST),
        ("²", FIRST),
    ],
)
def test_a_version_is_read_as_far_as_it_is_one(text: str, version: tuple[int, ...]) -> None:
    assert version_of(text) == version


def test_versions_compare_as_numbers() -> None:
    assert version_of("0.1.9") < version_of("0.1.56") < FLOATS <= version_of("0.1.74") < version_of("0.2.0")
    assert list(CHANGES) == sorted(CHANGES)
