"""What several commands read from the command line in the same way."""

from pathlib import Path
from typing import Annotated

import typer

from sluice.config.values import Endpoint, parse_endpoint

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


def an_endpoint(text: str, flag: str) -> Endpoint:
    """`host:port`; a usage error otherwise."""
    try:
        return parse_endpoint(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}, not {text!r}", param_hint=flag) from error
