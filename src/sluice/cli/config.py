"""`sluice config`: the default file, and what is wrong with yours."""

import os
from pathlib import Path
from typing import Annotated

import typer


def config(
    check: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Name every mistake in this file, as `sluice run` would."),
    ] = None,
) -> None:
    """Print a commented configuration file with every option, or check one.

    `sluice config > sluice.toml`, then `sluice config --check sluice.toml`.
    The environment counts, as it does for `sluice run`.
    """
    if check is None:
        from sluice.config.render import configuration_file

        typer.echo(configuration_file(), nl=False)
        return
    from sluice.config import read_config

    read_config(check, os.environ)
    typer.echo(f"{check}: fine")
