"""`sluice demo`: a pool, a chain and miners, all on this machine."""

from typing import Annotated

import typer

from sluice.cli.values import an_endpoint


def demo(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where other miners can connect, too.")] = (
        "127.0.0.1:3333"
    ),
    miners: Annotated[int, typer.Option(min=0, max=64, help="Miners, each a process of its own.")] = 2,
    blocks: Annotated[int | None, typer.Option(min=1, help="End after this many blocks.")] = None,
) -> None:
    """Watch miners find blocks: a pool on a made-up chain, over real encrypted sockets.

    The first line on stdout is the URL for a miner of your own; the live view is on stderr.
    """
    endpoint = an_endpoint(listen, "--listen")
    from sluice.app import run_demo

    raise typer.Exit(run_demo(endpoint, miners, blocks))
