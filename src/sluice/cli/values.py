"""What several commands read from the command line in the same way."""

import os
import re
from math import isfinite, nan
from pathlib import Path
from typing import Annotated

import typer

from sluice.config import Config
from sluice.config.values import Endpoint, parse_endpoint
from sluice.legible import PREFIXES

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_PART = re.compile(r"(\d{1,9})([smhd])")
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)

CONFIG_FILE = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="SLUICE_CONFIG",
        metavar="FILE",
        help="Configuration; `sluice config` prints one.",
    ),
]


DATA_DIR = Annotated[
    Path | None,
    # Not `readable`, as typer has it: that somebody else's is not for us is said by who finds it so.
    typer.Option(
        "--data-dir", metavar="PATH", readable=False, help="The data directory, if no file names it."
    ),
]
AS_JSON = Annotated[bool, typer.Option("--json", help="For programs.")]


def settings_of(file: Path | None, data_dir: Path | None) -> Config:
    """What a command needs that looks at what a pool has, or had; a pool itself is told more."""
    from sluice.config import read_config

    flags = {} if data_dir is None else {"data.dir": str(data_dir)}
    return read_config(file, os.environ, flags, checks=())


def a_difficulty(text: str) -> float | None:
    """`auto` (None), or a number, also in thousands and more: 0.001, 65536, 1.5M; a usage error otherwise."""
    if text == "auto":
        return None
    number, power = (text[:-1], PREFIXES.index(text[-1])) if text[-1:] in PREFIXES[1:] else (text, 0)
    try:
        difficulty = float(number) * 1000.0**power
    except ValueError:
        difficulty = nan
    if not isfinite(difficulty):
        raise typer.BadParameter(f"must be a number, like 0.001 or 1.5M, or auto, not {text!r}")
    return difficulty


def a_duration(text: str) -> float:
    """Seconds of `90s`, `10m`, `2h`, `7d`, `2h30m`; a usage error otherwise."""
    if not _DURATION.fullmatch(text):
        raise typer.BadParameter(f"must be a time, like 90s, 10m, 2h30m or 7d, not {text!r}")
    return float(sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))


def an_endpoint(text: str, flag: str) -> Endpoint:
    """`host:port`; a usage error otherwise."""
    try:
        return parse_endpoint(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}, not {text!r}", param_hint=flag) from error
