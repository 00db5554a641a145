"""`sluice blvm install`, held to what a blvm-node's own sources check before they start a module.

Written from blvm-node's module/registry/discovery.rs, manifest.rs, validation and loader.rs, not from our layout.
"""

import hashlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.processes import SLUICE

#: module/security/permissions.rs
CAPABILITIES = frozenset(
    "read_blockchain read_chain_state read_utxo read_mempool read_network network_access subscribe_events "
    "submit_block queue_inbound_block publish_events call_module register_module_api discover_modules "
    "register_rpc_endpoint report_metrics read_metrics manage_timers read_lightning read_payment "
    "send_transactions read_filesystem write_filesystem manage_filesystem read_storage write_storage "
    "manage_storage".split()
)


def entry_of(modules_dir: Path, directory: Path, entry_point: str) -> Path | None:
    """discovery.rs: the first candidate that is a file with any x bit, and lies in modules_dir when resolved."""
    if ".." in entry_point:
        return None
    places = (directory, directory / "target/release", directory / "target/debug", modules_dir)
    for candidate in (place / entry_point for place in places):
        if candidate.is_file() and candidate.stat().st_mode & 0o111:
            resolved = candidate.resolve()
            return resolved if resolved.is_relative_to(modules_dir.resolve()) else None
    return None


def complaints(modules_dir: Path, name: str) -> Iterator[str]:
    """Everything for which a node would warn about the module or not load it."""
    directory = modules_dir / name
    manifest: dict[str, Any] = tomllib.loads((directory / "module.toml").read_text())
    for key in ("name", "version", "entry_point"):
        if not isinstance(manifest.get(key), str):
            yield f"{key} is required"
    if manifest["name"] != name:  # loadmodule looks for the directory by the name
        yield "the directory has another name"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", manifest["name"]):
        yield "the name is not valid"
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", manifest["version"]):
        yield "the version is not valid"
    if unknown := set(manifest["capabilities"]) - CAPABILITIES:
        yield f"unknown capabilities: {unknown}"
    if not all(isinstance(text, str) for text in manifest["config_schema"].values()):
        yield "the schema maps keys to texts"
    entry = entry_of(modules_dir, directory, manifest["entry_point"])
    if entry is None:
        yield "no executable entry point"
    elif hashlib.sha256(entry.read_bytes()).hexdigest() != manifest["binary"]["hash"]:
        yield "the hash does not match"
    config = directory / "config.toml"
    if config.exists() and any(
        isinstance(value, dict) for value in tomllib.loads(config.read_text()).values()
    ):
        yield "a nested configuration is handed down in a form of its own"


@pytest.fixture
def modules_dir(tmp_path: Path) -> Path:
    """As the command leaves it."""
    directory = tmp_path / "a node's modules"
    command = [*SLUICE, "blvm", "install", "--modules-dir", str(directory), "--address", "bc1q"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout) == (0, f"{directory}/blvm-stratum-v2\n")
    assert "module_startup_wait_millis" in said.stderr
    return directory


def test_a_node_has_nothing_to_complain_of(modules_dir: Path) -> None:
    assert list(complaints(modules_dir, "blvm-stratum-v2")) == []
    assert [path.name for path in modules_dir.iterdir()] == ["blvm-stratum-v2"]


def test_the_checks_find_what_they_are_for(modules_dir: Path, tmp_path: Path) -> None:
    entry = modules_dir / "blvm-stratum-v2" / "blvm-stratum-v2"
    entry.write_bytes(entry.read_bytes() + b"\n")
    assert list(complaints(modules_dir, "blvm-stratum-v2")) == ["the hash does not match"]
    entry.rename(tmp_path / "outside")
    entry.symlink_to(tmp_path / "outside")
    assert list(complaints(modules_dir, "blvm-stratum-v2")) == ["no executable entry point"]


def test_the_entry_starts_without_arguments_from_any_directory(modules_dir: Path, tmp_path: Path) -> None:
    entry = modules_dir / "blvm-stratum-v2" / "blvm-stratum-v2"
    (tmp_path / "sluice.py").write_text("raise SystemExit('not this one')")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    said = subprocess.run([entry], capture_output=True, text=True, timeout=60, cwd=tmp_path, env=environ)
    assert said.returncode == 2
    assert "started by a blvm-node" in said.stderr
