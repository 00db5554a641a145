"""From file, environment and flags to one Config.

Rule: a flag outweighs the environment, which outweighs the file, which outweighs the default; all mistakes of
all sources are told at once, or there is a Config that can be trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sluice.config.checks import CHECKS, Check
from sluice.config.node_table import Node
from sluice.config.nodes import count_tables, find_strays, with_names
from sluice.config.option import numbered
from sluice.config.sources import (
    Found,
    Mistake,
    Place,
    from_environment,
    from_file,
    from_flags,
    from_platform,
)
from sluice.config.table import OPTIONS, SECTIONS, SEVERAL, Config
from sluice.exit_codes import ExitCode, UserError

MAX_FILE_BYTES = 65_536
"""Ten times the commented default file; more is not a configuration (and costs time to say so)."""


class ConfigError(UserError):
    """The configuration cannot be used; the text has a line for each mistake."""

    exit_code = ExitCode.USAGE

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """`mistakes` has one or more."""
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def read_config(
    file: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, str] | None = None,
    checks: Sequence[Check] = CHECKS,
) -> Config:
    """The configuration to run with. `flags` are texts by option name. Raises ConfigError."""
    found = from_platform(environ)
    if file is not None:
        found.lay_over(from_file(text_of(file), str(file)))
    found.lay_over(from_environment(environ))
    found.lay_over(from_flags(flags or {}))
    return conclude(found, file, checks)


def conclude(found: Found, file: Path | None, checks: Sequence[Check] = CHECKS) -> Config:
    """The configuration that sources together make; `file` is named first. Raises ConfigError."""
    count_tables(found)
    config = replace(_config(found), file=file)
    find_strays(config, found)
    _check(config, found, checks, Place(str(file or "configuration")))
    if found.mistakes:
        found.mistakes.sort(key=lambda mistake: (mistake.place.source != str(file), mistake.place.line))
        raise ConfigError(found.mistakes)
    return config


def text_of(file: Path) -> str:
    """What stands in a configuration file. Raises ConfigError."""
    place = Place(str(file))
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        way_out = "; `sluice config` prints one to begin with" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError([Mistake(place, f"cannot be read: {error.strerror}{way_out}")]) from error
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError([Mistake(place, f"is longer than {MAX_FILE_BYTES} bytes: not a configuration")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Mistake(Place(str(file), line), "is not UTF-8 text")]) from error


def _config(found: Found) -> Config:
    """What was found, defaults elsewhere."""
    once = {name: cls(**_values(found, name)) for name, cls in SECTIONS.items() if name != SEVERAL}
    nodes = [Node(**_values(found, SEVERAL, number)) for number in range(max(found.numbers, default=0) + 1)]
    return Config(**once, nodes=with_names(nodes))


def _values(found: Found, section: str, number: int = 0) -> dict[str, Any]:
    values = {}
    for option in OPTIONS.values():
        if option.section == section:
            setting = found.settings.get(numbered(option.name, number))
            # A default goes the same way as a given value, so that its ~ is resolved too.
            values[option.key] = setting.value if setting else option.decode(option.plain_default)
    return values


def _check(config: Config, found: Found, checks: Sequence[Check], elsewhere: Place) -> None:
    for check in checks:
        for number in range(len(config.nodes)) if check.per_node else (0,):
            names = [numbered(name, number) for name in check.options]
            if found.spoiled.isdisjoint(names) and (reason := check.find(config, number)):
                given = (found.settings[name].place for name in names if name in found.settings)
                found.mistakes.append(Mistake(next(given, elsewhere), f"{check.options[0]} {reason}"))
