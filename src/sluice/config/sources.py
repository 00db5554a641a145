"""Where settings come from: a file, the environment, flags.

Rule: a source is read to its end; what is right in it is decoded, what is wrong is collected with its place and
the nearest valid name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sluice.config.option import ENV_PREFIX, Option, meant, nearest, numbered, written
from sluice.config.statements import Statement, leaves, read_statements
from sluice.config.table import OPTIONS, SECTIONS, SEVERAL

ENV_STEMS = {option.env.removeprefix(ENV_PREFIX): option for option in OPTIONS.values()}
KIND = OPTIONS[f"{SEVERAL}.kind"]
NUMBERED_STEM = re.compile(rf"({SEVERAL.upper()})__(\d{{1,3}})__(\w+)", re.ASCII)


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
    """What sources said, by option name (see `numbered`); `spoiled` options were given what they cannot be.

    `numbers` are those of the tables of the section that may be given several times, `unnumbered` what was
    given for its only table by a source in which tables have numbers.
    """

    settings: dict[str, Setting] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)
    numbers: dict[int, Place] = field(default_factory=dict)
    unnumbered: dict[str, Place] = field(default_factory=dict)

    def take(self, option: Option, raw: object, place: Place, number: int = 0, *, lax: bool = False) -> None:
        """Decode `raw` and keep it, or keep what is wrong with it."""
        name = numbered(option.name, number)
        try:
            self.settings[name] = Setting(option.decode(raw, lax=lax), place)
        except ValueError as error:
            self.mistakes.append(Mistake(place, f"{option.name} {error}"))
            self.spoiled.add(name)

    def lay_over(self, stronger: "Found") -> None:
        """Let another source speak last: of a node whose kind it changes, what is of no use then is forgotten."""
        for number in stronger.numbers:
            if kind := stronger.settings.get(numbered(KIND.name, number)):
                for name in useless(self, number, kind.value):
                    del self.settings[name]
        self.settings.update(stronger.settings)
        self.mistakes.extend(stronger.mistakes)
        self.spoiled.update(stronger.spoiled)
        self.numbers.update(stronger.numbers)
        self.unnumbered.update(stronger.unnumbered)


def useless(found: Found, number: int, kind: object) -> list[str]:
    """The settings of the table with this number that mean nothing for a node of this kind."""
    return [
        name
        for option in OPTIONS.values()
        if option.section == SEVERAL and not option.counts_for(kind)
        if (name := numbered(option.name, number)) in found.settings
    ]


def from_file(text: str, name: str, taken: Callable[[Statement], bool] = lambda said: False) -> Found:
    """The settings of a TOML text; `name` is what messages call it. What was `taken` is somebody else's."""
    found = Found()
    statements, broken = read_statements(text)
    found.mistakes.extend(Mistake(Place(name, wrong.line), wrong.reason) for wrong in broken)
    unknown: set[str] = set()
    for said in statements:
        if taken(said):
            continue
        section, *keys = said.path
        if section not in SECTIONS and section not in unknown:
            unknown.add(section)
            found.mistakes.append(Mistake(Place(name, said.line), _no_section(said)))
        if home := section if section in SECTIONS else keys and nearest(section, SECTIONS):
            for one in _spread(replace(said, path=(home, *keys))):
                _take(one, found, Place(name, said.line))
    return found


def _spread(said: Statement) -> Iterator[Statement]:
    """`node = [{...}, {...}]` and `[[node]]` as what stands in their tables, if there may be several."""
    value = said.value
    if (
        said.path != (SEVERAL,)
        or not isinstance(value, list)
        or not all(isinstance(one, dict) for one in value)
    ):
        yield said
        return
    for number, table in enumerate(value, said.number):
        yield Statement(said.line, said.path, {}, is_header=True, number=number)
        for path, leaf in leaves(table):
            yield Statement(said.line, said.path + path, leaf, is_header=False, number=number)


