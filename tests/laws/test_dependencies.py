"""Each dependency is locked and has its line of reason; the lock holds for anyone's index."""

import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()


def named() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in chain(project["dependencies"], *project["optional-dependencies"].values()):
        yield re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def locked() -> dict[str, str]:
    """Package name -> the rest of its entry: version, marker, hashes."""
    return dict(re.findall(r"^([\w.-]+)==((?:.*\\\n)*.*)$", LOCK, re.MULTILINE))


@pytest.mark.parametrize("package", list(named()))
def test_a_dependency_is_locked_and_has_a_reason(package: str) -> None:
    assert package in locked()
    assert f"| `{package}` |" in (ROOT / "docs" / "dependencies.md").read_text()


@pytest.mark.parametrize("package", list(locked()))
def test_a_locked_package_has_hashes(package: str) -> None:
    assert "--hash=sha256:" in locked()[package]


def test_the_crates_of_blvm_node_have_hashes_and_no_addresses() -> None:
    lock = (ROOT / "scripts" / "blvm-node" / "crates.lock").read_text()
    ours, *crates = sorted(tomllib.loads(lock)["package"], key=lambda crate: "checksum" in crate)
    assert ours["name"] == "blvm-node-for-tests"
    assert all(len(crate["checksum"]) == 64 for crate in crates)
    assert "://" not in lock


def test_the_lock_has_no_addresses() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*-(-index-url|-extra-index-url|-find-links|i|f)\b", LOCK, re.MULTILINE)
