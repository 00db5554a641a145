import re
from importlib.metadata import version

from sluice.version import VERSION


def test_the_version_is_one_that_packages_can_have() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|(a|b|rc)\d+)?", VERSION)


def test_the_installed_distribution_has_it() -> None:
    assert version("sluice-pool") == VERSION
