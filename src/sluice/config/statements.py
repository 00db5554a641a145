"""A TOML file as its statements, each with its line.

Rule: tomllib alone decides what TOML is. It is given one statement at a time, so that every statement that does
not parse is named, and every one that does has a line number; at the end it is given the whole.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

_UNFINISHED = "(at end of document)"
_HEADER_NAME = re.compile(r"\s*\[+\s*\"?([\w-]+)")
_UNQUOTED = re.compile(r"\s*[\w.-]+\s*=\s*[^\s\"'\[{]")
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Statement:
    """`[a.b]` has the path (a, b) and is a header; `c = 1` beneath it has (a, b, c) and the value 1.

    Below the second `[[a]]` the number is 1; below `[a]` it is 0.
    """

    line: int
    path: Path
    value: Any
    is_header: bool
    number: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong on a line, in words."""

    line: int
    reason: str


def read_statements(text: str) -> tuple[list[Statement], list[Broken]]:
    """Every statement of `text` that is one, and everything that is wrong with it as TOML."""
    good: list[Statement] = []
    broken: list[Broken] = []
    above: Path = ()
    numbers: Counter[str] = Counter()
    for line, source, parsed in _split(text):
        is_header = source.lstrip().startswith("[")
        if isinstance(parsed, str):
            broken.append(Broken(line, parsed))
            name = _HEADER_NAME.match(source)
            above = (name[1],) if is_header and name else above
            continue
        for path, value in leaves(parsed):
            if is_header:
                above = path
                numbers[path[0]] += len(path) == 1 and isinstance(value, list)
            whole = path if is_header else above + path
            good.append(Statement(line, whole, value, is_header, max(numbers[whole[0]] - 1, 0)))
    broken += _repeated(good)
    return good, broken or _as_a_whole(text)


def leaves(table: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The values of nested tables with their paths; an empty table is a value."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from (((key, *path), leaf) for path, leaf in leaves(value))
        else:
            yield (key,), value


def _split(text: str) -> Iterator[tuple[int, str, dict[str, Any] | str]]:
    """(line number, source, what it parses to or what is wrong) for each statement that is not empty."""
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        size, parsed = _first_statement(lines, at)
        if parsed:
            yield at + 1, "\n".join(lines[at : at + size]), parsed
        at += size


def _first_statement(lines: list[str], at: int) -> tuple[int, dict[str, Any] | str]:
    """How many lines the statement at `at` takes, and what it says; of a broken one, the first line alone."""
    reason = ""
    for end in range(at + 1, len(lines) + 1):
        try:
            return end - at, tomllib.loads("\n".join(lines[at:end]))
        except tomllib.TOMLDecodeError as error:
            reason = reason or _in_words(str(error), lines[at])
            if not str(error).endswith(_UNFINISHED):
                break
    return 1, reason


def _in_words(message: str, line: str = "") -> str:
    where = _WHERE.search(message)
    column = f" at column {where[2]}" if where and where[2] else ""
    hint = "; text needs quotes around it" if _UNQUOTED.match(line) else ""
    return f"not TOML: {_WHERE.sub('', message)}{column}{hint}"


def _repeated(statements: list[Statement]) -> list[Broken]:
    first: dict[tuple[Path, int], Statement] = {}
    again = []
    for said in statements:
        before = first.setdefault((said.path, said.number), said)
        if before is said:
            continue
        name = ".".join(said.path)
        if said.is_header and (isinstance(said.value, list) or isinstance(before.value, list)):
            words = (
                f"[{name}] already begins on line {before.line}; to have several, write [[{name}]] above each"
            )
            again.append(Broken(said.line, words))
        elif said.is_header:
            again.append(Broken(said.line, f"[{name}] already begins on line {before.line}"))
        elif not isinstance(said.value, list | dict):
            again.append(Broken(said.line, f"{name} is already set on line {before.line}"))
    return again


def _as_a_whole(text: str) -> list[Broken]:
    """What is wrong only between statements, such as a table that is declared in two ways."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = _WHERE.search(str(error))
        return [Broken(int(where[1]) if where and where[1] else 1, _in_words(str(error)))]
    return []
