"""The directory that a blvm-node loads the module from: its files, written, and checked by the node's own rules.

    MODULES_DIR/blvm-stratum-v2/module.toml       what the node reads first
    MODULES_DIR/blvm-stratum-v2/blvm-stratum-v2   what it starts: a script that finds this installation's Python
    MODULES_DIR/blvm-stratum-v2/config.toml       what it hands down; written once, and the operator's from then on

Rule: regular files only, as a link that leads out of MODULES_DIR is refused; each is whole or not there.
"""

import os
import shlex
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sluice.bitcoin.hashes import sha256
from sluice.config.module_keys import MODULE_KEYS
from sluice.config.option import written
from sluice.exit_codes import ExitCode, UserError
from sluice.module.manifest import CAPABILITIES, ENTRY_POINT, MANIFEST, MODULE_NAME, manifest
from sluice.version import VERSION

CONFIG = "config.toml"
#: Of the kernel: what is beyond is cut off.
MAX_FIRST_LINE = 255


class CannotInstall(UserError):
    """The module cannot be laid out there; the text names the way out."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the module is, for a node whose modules are in `modules_dir`."""

    modules_dir: Path

    @property
    def directory(self) -> Path:
        return self.modules_dir / MODULE_NAME

    @property
    def entry(self) -> Path:
        return self.directory / ENTRY_POINT

    @property
    def manifest(self) -> Path:
        return self.directory / MANIFEST

    @property
    def config(self) -> Path:
        return self.directory / CONFIG


def entry_script(python: str = sys.executable) -> bytes:
    """What the node starts: Python at once and no shell before it, which drops variables with a dot in their names.

    -I keeps the node's directory and environment out of where Python looks for us. Raises CannotInstall.
    """
    plain = not any(map(str.isspace, python))
    first = f"#!{python} -I" if plain else f"#!/usr/bin/env -S {shlex.quote(python)} -I"
    if len(first.encode()) > MAX_FIRST_LINE:
        raise CannotInstall(
            f"the path of Python ({python}) is too long for a script's first line: install Sluice into a shorter one"
        )
    return (
        f"{first}\n"
        '"""Made by `sluice blvm install`; module.toml holds its hash, so make it anew rather than change it."""\n\n'
        "import sys\n\n"
        "from sluice.managed.entry import main\n\n"
        "sys.exit(main())\n"
    ).encode()


def config_example(address: str = "") -> str:
    """Every key, commented out but for the address, if it is known."""
    lines = [
        "# What the node hands down to the module; DATA_DIR/config.toml has the same keys, and says less."
    ]
    for key in MODULE_KEYS:
        if key.option == "pool.address" and address:
            value, mark = written(address), ""
        else:
            value, mark = key.example or written(key.default), "# "
        lines += ["", f"# {key.help}", f"{mark}{key.key} = {value}"]
    return "\n".join(lines) + "\n"


def lay_out(layout: Layout, address: str = "") -> bool:
    """Write the files; whether config.toml was written, or was there and stays. Raises CannotInstall."""
    try:
        layout.directory.mkdir(parents=True, exist_ok=True)
        if not _inside(layout.directory, layout.modules_dir):
            raise CannotInstall(
                f"{layout.directory} is a link that leads out of {layout.modules_dir}, which a node does not follow: "
                "remove it"
            )
        entry = entry_script()
        schema = {key.key: key.help for key in MODULE_KEYS}
        _write(layout.entry, entry, 0o755)
        _write(layout.manifest, manifest(VERSION, entry, schema).encode(), 0o644)
        fresh = not layout.config.exists()
        if fresh:
            _write(layout.config, config_example(address).encode(), 0o644)
    except OSError as error:
        raise CannotInstall(f"{layout.directory} cannot be written: {error.strerror or error}") from error
    return fresh


def faults(layout: Layout) -> Iterator[str]:
    """Why a node would not load the module, a sentence each: none if it would."""
    try:
        said = tomllib.loads(layout.manifest.read_text())
    except (OSError, ValueError) as error:
        yield f"{layout.manifest} cannot be read: {error}; `sluice blvm install` writes it"
        return
    for key, wanted in (("name", MODULE_NAME), ("entry_point", ENTRY_POINT)):
        if said.get(key) != wanted:
            yield f"{layout.manifest} has {key} = {said.get(key)!r}, not {wanted!r}"
    if missing := set(CAPABILITIES) - set(said.get("capabilities", ())):
        yield f"{layout.manifest} does not ask for {', '.join(sorted(missing))}"
    if not layout.entry.is_file():
        yield f"{layout.entry} is not there"
        return
    if not _inside(layout.entry, layout.modules_dir):
        yield f"{layout.entry} leads out of {layout.modules_dir}"
    if not layout.entry.stat().st_mode & 0o111:
        yield f"{layout.entry} cannot be executed: `chmod +x` it"
    entry = layout.entry.read_bytes()
    if said.get("binary", {}).get("hash") != sha256(entry).hex():
        yield f"{layout.manifest} has the hash of another file than {layout.entry}"
    if entry != entry_script():
        yield f"{layout.entry} is not for this installation: `sluice blvm install` writes it anew"


def _inside(path: Path, directory: Path) -> bool:
    return path.resolve().is_relative_to(directory.resolve())


def _write(path: Path, content: bytes, mode: int) -> None:
    """Beside it first, so that a node which looks meanwhile sees the old file or the new one."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), mode)  # whatever the umask is
    unfinished.replace(path)
