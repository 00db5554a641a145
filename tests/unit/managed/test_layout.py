"""The module's directory: what is written, and what is wrong with one that was changed."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from sluice.config.module_file import read_module_config
from sluice.managed.layout import CannotInstall, Layout, config_example, entry_script, faults, lay_out

ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "modules")
    assert lay_out(made)
    return made


def test_there_are_three_files_and_nothing_is_left_over(layout: Layout) -> None:
    names = {path.name: path.stat().st_mode & 0o777 for path in layout.directory.iterdir()}
    assert names == {"module.toml": 0o644, "blvm-stratum-v2": 0o755, "config.toml": 0o644}
    assert not any(path.is_symlink() for path in layout.directory.iterdir())
    assert list(faults(layout)) == []


def test_the_manifest_vouches_for_the_entry(layout: Layout) -> None:
    said = tomllib.loads(layout.manifest.read_text())
    assert said["binary"]["hash"] == sha256(layout.entry.read_bytes()).hexdigest()
    assert said["binary"]["size"] == layout.entry.stat().st_size


def test_a_configuration_that_is_there_stays(layout: Layout) -> None:
    layout.config.write_text("max_jobs = 3\n")
    assert not lay_out(layout, ADDRESS)
    assert layout.config.read_text() == "max_jobs = 3\n"


def test_the_example_says_nothing_but_the_address() -> None:
    assert tomllib.loads(config_example()) == {}
    assert tomllib.loads(config_example(ADDRESS)) == {"payout_address": ADDRESS}


def test_every_line_of_the_example_can_be_taken_out_of_its_comment(tmp_path: Path) -> None:
    lines = config_example(ADDRESS).replace("# ", "").splitlines()
    keys = "\n".join(line for line in lines if " = " in line)
    (tmp_path / "config.toml").write_text(keys)
    assert read_module_config(tmp_path, {}, {}).config.pool.tag == "My Pool"


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o755)
    return path


def test_the_entry_is_this_python_and_hands_on_what_the_node_says(tmp_path: Path) -> None:
    script = entry_script().decode()
    first, _, rest = script.partition("\n")
    entry = written(
        tmp_path / "entry", f"{first}\nimport os, sys\nprint(sys.executable, os.environ['A.B'])\n".encode()
    )
    said = subprocess.run([entry], capture_output=True, text=True, timeout=30, env={"A.B": "c"})
    assert said.stdout == f"{sys.executable} c\n"
    assert rest.endswith("from sluice.managed.entry import main\n\nsys.exit(main())\n")


def test_a_path_with_blanks_is_no_obstacle(tmp_path: Path) -> None:
    python = written(tmp_path / "a python", b'#!/bin/sh\necho "$0 $1"\n')
    entry = written(tmp_path / "entry", entry_script(str(python)))
    said = subprocess.run([entry], capture_output=True, text=True, timeout=30)
    assert said.stdout == f"{python} -I\n"


def test_a_path_that_no_first_line_can_hold_is_refused() -> None:
    with pytest.raises(CannotInstall, match="too long"):
        entry_script("/" + 300 * "x")


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda layout: layout.manifest.unlink(), "cannot be read"),
        (lambda layout: layout.manifest.write_text("name ="), "cannot be read"),
        (lambda layout: layout.entry.unlink(), "is not there"),
        (lambda layout: layout.entry.chmod(0o644), "cannot be executed"),
        (lambda layout: layout.entry.write_bytes(entry_script("/elsewhere/python")), "hash of another file"),
        (
            lambda layout: layout.manifest.write_text(layout.manifest.read_text().replace("stratum-v2", "x")),
            "has name =",
        ),
        (
            lambda layout: layout.manifest.write_text(
                layout.manifest.read_text().replace('"call_module"', '"x"')
            ),
            "does not ask for call_module",
        ),
    ],
)
def test_what_was_harmed_is_found(layout: Layout, harm: Callable[[Layout], object], fault: str) -> None:
    harm(layout)
    assert any(fault in found for found in faults(layout))


def test_an_entry_that_leads_out_is_found(layout: Layout, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    layout.entry.rename(outside)
    layout.entry.symlink_to(outside)
    assert [fault for fault in faults(layout) if "leads out" in fault]


def test_an_entry_of_another_installation_is_found_though_its_hash_is_right(layout: Layout) -> None:
    entry = layout.entry.read_bytes()
    other = entry.replace(b" -I", b"")
    layout.entry.write_bytes(other)
    text = layout.manifest.read_text()
    layout.manifest.write_text(text.replace(sha256(entry).hexdigest(), sha256(other).hexdigest()))
    assert [fault.partition(" is ")[2] for fault in faults(layout)] == [
        "not for this installation: `sluice blvm install` writes it anew"
    ]


def test_a_link_that_leads_out_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "blvm-stratum-v2").symlink_to(tmp_path / "outside")
    with pytest.raises(CannotInstall, match="leads out of"):
        lay_out(Layout(tmp_path / "modules"))
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotInstall, match="cannot be written: Not a directory"):
        lay_out(Layout(tmp_path / "file"))


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        lay_out(Layout(tmp_path))
    finally:
        os.umask(before)
    assert Layout(tmp_path).entry.stat().st_mode & 0o777 == 0o755
