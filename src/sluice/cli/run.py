"""`sluice run`: the pool.

Rule: its flags are the rows of the option table; none is written here.
"""

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from sluice.cli.values import CONFIG_FILE
from sluice.config import read_config
from sluice.config.option import Option, written
from sluice.config.table import OPTIONS, SECTIONS
from sluice.config.values import Endpoint

DOC = """Run the pool on your node.

The options below are also keys of the configuration file and variables
of the environment: --listen is `listen` under \\[server], and
SLUICE_SERVER__LISTEN. A flag outweighs a variable, which outweighs the file.
"""

METAVARS = {int: "N", float: "N", str: "TEXT", Path: "PATH", Endpoint: "HOST:PORT"}


def run(config: Path | None, **flags: str | None) -> None:
    """`flags` by parameter name (`server__listen`), None where not given."""
    given = {name.replace("__", "."): text for name, text in flags.items() if text is not None}
    settings = read_config(config, os.environ, given)
    from sluice.app import run_pool
    from sluice.log import configure_log

    configure_log(settings.log.level, settings.log.format)
    raise typer.Exit(run_pool(settings))


def _parameters() -> Iterator[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    yield inspect.Parameter("config", keyword, default=None, annotation=CONFIG_FILE)
    for option in OPTIONS.values():
        if option.flag:
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


run.__doc__ = DOC
run.__signature__ = inspect.Signature(list(_parameters()))  # type: ignore[attr-defined]
