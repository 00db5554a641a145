"""What one option is.

Rule: an option is declared once, as a field of its section's class in `table.py`. Its flag, its environment
variable, the words of its errors and its documentation follow from that row.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from json import dumps
from typing import Annotated, Any, Literal, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from msgspec import Meta, ValidationError, convert

from sluice.config.values import PARSERS, WORDS, Form

T = TypeVar("T")
ENV_PREFIX = "SLUICE_"
#: What a URL may hold by mistake, and no log should.
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)|(?<=password=)[^&\s\"]+")


@dataclass(frozen=True, slots=True)
class Row:
    """What a declaration says beside name, type and default."""

    help: str
    example: str
    flag: str
    secret: bool
    #: In a section of several kinds, those for which the option counts; empty for all of them.
    kinds: tuple[str, ...] = ()


def row(
    help: str,  # noqa: A002
    *,
    default: T,
    example: str = "",
    flag: str = "",
    secret: bool = False,
    kinds: str = "",
) -> T:
    """A field of a section: an option. A secret has no flag, as everyone can read a command line.

    `kinds`, with spaces between them: the only ones for which it counts.
    """
    said: T = field(default=default, metadata={"row": Row(help, example, flag, secret, tuple(kinds.split()))})
    return said


@dataclass_transform(frozen_default=True, field_specifiers=(row,))
def section(cls: type[T]) -> type[T]:
    """Class decorator: a section of the configuration, its options the fields."""
    return dataclass(frozen=True, slots=True)(cls)


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the option table."""

    section: str
    key: str
    type: Any
    default: Any
    row: Row

    @property
    def name(self) -> str:
        """As messages call it, `section.key`."""
        return f"{self.section}.{self.key}"

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return ENV_PREFIX + f"{self.section}__{self.key}".upper()

    def numbered_env(self, number: int) -> str:
        """The one that sets it in the section's table with this number, whether there are others or not."""
        return ENV_PREFIX + f"{self.section}__{number}__{self.key}".upper()

    @property
    def help(self) -> str:
        """What it is for, and for which kinds it counts."""
        return f"{self.row.help} For kind {' or '.join(self.row.kinds)}." if self.row.kinds else self.row.help

    def counts_for(self, kind: object) -> bool:
        """Whether it means anything where the section's `kind` is this one."""
        return not self.row.kinds or kind in self.row.kinds

    @property
    def flag(self) -> str:
        """The flag that sets it, of each command that takes its section; empty for a secret."""
        named = self.row.flag or "--" + self.key.replace("_", "-")
        return "" if self.row.secret else named

    @property
    def base(self) -> Any:
        """The type without its annotations."""
        return get_args(self.type)[0] if get_origin(self.type) is Annotated else self.type

    @property
    def plain_default(self) -> str | int | float:
        """The default as a file would give it."""
        return self.default if isinstance(self.default, str | int | float) else str(self.default)

    @property
    def unit(self) -> str:
        """What a number counts, empty if its name says so."""
        return str((self._meta.extra or {}).get("unit", ""))

    @property
    def choices(self) -> tuple[str, ...]:
        """The only values there are; empty if they are not counted."""
        return get_args(self.base) if get_origin(self.base) is Literal else ()

    @property
    def accepts(self) -> str:
        """What may be written, in words: "a whole number from 1 to 100"."""
        if self.choices:
            return "one of " + ", ".join(map(written, self.choices))
        if form := self._form:
            return form.words
        words = WORDS[self.base] + (f" of {self.unit}" if self.unit else "")
        match self._meta:
            case Meta(ge=int() as least, le=int() as most):
                return f"{words} from {least} to {most}"
            case Meta(gt=int() as less, le=int() as most):
                return f"{words} over {less}, up to {most}"
        return words

    @property
    def _extras(self) -> tuple[Any, ...]:
        return get_args(self.type)[1:] if get_origin(self.type) is Annotated else ()

    @property
    def _meta(self) -> Meta:
        return next((extra for extra in self._extras if isinstance(extra, Meta)), Meta())

    @property
    def _form(self) -> Form | None:
        return next((extra for extra in self._extras if isinstance(extra, Form)), None)

    def decode(self, raw: object, *, lax: bool = False) -> Any:
        """`raw` as the option's own type; ValueError says what it must be.

        `lax` reads numbers from text, as the environment and flags give them.
        """
        shown = "not what was given" if self.row.secret else f"not {_CREDENTIALS.sub('***', written(raw))}"
        parse = PARSERS.get(self.base)
        try:
            value: Any = parse(convert(raw, str)) if parse else convert(raw, self.type, strict=not lax)
            if form := self._form:
                form.check(value)
        except ValidationError as error:
            raise ValueError(f"must be {self.accepts}, {shown}{meant(raw, self.choices)}") from error
        except ValueError as error:
            raise ValueError(f"{error}, {shown}") from error
        return value


def options_of(sections: Mapping[str, type]) -> tuple[Option, ...]:
    """Every option of these section classes, in the order of declaration."""
    return tuple(
        Option(name, entry.name, get_type_hints(cls, include_extras=True)[entry.name], entry.default, said)
        for name, cls in sections.items()
        for entry in fields(cls)
        for said in [entry.metadata["row"]]
    )


def numbered(name: str, number: int) -> str:
    """What an option is kept under in a section's table with this number: `node.url`, then `node.1.url`."""
    section, key = name.split(".")
    return f"{section}.{number}.{key}" if number else name


def written(value: object) -> str:
    """`value` as a TOML file has it (a path or endpoint as the text it is made from)."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case int() | float():
            return str(value)
        case list():
            return "an array"
        case dict():
            return "a table"
    # JSON's strings are TOML's, but for the one control character that JSON lets stand.
    return dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known name that looks most like `word`, if one does."""
    return next(iter(get_close_matches(str(word), list(known), n=1)), None)


def meant(word: object, known: Iterable[str]) -> str:
    """The tail of a message that names the nearest valid name: `; did you mean "port"?`."""
    near = nearest(word, known)
    return f"; did you mean {written(near)}?" if near else ""
