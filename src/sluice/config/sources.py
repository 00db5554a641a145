"""Where settings come from: a file, the environment, flags.

Rule: a source is read to its end; what is right in it is decoded, what is wrong is collected with its place and
the nearest valid name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.config.option import ENV_PREFIX, Option, meant, nearest, written
from sluice.config.statements import Statement, read_statements
from sluice.config.table import OPTIONS, SECTIONS

ENV_STEMS = {option.env.removeprefix(ENV_PREFIX): option for option in OPTIONS.values()}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a setting stands: a file's line, or a source without lines."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        """As messages begin."""
        return f"{self.source}, line {self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where."""

    place: Place
    text: str

    def __str__(self) -> str:
        """The line that a person reads."""
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in its own type, and where it was set."""

    value: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """What sources said, by option name; `spoiled` options were given something that they cannot be."""

    settings: dict[str, Setting] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)

    def take(self, option: Option, raw: object, place: Place, *, lax: bool = False) -> None:
        """Decode `raw` and keep it, or keep what is wrong with it."""
        try:
            self.settings[option.name] = Setting(option.decode(raw, lax=lax), place)
        except ValueError as error:
            self.mistakes.append(Mistake(place, f"{option.name} {error}"))
            self.spoiled.add(option.name)

    def lay_over(self, stronger: "Found") -> None:
        """Let another source speak last."""
        self.settings.update(stronger.settings)
        self.mistakes.extend(stronger.mistakes)
        self.spoiled.update(stronger.spoiled)


def from_file(text: str, name: str) -> Found:
    """The settings of a TOML text; `name` is what messages call it."""
    found = Found()
    statements, broken = read_statements(text)
    found.mistakes.extend(Mistake(Place(name, wrong.line), wrong.reason) for wrong in broken)
    unknown: set[str] = set()
    for said in statements:
        section, *keys = said.path
        if section not in SECTIONS and section not in unknown:
            unknown.add(section)
            found.mistakes.append(Mistake(Place(name, said.line), _no_section(said)))
        if home := section if section in SECTIONS else keys and nearest(section, SECTIONS):
            _take(replace(said, path=(home, *keys)), found, Place(name, said.line))
    return found


def _take(said: Statement, found: Found, place: Place) -> None:
    """Read one statement of a section that there is."""
    section, *keys = said.path
    is_table = len(keys) > 1 or (keys and said.is_header)
    option = OPTIONS.get(".".join(said.path[:2]))
    if option is not None:
        if not (is_table and option.name in found.spoiled):
            found.take(option, {} if is_table else said.value, place)
    elif keys:
        found.mistakes.append(Mistake(place, f"[{section}] has no key {keys[0]}{_instead(section, keys[0])}"))
        found.spoiled.add(f"{section}.{nearest(keys[0], _keys_of(section))}")
    elif said.value != {}:
        found.mistakes.append(Mistake(place, f"{section} is a section: begin it with the line [{section}]"))


def _no_section(said: Statement) -> str:
    name = said.path[0]
    if len(said.path) == 1 and not said.is_header and said.value != {}:
        return f"{name} stands in no section{_instead('', name)}"
    return f"there is no section [{name}]{meant(name, SECTIONS)}"


def _instead(section: str, key: str) -> str:
    """Where the key is at home, or how it may be spelt."""
    homes = {option.key: option.section for option in OPTIONS.values()}
    if key in homes:
        return f"; it belongs in [{homes[key]}]"
    if near := nearest(key, _keys_of(section)):
        return f"; did you mean {written(near)}?"
    near = nearest(key, homes)
    return f"; did you mean {written(near)} in [{homes[near]}]?" if near else ""


def _keys_of(section: str) -> list[str]:
    return [option.key for option in OPTIONS.values() if option.section == section]


def from_environment(environ: Mapping[str, str]) -> Found:
    """The settings of `SLUICE_SECTION__KEY` variables; an empty one counts as not set."""
    found = Found()
    for name, text in environ.items():
        if not (name.startswith(ENV_PREFIX) and "__" in name and text):
            continue
        place, stem = Place(f"environment {name}"), name.removeprefix(ENV_PREFIX)
        if option := ENV_STEMS.get(stem):
            found.take(option, text, place, lax=True)
            continue
        near = nearest(stem, ENV_STEMS)
        instead = f"; did you mean {ENV_PREFIX}{near}?" if near else ""
        found.mistakes.append(Mistake(place, f"there is no such option{instead}"))
        if near:
            found.spoiled.add(ENV_STEMS[near].name)
    return found


def from_flags(flags: Mapping[str, str]) -> Found:
    """The settings of flags, by option name (`server.listen`), as texts."""
    found = Found()
    for name, text in flags.items():
        found.take(OPTIONS[name], text, Place(f"flag {OPTIONS[name].flag}"), lax=True)
    return found


def from_platform(environ: Mapping[str, str]) -> Found:
    """The defaults that depend on where we run: the data directory of the XDG base directory specification."""
    found = Found()
    home = environ.get("XDG_DATA_HOME", "")
    if home.startswith("/"):
        found.take(OPTIONS["data.dir"], f"{home}/sluice", Place("environment XDG_DATA_HOME"))
    return found
