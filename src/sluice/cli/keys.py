"""`sluice keys`: the pool's authority key, and where the operator's is."""

import os
from pathlib import Path
from typing import Annotated

import typer

from sluice.cli.values import CONFIG_FILE


def keys(
    config: CONFIG_FILE = None,
    file: Annotated[
        Path | None,
        typer.Option(
            help="The key file.", show_default="authority.key in the data directory", dir_okay=False
        ),
    ] = None,
    show_secret: Annotated[bool, typer.Option("--show-secret", help="Print the secret key, too.")] = False,
) -> None:
    """Show the pool's authority key; make it if there is none.

    The first line on stdout is the public key, as it ends a miner's URL. The secret stays in the file (mode 0600).
    """
    from sluice.config import read_config
    from sluice.keys import keep_authority
    from sluice.noise.authority import encode_secret_key

    settings = read_config(config, os.environ, checks=())
    path = file or settings.authority_file
    authority = keep_authority(path)
    typer.echo(authority.public)
    if show_secret:
        typer.echo(encode_secret_key(authority.key.secret))
    typer.echo(f"{'made' if authority.made else 'kept'} in {path}", err=True)
    port = settings.server.listen.port
    typer.echo(f"the operator's key, for the web API, is kept in {settings.operator_key_file}", err=True)
    typer.echo(f"miners connect to stratum2+tcp://HOST:{port}/{authority.public}", err=True)