def _take(said: Statement, found: Found, place: Place) -> None:
    """Read one statement of a section that there is."""
    section, *keys = said.path
    is_table = len(keys) > 1 or (keys and said.is_header)
    option = OPTIONS.get(".".join(said.path[:2]))
    if section == SEVERAL:
        found.numbers.setdefault(said.number, place)
    if option is not None:
        if not (is_table and numbered(option.name, said.number) in found.spoiled):
            found.take(option, {} if is_table else said.value, place, said.number)
    elif keys:
        found.mistakes.append(Mistake(place, f"[{section}] has no key {keys[0]}{_instead(section, keys[0])}"))
        found.spoiled.add(numbered(f"{section}.{nearest(keys[0], _keys_of(section))}", said.number))
    elif said.value != {}:
        found.mistakes.append(Mistake(place, f"{section} is a section: begin it with the line [{section}]"))


def _no_section(said: Statement) -> str:
    name = said.path[0]
    if len(said.path) == 1 and not said.is_header and said.value != {}:
        return f"{name} stands in no section{_instead('', name)}"
    return f"there is no section [{name}]{meant(name, SECTIONS)}"


def _instead(section: str, key: str) -> str:
    """Where the key is at home, or how it may be spelt."""
    homes: dict[str, str] = {}
    for option in OPTIONS.values():  # a key may be at home in several sections
        before = f"{homes[option.key]} or " if option.key in homes else ""
        homes[option.key] = f"{before}[{option.section}]"
    if key in homes:
        return f"; it belongs in {homes[key]}"
    if near := nearest(key, _keys_of(section)):
        return f"; did you mean {written(near)}?"
    near = nearest(key, homes)
    return f"; did you mean {written(near)} in {homes[near]}?" if near else ""


def _keys_of(section: str) -> list[str]:
    return [option.key for option in OPTIONS.values() if option.section == section]


def from_environment(environ: Mapping[str, str]) -> Found:
    """The settings of `SLUICE_SECTION__KEY` variables; an empty one counts as not set.

    Where there are several nodes, `SLUICE_NODE__0__KEY` is of the first.
    """
    found = Found()
    for name, text in environ.items():
        if not (name.startswith(ENV_PREFIX) and "__" in name and text):
            continue
        place, (stem, number) = Place(f"environment {name}"), _stem(name)
        if option := ENV_STEMS.get(stem):
            _note(found, option, place, number)
            found.take(option, text, place, number or 0, lax=True)
            continue
        near = nearest(stem, ENV_STEMS)
        instead = f"; did you mean {ENV_PREFIX}{_with_number(near, number)}?" if near else ""
        found.mistakes.append(Mistake(place, f"there is no such option{instead}"))
        if near:
            found.spoiled.add(numbered(ENV_STEMS[near].name, number or 0))
    return found


def _stem(variable: str) -> tuple[str, int | None]:
    """`SLUICE_NODE__1__URL` -> NODE__URL and 1; None where there is no number."""
    stem = variable.removeprefix(ENV_PREFIX)
    if has_number := NUMBERED_STEM.fullmatch(stem):
        return f"{has_number[1]}__{has_number[3]}", int(has_number[2])
    return stem, None


def _with_number(stem: str, number: int | None) -> str:
    section, _, key = stem.partition("__")
    return stem if number is None or section.lower() != SEVERAL else f"{section}__{number}__{key}"


def _note(found: Found, option: Option, place: Place, number: int | None) -> None:
    """Remember which tables there are, and what was said of a table without its number."""
    if option.section == SEVERAL:
        found.numbers.setdefault(number or 0, place)
        if number is None:
            found.unnumbered[option.name] = place


def from_flags(flags: Mapping[str, str]) -> Found:
    """The settings of flags, by option name (`server.listen`), as texts."""
    found = Found()
    for name, text in flags.items():
        option, place = OPTIONS[name], Place(f"flag {OPTIONS[name].flag}")
        _note(found, option, place, None)
        found.take(option, text, place, lax=True)
    return found


def from_platform(environ: Mapping[str, str]) -> Found:
    """The defaults that depend on where we run: the data directory of the XDG base directory specification."""
    found = Found()
    home = environ.get("XDG_DATA_HOME", "")
    if home.startswith("/"):
        found.take(OPTIONS["data.dir"], f"{home}/sluice", Place("environment XDG_DATA_HOME"))
    return found
