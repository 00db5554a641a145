"""The option table as flags of a command, and back.

Rule: a command says which sections it takes; no flag is written by hand.
"""

import inspect
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sluice.cli.values import CONFIG_FILE
from sluice.config.option import Option, written
from sluice.config.table import OPTIONS, SECTIONS
from sluice.config.values import Endpoint

METAVARS = {int: "N", float: "N", str: "TEXT", Path: "PATH", Endpoint: "HOST:PORT"}


def signature(sections: Collection[str]) -> inspect.Signature:
    """`--config`, and a flag for each option of these sections that has one, None where it is not given."""
    return inspect.Signature(list(_parameters(sections)))


def settings(flags: Mapping[str, str | None]) -> dict[str, str]:
    """The flags that were given, by parameter name (`server__listen`), as texts by option name."""
    return {name.replace("__", "."): text for name, text in flags.items() if text is not None}


def _parameters(sections: Collection[str]) -> Iterator[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    yield inspect.Parameter("config", keyword, default=None, annotation=CONFIG_FILE)
    for option in OPTIONS.values():
        if option.flag and option.section in sections:
            name = option.name.replace(".", "__")
            yield inspect.Parameter(name, keyword, default=None, annotation=_annotation(option))


def _annotation(option: Option) -> Any:
    said = typer.Option(
        option.flag,
        metavar="|".join(option.choices) or METAVARS[option.base],
        help=f"{option.help} {_limits(option)}",
        show_default=False,
        rich_help_panel=f"\\[{option.section}] {SECTIONS[option.section].__doc__}",
    )
    return Annotated[str | None, said]


def _limits(option: Option) -> str:
    accepts = "" if option.choices else option.accepts
    default = "" if option.default == "" else f"default {written(option.plain_default)}"
    return f"({'; '.join(filter(None, (accepts, default)))})"
