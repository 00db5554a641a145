"""`sluice demo`: a pool, a chain and miners, all on this machine."""

from typing import Annotated

import typer

from sluice.cli.values import an_endpoint
from sluice.config.values import Endpoint
from sluice.config.web_table import OFF

#: Port 0: 8080 if it is free, any other if not.
ANY_PORT = Endpoint("127.0.0.1", 0)


def demo(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where other miners can connect, too.")] = (
        "127.0.0.1:3333"
    ),
    miners: Annotated[int, typer.Option(min=0, max=64, help="Miners, each a process of its own.")] = 2,
    web: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help='Where the dashboard is, "off" for none. [default: any port]'),
    ] = None,
    blocks: Annotated[int | None, typer.Option(min=1, help="End after this many blocks.")] = None,
) -> None:
    """Watch miners find blocks, in a browser too: a pool on a made-up chain, over real encrypted sockets.

    The first line on stdout is the URL for a miner of your own; the live view is on stderr.
    """
    endpoint = an_endpoint(listen, "--listen")
    dashboard = None if web == OFF else an_endpoint(web, "--web") if web else ANY_PORT
    from sluice.app import run_demo

    raise typer.Exit(run_demo(endpoint, dashboard, miners, blocks))
